"""What pod and owner events mean: expectations to cross off, owners to look at.

A pod controlled by an owner of this kind concerns that owner. A pod nobody controls concerns
every owner whose selector matches it: one of them may adopt it.
"""

from typing import Self

from kcore.client.informer import Informer
from kcore.controllers.pod_condition import is_ready, is_terminating
from kcore.controllers.replica_set.kind import ReplicaKind
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.meta import controller_of
from kcore.reconcile.controller import fork_clock
from kcore.reconcile.expectations import Expectations
from kcore.reconcile.ownership import Strays
from kcore.reconcile.sources import key_of
from kcore.reconcile.workqueue import WorkQueue
from kcore.runtime.clock import SECOND_NS, Clock


class PodHandler:
    """Pods of one replica kind."""

    def __init__(
        self,
        kind: ReplicaKind,
        clock: Clock,
        queue: WorkQueue,
        expectations: Expectations,
        strays: Strays,
        owners: Informer,
    ) -> None:
        self._kind = kind
        self._clock = clock
        self._queue = queue
        self._expectations = expectations
        self._strays = strays
        self._owners = owners

    def on_add(self, pod: FrozenMap) -> None:
        """A pod was created, or is seen for the first time."""
        self._strays.see(pod)
        if is_terminating(pod):
            # A restarted controller may first see a pod when it is already going.
            self._deleted(pod)
            return
        reference = controller_of(pod)
        if reference is None:
            self._enqueue_matching(pod)
        elif self._kind.owns(reference):
            self._expectations.creation_observed(reference["uid"])
            self._enqueue(pod, reference)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A pod changed; it may have changed hands."""
        self._strays.see(new)
        labels_changed = old.at("metadata", "labels") != new.at("metadata", "labels")
        if is_terminating(new):
            self._deleted(new)
            if labels_changed:
                self._deleted(old)
            return
        before, after = controller_of(old), controller_of(new)
        if before is not None and before != after and self._kind.owns(before):
            self._enqueue(old, before)
        if after is not None:
            if self._kind.owns(after):
                self._enqueue(new, after)
                self._enqueue_availability(old, new, after)
        elif labels_changed or before is not None:
            self._enqueue_matching(new)

    def on_delete(self, pod: FrozenMap) -> None:
        """A pod is gone."""
        self._strays.gone(pod)
        self._deleted(pod)

    def _deleted(self, pod: FrozenMap) -> None:
        reference = controller_of(pod)
        if reference is not None and self._kind.owns(reference):
            self._expectations.deletion_observed(reference["uid"], pod["metadata"]["uid"])
            self._enqueue(pod, reference)

    def _enqueue(self, pod: FrozenMap, reference: FrozenMap) -> None:
        self._queue.add(f"{pod['metadata']['namespace']}/{reference['name']}")

    def _enqueue_availability(self, old: FrozenMap, new: FrozenMap, reference: FrozenMap) -> None:
        """Look again once a pod that has just become ready counts as available."""
        if is_ready(old) or not is_ready(new) or not self._owners.has_synced:
            return
        namespace = new["metadata"]["namespace"]
        owner = self._owners.lister.get(namespace, reference["name"])
        min_ready_s = 0 if owner is None else owner.at("spec", "minReadySeconds", default=0)
        if min_ready_s > 0:
            # Upstream adds a second: the ready time has been cut to whole seconds.
            delay_ns = (min_ready_s + 1) * SECOND_NS
            key = f"{namespace}/{reference['name']}"
            self._queue.add_after(key, delay_ns, self._clock.now_ns())

    def _enqueue_matching(self, pod: FrozenMap) -> None:
        if not self._owners.has_synced:
            return  # every owner is enqueued when its informer lists
        labels = pod.at("metadata", "labels")
        if not labels:
            return
        for owner in self._owners.lister.list(pod["metadata"]["namespace"]):
            if self._kind.selector_of(owner).matches(labels):
                self._queue.add(key_of(owner))

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue, expectations and caches."""
        return type(self)(
            self._kind,
            fork_clock(self._clock, memo),
            memo(self._queue),
            memo(self._expectations),
            memo(self._strays),
            memo(self._owners),
        )


class OwnerHandler:
    """ReplicaSets or ReplicationControllers themselves."""

    def __init__(self, queue: WorkQueue, expectations: Expectations) -> None:
        self._queue = queue
        self._expectations = expectations

    def on_add(self, owner: FrozenMap) -> None:
        """A new owner."""
        self._queue.add(key_of(owner))

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """An owner changed, in spec or status."""
        self._queue.add(key_of(new))

    def on_delete(self, owner: FrozenMap) -> None:
        """An owner is gone, and with it what it waited for."""
        self._expectations.forget(owner["metadata"]["uid"])
        self._queue.add(key_of(owner))

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and expectations."""
        return type(self)(memo(self._queue), memo(self._expectations))
