"""A watcher's place in the history of one bucket: a part of the twin of the `ledger` kernel.

The class of cursors builds on this. It makes the views and is called back for what is rare.
"""

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kcore._native.reference.ledger_log import Event, Log
from kcore._native.reference.ledger_store import StoreCore

V = TypeVar("V")


class CursorCore(Generic[V]):
    """The fields of a cursor, and the calls it is asked most."""

    __slots__ = (
        "_bucket",
        "_known",
        "_passed",
        "_passed_count_max",
        "_passed_count_min",
        "_revision",
        "_sequence",
        "_silent_until",
        "_store",
    )

    _bucket: str
    _known: Any
    """A view and its place; None: nobody has asked for one."""
    _passed: Log[V]
    """What was handed out since, where there is such a view."""
    _passed_count_max: int
    _passed_count_min: int
    _revision: int
    _sequence: int
    _silent_until: int
    _store: StoreCore[V]

    if TYPE_CHECKING:  # What the cursor adds.

        def _skip_silent(self) -> None: ...
        def _remember(self) -> None: ...
        def _compacted(self) -> Exception: ...

    def pending(self) -> bool:
        """Whether `next` has something. O(1)."""
        return self._log_ahead().end > self._sequence

    def peek(self) -> Event[V] | None:
        """What `next` would give. O(1).

        Raises:
            CompactedError: the next change was compacted away; the watch is over.
        """
        log = self._log_ahead()
        if self._sequence >= log.end:
            return None
        if self._sequence < log.first:
            raise self._compacted()
        return log.get(self._sequence)

    def next(self) -> Event[V] | None:
        """The next change, or None when there is none yet. O(1).

        Raises:
            CompactedError: the next change was compacted away; the watch is over.
        """
        event = self.peek()
        if event is None:
            return None
        self._sequence += 1
        self._revision = event.revision
        if self._known is not None:
            passed = self._passed
            passed.append(event)
            if len(passed) >= self._passed_count_min and (
                self._sequence == self._store.history(self._bucket).end
                or len(passed) >= self._passed_count_max
            ):
                self._remember()
        return event

    def drain(self) -> tuple[list[V | None], list[V | None]]:
        """All that `next` would give: new values and previous ones, None where there is none.

        O(events).

        Raises:
            CompactedError: as `next`.
        """
        values: list[V | None] = []
        previous: list[V | None] = []
        while (event := self.next()) is not None:
            values.append(event.value)
            previous.append(event.previous_value)
        return values, previous

    def _pass_to(self, sequence: int, revision: int, known: Any, /) -> None:
        """Stand at a later place, whose revision and nearest view are known. O(1)."""
        self._sequence, self._revision, self._known = sequence, revision, known
        self._passed.clear()

    def _log_ahead(self) -> Log[V]:
        """The history, with nothing before it that is passed over in silence."""
        if self._silent_until > self._revision:
            self._skip_silent()
        return self._store.history(self._bucket)
