"""The pods of one node: the door to the `crowd` kernel.

A list that never changes, whose successors cost nothing to make, and the sums of what its pods ask
for: see `kcore/_native/reference/crowd.py`. Pods are in upstream's order: added at the end, removed
by moving the last one into the gap.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from kcore import _native
from kcore.errors import InvariantError
from kcore.scheduler.pod_info import PodInfo

if TYPE_CHECKING:
    from kcore._native.reference import crowd

    NodePods: TypeAlias = crowd.Crowd[PodInfo]
else:
    NodePods = _native.crowd.Crowd


def node_pods(members: Iterable[PodInfo] = (), sums: tuple[int, ...] = ()) -> NodePods:
    """Pods who ask for so much together; who leaves without being there is a broken invariant."""
    return NodePods(members, sums, _absent)


def _absent(pod: PodInfo) -> Exception:
    return InvariantError(f"pod {pod.key} ({pod.uid}) left a node where it was not")
