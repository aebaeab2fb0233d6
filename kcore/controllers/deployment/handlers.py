"""Which Deployment an event concerns.

A controlled ReplicaSet concerns its owner; one nobody controls, every Deployment whose selector
matches it. Pods matter only when the last one of a Deployment that recreates is gone.
"""

from typing import Self

from kcore.client.informer import Informer
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import from_label_selector
from kcore.machinery.meta import controller_of
from kcore.reconcile.ownership import Strays, controller_uid
from kcore.reconcile.sources import key_of
from kcore.reconcile.workqueue import WorkQueue


def owned_by(obj: FrozenMap, kind: str) -> FrozenMap | None:
    """The controlling reference when it names this `apps` kind."""
    reference = controller_of(obj)
    if reference is None or reference.get("kind") != kind:
        return None
    return reference if (reference.get("apiVersion") or "").startswith("apps/") else None


class ReplicaSetHandler:
    """ReplicaSets, controlled or not."""

    def __init__(self, queue: WorkQueue, strays: Strays, deployments: Informer) -> None:
        self._queue = queue
        self._strays = strays
        self._deployments = deployments

    def on_add(self, obj: FrozenMap) -> None:
        """A new ReplicaSet, or one seen for the first time."""
        self._strays.see(obj)
        if controller_of(obj) is None and obj.at("metadata", "deletionTimestamp") is None:
            self._enqueue_matching(obj)
        else:
            self._enqueue_owner(obj)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A ReplicaSet changed; it may have changed hands."""
        self._strays.see(new)
        changed_hands = controller_of(old) != controller_of(new)
        if changed_hands:
            self._enqueue_owner(old)
        if controller_of(new) is not None:
            self._enqueue_owner(new)
        elif changed_hands or old.at("metadata", "labels") != new.at("metadata", "labels"):
            self._enqueue_matching(new)

    def on_delete(self, obj: FrozenMap) -> None:
        """A ReplicaSet is gone."""
        self._strays.gone(obj)
        self._enqueue_owner(obj)

    def _enqueue_owner(self, obj: FrozenMap) -> None:
        reference = owned_by(obj, "Deployment")
        if reference is not None:
            self._queue.add(f"{obj['metadata']['namespace']}/{reference['name']}")

    def _enqueue_matching(self, obj: FrozenMap) -> None:
        labels = obj.at("metadata", "labels")
        if not labels or not self._deployments.has_synced:
            return
        for deployment in self._deployments.lister.list(obj["metadata"]["namespace"]):
            if from_label_selector(deployment.at("spec", "selector")).matches(labels):
                self._queue.add(key_of(deployment))

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and caches."""
        return type(self)(memo(self._queue), memo(self._strays), memo(self._deployments))


class LastPodHandler:
    """Deleted pods of Deployments with strategy Recreate."""

    def __init__(
        self, queue: WorkQueue, deployments: Informer, replica_sets: Informer, pods: Informer
    ) -> None:
        self._queue = queue
        self._deployments = deployments
        self._replica_sets = replica_sets
        self._pods = pods

    def on_add(self, pod: FrozenMap) -> None:
        """Nothing: the ReplicaSet's status tells."""

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Nothing: the ReplicaSet's status tells."""

    def on_delete(self, pod: FrozenMap) -> None:
        """The last old pod makes room for the new ones."""
        deployment = self._deployment_of(pod)
        if deployment is None or deployment.at("spec", "strategy", "type") != "Recreate":
            return
        uid = deployment["metadata"]["uid"]
        for replica_set in self._replica_sets.lister.by_index("owner", uid):
            own = replica_set["metadata"]["uid"]
            if any(
                controller_uid(other) == own for other in self._pods.lister.by_index("owner", own)
            ):
                return
        self._queue.add(key_of(deployment))

    def _deployment_of(self, pod: FrozenMap) -> FrozenMap | None:
        if not (self._deployments.has_synced and self._replica_sets.has_synced):
            return None
        namespace = pod["metadata"]["namespace"]
        reference = owned_by(pod, "ReplicaSet")
        if reference is None:
            return None
        replica_set = self._replica_sets.lister.get(namespace, reference["name"])
        if replica_set is None or replica_set["metadata"]["uid"] != reference["uid"]:
            return None
        owner = owned_by(replica_set, "Deployment")
        if owner is None:
            return None
        found = self._deployments.lister.get(namespace, owner["name"])
        same = found is not None and found["metadata"]["uid"] == owner["uid"]
        return found if same else None

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and caches."""
        return type(self)(
            memo(self._queue),
            memo(self._deployments),
            memo(self._replica_sets),
            memo(self._pods),
        )
