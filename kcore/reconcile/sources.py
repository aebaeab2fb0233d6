"""Which changes ask for which keys: an object's own, its owner's, or mapped ones.

A source is a description (`For("deployments.apps")`). When a controller is built, each source
becomes a handler on the shared informer of its resource. Handlers hold the queue and forkable
neighbours only, so that a forked informer feeds the forked queue.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, Self

from kcore.client.informer import EventHandler
from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.reconcile.predicates import Change, anything
from kcore.reconcile.reconciler import fork_attribute
from kcore.reconcile.workqueue import WorkQueue


class Mapper(Protocol):
    """Answers with the keys (`namespace/name`) that a change of `obj` concerns.

    A module-level function will do; an object that looks things up has a `fork(memo)`.
    """

    def __call__(self, obj: FrozenMap, /) -> Iterable[str]:
        """Keys in a fixed order."""


class Source(Protocol):
    """A resource to watch and what to do about its events."""

    @property
    def resource(self) -> str:
        """What the informer watches."""

    def handler(self, queue: WorkQueue) -> EventHandler:
        """The handler that feeds `queue`."""


@dataclass(frozen=True, slots=True)
class For:
    """The reconciled objects themselves."""

    resource: str
    predicate: Change = anything

    def handler(self, queue: WorkQueue) -> EventHandler:
        """Enqueue the changed object."""
        return EnqueueHandler(queue, own_key, self.predicate)


@dataclass(frozen=True, slots=True)
class Owns:
    """Objects controlled by a `kind` of group `group`: their owner is enqueued."""

    resource: str
    kind: str
    group: str = ""
    predicate: Change = anything

    def handler(self, queue: WorkQueue) -> EventHandler:
        """Enqueue the owner, before and after the change."""
        return EnqueueHandler(queue, OwnerKeys(self.kind, self.group), self.predicate)


@dataclass(frozen=True, slots=True)
class Watches:
    """Any other resource, with a mapper from its objects to keys."""

    resource: str
    mapper: Mapper
    predicate: Change = anything

    def handler(self, queue: WorkQueue) -> EventHandler:
        """Enqueue what the mapper says, of the old state and the new."""
        return EnqueueHandler(queue, self.mapper, self.predicate)


@dataclass(frozen=True, slots=True)
class Handles:
    """A handler that does its own enqueueing, for a controller with expectations."""

    resource: str
    own: EventHandler

    def handler(self, queue: WorkQueue) -> EventHandler:
        """The handler itself."""
        return self.own


class EnqueueHandler:
    """Adds mapped keys to a queue."""

    __slots__ = ("_mapper", "_predicate", "_queue")

    def __init__(self, queue: WorkQueue, mapper: Mapper, predicate: Change) -> None:
        self._queue = queue
        self._mapper = mapper
        self._predicate = predicate

    def on_add(self, obj: FrozenMap) -> None:
        """An object is there that was not."""
        if self._predicate(None, obj):
            self._add(obj)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """An object changed: what it concerned before counts too."""
        if self._predicate(old, new):
            self._add(old)
            self._add(new)

    def on_delete(self, obj: FrozenMap) -> None:
        """An object is gone."""
        if self._predicate(obj, None):
            self._add(obj)

    def _add(self, obj: FrozenMap) -> None:
        for key in self._mapper(obj):
            self._queue.add(key)

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue."""
        where = type(self).__name__
        return type(self)(
            memo(self._queue),
            fork_attribute(memo, self._mapper, where),
            fork_attribute(memo, self._predicate, where),
        )


def key_of(obj: FrozenMap) -> str:
    """`namespace/name`; a cluster-scoped object's key starts with the slash."""
    metadata = obj["metadata"]
    return f"{metadata.get('namespace') or ''}/{metadata['name']}"


def own_key(obj: FrozenMap) -> tuple[str, ...]:
    """The changed object's own key."""
    return (key_of(obj),)


@dataclass(frozen=True, slots=True)
class OwnerKeys:
    """The key of the controlling owner, if it is of this group and kind."""

    kind: str
    group: str = ""

    def __call__(self, obj: FrozenMap) -> tuple[str, ...]:
        """Zero or one key."""
        metadata = obj["metadata"]
        for reference in metadata.get("ownerReferences") or EMPTY_LIST:
            if reference.controller and reference.get("kind") == self.kind:
                group = (reference.get("apiVersion") or "").rpartition("/")[0]
                if group == self.group:
                    return (f"{metadata.get('namespace') or ''}/{reference['name']}",)
        return ()
