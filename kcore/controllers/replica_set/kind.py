"""What differs between ReplicaSet and ReplicationController: names and the form of the selector."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.identity_memo import once_per_object
from kcore.machinery.labels import Selector, from_label_selector, from_set


@dataclass(frozen=True, slots=True)
class ReplicaKind:
    """One of the two kinds this controller serves."""

    kind: str
    group: str
    resource: str
    component: str
    selector_of: Callable[[FrozenMap], Selector]
    counts_terminating: bool

    def owns(self, reference: FrozenMap) -> bool:
        """Whether an owner reference names this kind."""
        group = (reference.get("apiVersion") or "").rpartition("/")[0]
        return reference.get("kind") == self.kind and group == self.group


_compiled = once_per_object()(from_label_selector)


def _replica_set_selector(owner: FrozenMap) -> Selector:
    return _compiled(owner.at("spec", "selector"))


def _replication_controller_selector(owner: FrozenMap) -> Selector:
    return from_set(owner.at("spec", "selector"))


REPLICA_SET: Final = ReplicaKind(
    "ReplicaSet", "apps", "replicasets.apps", "replicaset-controller", _replica_set_selector, True
)
REPLICATION_CONTROLLER: Final = ReplicaKind(
    "ReplicationController",
    "",
    "replicationcontrollers",
    "replication-controller",
    _replication_controller_selector,
    False,
)
