"""Which objects a change makes worth a look.

Keys are `resource/namespace/name`, with a word before the resource that says why: `check` a new
reference to an owner that seems absent, `judge` an object whose owner is gone or going, `orphan`
the dependents of an object.
"""

from typing import Final, Self

from kcore.controllers.garbage_collector.edges import Edges
from kcore.controllers.garbage_collector.graph import (
    FOREGROUND,
    ORPHAN,
    references,
    starts_deletion_with,
    unblocked_owners,
    waits_for_dependents,
)
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.reconcile.sources import key_of
from kcore.reconcile.workqueue import WorkQueue

CHECK: Final = "check"
JUDGE: Final = "judge"
ORPHANS: Final = "orphan"


def work_key(verb: str, resource: str, obj: FrozenMap) -> str:
    """`judge/pods/default/web`."""
    return f"{verb}/{resource}/{key_of(obj)}"


class GraphHandler:
    """Events of one resource."""

    def __init__(self, resource: str, queue: WorkQueue, edges: Edges) -> None:
        self._resource = resource
        self._queue = queue
        self._edges = edges

    def on_add(self, obj: FrozenMap) -> None:
        """An object with owners: do they exist?"""
        self._edges.see(self._resource, obj)
        self._check(obj)
        self._start(None, obj)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Owners may have changed, or a deletion may have begun."""
        if references(old) != references(new):
            self._edges.see(self._resource, new)
            self._check(new)
            for reference in unblocked_owners(old, new):
                self._look_at_owner(reference, new["metadata"].get("namespace") or "")
        self._start(old, new)

    def on_delete(self, obj: FrozenMap) -> None:
        """Dependents have lost an owner; a waiting owner may have lost its last dependent."""
        for resource, dependent in self._edges.dependents(obj["metadata"]["uid"]):
            self._queue.add(work_key(JUDGE, resource, dependent))
        for reference in references(obj):
            self._look_at_owner(reference, obj["metadata"].get("namespace") or "")

    def _check(self, obj: FrozenMap) -> None:
        namespace = obj["metadata"].get("namespace") or ""
        for reference in references(obj):
            if self._edges.cached_owner(reference, namespace) is None:
                self._queue.add(work_key(CHECK, self._resource, obj))

    def _start(self, old: FrozenMap | None, new: FrozenMap) -> None:
        if starts_deletion_with(old, new, ORPHAN):
            self._queue.add(work_key(ORPHANS, self._resource, new))
        elif starts_deletion_with(old, new, FOREGROUND):
            for resource, dependent in self._edges.dependents(new["metadata"]["uid"]):
                self._queue.add(work_key(JUDGE, resource, dependent))
            self._queue.add(work_key(JUDGE, self._resource, new))

    def _look_at_owner(self, reference: FrozenMap, namespace: str) -> None:
        """Enqueue the owner if it waits for its dependents."""
        owner = self._edges.cached_owner(reference, namespace)
        info = self._edges.resource_of(reference)
        if owner is not None and info is not None and waits_for_dependents(owner):
            self._queue.add(work_key(JUDGE, str(info.group_resource), owner))

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and graph."""
        return type(self)(self._resource, memo(self._queue), memo(self._edges))
