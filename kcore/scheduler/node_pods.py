"""The pods of one node: the door to the `crowd` kernel.

A list that never changes, whose successors cost nothing to make, and the sums of what its pods ask
for: see `kcore/_native/reference/crowd.py`.
"""

from typing import TYPE_CHECKING, TypeAlias

from kcore import _native
from kcore.errors import InvariantError
from kcore.scheduler.pod_info import PodInfo

if TYPE_CHECKING:
    from kcore._native.reference import crowd

    Crowd: TypeAlias = crowd.Crowd[PodInfo]
else:
    Crowd = _native.crowd.Crowd


class NodePods(Crowd):
    """Pods in upstream's order: added at the end, removed by moving the last one into the gap."""

    __slots__ = ()

    def absent(self, member: PodInfo) -> Exception:
        """What to raise when a pod left that was not here: `InvariantError`."""
        return InvariantError(f"pod {member.key} ({member.uid}) left a node where it was not")
