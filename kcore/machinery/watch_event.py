"""Changes as a watcher sees them, and the two interfaces between the API and its readers.

A `View` is an immutable picture of one resource at one revision. A `WatchStream` is a cursor: it
hands out one event at a time, and its `view` is the state up to the last event handed out. An
informer's cache is therefore not a copy but the view its cursor has reached; not moving the
cursor *is* a stale cache.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol, Self, TypeVar

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.records import record

S = TypeVar("S")

ADDED: Final = "ADDED"
MODIFIED: Final = "MODIFIED"
DELETED: Final = "DELETED"
BOOKMARK: Final = "BOOKMARK"
ERROR: Final = "ERROR"


@record
class WatchEvent(NamedTuple):
    """`type` as on the wire; a DELETED event carries the last content at the deletion's revision.

    `old` is the previous content where the server has it (always, for a change of a live object).
    """

    type: str
    object: FrozenMap
    revision: int
    old: FrozenMap | None = None


class ObjectChange(Protocol):
    """What happened to one object, for those who keep a state: no words, no bookmarks."""

    @property
    def key(self) -> str:
        """`namespace/name`; of a cluster-scoped object the namespace is empty."""

    @property
    def value(self) -> FrozenMap | None:
        """The content from now on; None: deleted, or not selected any more."""

    @property
    def previous_value(self) -> FrozenMap | None:
        """The content up to now; None: it was not there, or not selected."""


class Change(NamedTuple):
    """An `ObjectChange` that somebody worked out."""

    key: str
    value: FrozenMap | None
    previous_value: FrozenMap | None


Drained = tuple[list[FrozenMap | None], list[FrozenMap | None]]
"""The contents after some changes and, in the other list, those before them."""


def drained(change: Callable[[], ObjectChange | None]) -> Drained:
    """What a stream hands out one by one, together."""
    changes = list(iter(change, None))
    return [one.value for one in changes], [one.previous_value for one in changes]


def change_of(event: WatchEvent) -> Change:
    """What an event that is no bookmark says happened. O(1)."""
    metadata = event.object["metadata"]
    key = f"{metadata.get('namespace') or ''}/{metadata['name']}"
    if event.type == DELETED:
        return Change(key, None, event.object if event.old is None else event.old)
    return Change(key, event.object, event.old if event.type == MODIFIED else None)


class View(Protocol):
    """One resource at one revision. Objects come in key order (namespace, then name)."""

    @property
    def revision(self) -> int:
        """The revision this view shows."""

    def get(self, namespace: str, name: str) -> FrozenMap | None:
        """The object, or None. O(log n)."""

    def list(self, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object, or those of one namespace. O(log n + m)."""

    def by_index(self, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`, in key order. O(log n + m).

        Raises:
            KeyError: no such index for this resource.
        """

    def summaries(
        self, index: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> Sequence[S]:
        """`summarize` of each run of the objects of `by_index`, in order.

        `summarize` is a pure module-level function that does not return None; it is asked again
        only for runs in which something has changed. O(runs + changes since the last question).

        Raises:
            KeyError: no such index for this resource.
        """

    def __len__(self) -> int:
        """How many objects. O(1)."""


class WatchStream(Protocol):
    """A cursor over the changes of one resource."""

    @property
    def view(self) -> View:
        """The state at the last event handed out (the listed state before the first)."""

    def pending(self) -> bool:
        """Whether `next` has something."""

    def next(self) -> WatchEvent | None:
        """The next change, or None when there is none yet. O(1) plus the selector's match.

        Raises:
            ApiError: 410 Expired, when history no longer reaches back to the cursor.
        """

    def change(self) -> ObjectChange | None:
        """The next change of an object as `next` would tell of it; bookmarks are passed over.

        Raises:
            ApiError: as `next`.
        """

    def drain(self) -> Drained:
        """All that `change` would give, without the keys: for those who read many at once.

        Raises:
            ApiError: as `next`.
        """

    def fork(self, memo: ForkMemo) -> Self:
        """The same position over the forked store."""
