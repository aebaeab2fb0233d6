"""What would happen if: questions to a forked scheduler, answered by searches alone.

Nothing is written and no controller runs: the answer is where the scheduler would put pods in the
state it knows, one after another, each counting for the next. Preemption is not considered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.attempt import Found

if TYPE_CHECKING:
    from kcore.scheduler.scheduler import Scheduler

_MIRROR: Final = "kubernetes.io/config.mirror"


@dataclass(frozen=True, slots=True)
class DrainPlan:
    """Where the pods of a node would go, by `namespace/name`.

    `moves` is the new node of each pod, `stuck` why a pod fits nowhere, `staying` are pods that a
    drain leaves alone (those of DaemonSets, and mirror pods of static pods).
    """

    node_name: str
    moves: Mapping[str, str]
    stuck: Mapping[str, str]
    staying: tuple[str, ...]

    @property
    def is_possible(self) -> bool:
        """Whether every pod fits somewhere else."""
        return not self.stuck


def plan_drain(scheduler: "Scheduler", node_name: str) -> DrainPlan:
    """Where the pods of a node would go if it was drained; `scheduler` is left as it is.

    As `kubectl drain` does, the node is cordoned and its pods leave; a pod that tolerates cordons
    may come back to it. Pods are placed in the order of their priorities, highest first, then as
    they came to the node. O(pods on the node) searches, and a fork.

    Raises:
        KeyError: the scheduler knows no such node.
    """
    if scheduler.world.cache.node(node_name) is None:
        raise KeyError(f"no node {node_name!r}")
    scheduler.refresh()
    return _drain(scheduler.fork(ForkMemo()), node_name)


def _drain(scheduler: "Scheduler", node_name: str) -> DrainPlan:
    cache = scheduler.world.cache
    node = cache.node(node_name)
    assert node is not None  # The original has it.
    staying = [pod for pod in node.pods if is_bound_to_node(pod.pod)]
    leaving = [pod for pod in node.pods if not is_bound_to_node(pod.pod)]
    for pod in leaving:
        cache.remove_pod(pod.uid)
    if node.node is not None:
        cache.set_node(node.node.set(("spec", "unschedulable"), True))
    moves: dict[str, str] = {}
    stuck: dict[str, str] = {}
    for pod in sorted(leaving, key=lambda one: -one.priority):
        homeless = pod.on_node("")
        found = scheduler.find_node(homeless)
        if isinstance(found, Found):
            cache.assume(homeless.on_node(found.node_name))
            moves[pod.key] = found.node_name
        else:
            stuck[pod.key] = found.diagnosis.message
    return DrainPlan(node_name, moves, stuck, tuple(pod.key for pod in staying))


def is_bound_to_node(pod: FrozenMap) -> bool:
    """Whether a pod goes with its node: a DaemonSet's, or the mirror of a static pod."""
    if _MIRROR in (pod.at("metadata", "annotations") or ()):
        return True
    owners = pod.at("metadata", "ownerReferences", default=EMPTY_LIST)
    return any(owner.get("controller") and owner.get("kind") == "DaemonSet" for owner in owners)
