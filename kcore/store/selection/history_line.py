"""Something derived from the entries of a bucket, brought to a revision when somebody asks.

Writes cost nothing here: the history of the bucket already says what happened, and what is derived
is brought forward (or, for an old revision, backward) by it. What was handed out never changes.
"""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, Self, TypeVar

from kcore.machinery.frozen import FrozenMap
from kcore.store.history import History
from kcore.store.revision import Event
from kcore.store.snapshot import BucketView


class Derived(Protocol):
    """What can follow changes one by one."""

    def copy(self) -> Self:
        """An independent one with the same content. O(1)."""

    def replace(self, key: str, old: FrozenMap | None, new: FrozenMap | None, /) -> None:
        """Let `key` hold `new` (None: nothing) instead of `old`."""


D = TypeVar("D", bound=Derived)

# After how many events of the history, what was derived then, and by which rule. One value, so
# that forks in other threads, which may share a line, see all of it or nothing.
_Known = tuple[int, D, object]
_Change = tuple[str, FrozenMap | None, FrozenMap | None]


class HistoryLine(Generic[D]):
    """The newest state that was asked for, and the last older one.

    `rule` says what is derived and is known by identity; another rule starts anew.
    """

    __slots__ = ("_history", "_known", "_recalled")

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: _Known[D] | None = None
        self._recalled: _Known[D] | None = None

    def copy(self, history: History) -> Self:
        """The same for another owner of the bucket; states are shared. O(1)."""
        twin = object.__new__(type(self))
        twin._history = history
        twin._known = self._known
        twin._recalled = self._recalled
        return twin

    def at(self, rule: object, view: BucketView, load: Callable[[BucketView], D]) -> D:
        """What `rule` derives from a view of this bucket, made or brought there.

        O(1) when nothing changed, O(changes between) when there is one, O(n) else.
        """
        wanted, known = self._sequence_of(view), self._usable(rule)
        if wanted is None:
            return load(view)
        if known is None:
            return self._publish(rule, wanted, load(view))
        if wanted == known[0]:
            return known[1]
        if wanted > known[0]:
            return self._publish(rule, wanted, self._forward(known, wanted))
        recalled = self._recalled
        if recalled is None or recalled[0] != wanted or recalled[2] is not rule:
            recalled = self._recalled = (wanted, self._backward(known, wanted), rule)
        return recalled[1]

    def distance(self, rule: object, view: BucketView) -> int | None:
        """How many changes lie between a view and what is there; None: it would be made anew."""
        wanted, known = self._sequence_of(view), self._usable(rule)
        if wanted is None or known is None:
            return None
        recalled = self._recalled
        if recalled is not None and recalled[0] == wanted and recalled[2] is rule:
            return 0
        return abs(wanted - known[0])

    def now(self) -> D | None:
        """What is there, brought to the present and not kept; for checks. O(changes since)."""
        known = None if self._known is None else self._usable(self._known[2])
        return None if known is None else self._forward(known, self._history.end)

    def _usable(self, rule: object) -> _Known[D] | None:
        """The newest state, if it is of this rule and history leads from it to the present."""
        known, history = self._known, self._history
        if known is None or known[2] is not rule:
            return None
        return known if history.first <= known[0] <= history.end else None

    def _sequence_of(self, view: BucketView) -> int | None:
        """After how many events a view is; None when history does not reach back to it."""
        if view.revision < self._history.dropped_revision:
            return None
        return self._history.sequence_after(view.revision)

    def _publish(self, rule: object, sequence: int, state: D) -> D:
        self._known, self._recalled = (sequence, state, rule), None
        return state

    def _forward(self, known: _Known[D], wanted: int) -> D:
        get = self._history.get
        changes = (_change(get(sequence)) for sequence in range(known[0], wanted))
        return _moved(known[1], changes)

    def _backward(self, known: _Known[D], wanted: int) -> D:
        get = self._history.get
        changes = (_change(get(sequence)) for sequence in range(known[0] - 1, wanted - 1, -1))
        return _moved(known[1], ((key, after, before) for key, before, after in changes))


def _change(event: Event) -> _Change:
    before = None if event.previous is None else event.previous.value
    after = None if event.current is None else event.current.value
    return event.key, before, after


def _moved(state: D, changes: Iterable[_Change]) -> D:
    moved = state.copy()
    for key, before, after in changes:
        moved.replace(key, before, after)
    return moved
