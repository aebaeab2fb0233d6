"""Creates and deletes a controller waits to see, so that a stale cache cannot make it act twice.

A controller that has just created three pods still reads a cache with none of them. It therefore
notes "three creations expected" first, its handlers cross off what they see, and while anything
is open it neither creates nor deletes. An expectation that is never met (an event was lost) is
given up after five minutes, as upstream does.

Expectations are kept under the *uid* of the owner, not its name: an owner that is deleted and
created again under the same name starts with a clean sheet.

Deletions are expected by uid of the deleted object, because a deletion may be seen twice (once as
a change that sets the deletion timestamp, once as a removal) and must count once.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.runtime.clock import MINUTE_NS

EXPECTATION_NS_MAX: Final = 5 * MINUTE_NS


@dataclass(frozen=True, slots=True)
class Expected:
    """What one owner still waits for."""

    creations: int
    deletions: frozenset[str]
    since_ns: int

    @property
    def fulfilled(self) -> bool:
        """Whether everything was seen."""
        return self.creations <= 0 and not self.deletions


class Expectations:
    """Open expectations by owner uid. Each operation is O(1); met expectations are dropped."""

    __slots__ = ("_expected",)

    def __init__(self) -> None:
        self._expected: dict[str, Expected] = {}

    def expect_creations(self, owner: str, count: int, now_ns: int) -> None:
        """`owner` is about to create `count` objects; replaces what was expected before."""
        self._put(owner, Expected(count, frozenset(), now_ns))

    def expect_deletions(self, owner: str, uids: Iterable[str], now_ns: int) -> None:
        """`owner` is about to delete these objects; replaces what was expected before."""
        self._put(owner, Expected(0, frozenset(uids), now_ns))

    def creation_observed(self, owner: str, count: int = 1) -> None:
        """Creations of `owner` were seen, or did not happen after all."""
        known = self._expected.get(owner)
        if known is not None:
            self._put(owner, replace(known, creations=known.creations - count))

    def deletion_observed(self, owner: str, uid: str) -> None:
        """A deletion of `owner` was seen, or did not happen after all."""
        known = self._expected.get(owner)
        if known is not None and uid in known.deletions:
            self._put(owner, replace(known, deletions=known.deletions - {uid}))

    def satisfied(self, owner: str, now_ns: int) -> bool:
        """Whether `owner` may act: nothing is open, or it has been open for too long."""
        known = self._expected.get(owner)
        return known is None or now_ns - known.since_ns > EXPECTATION_NS_MAX

    def open(self, owner: str) -> Expected | None:
        """What `owner` waits for; None when nothing."""
        return self._expected.get(owner)

    def forget(self, owner: str) -> None:
        """`owner` is gone."""
        self._expected.pop(owner, None)

    def clear(self) -> None:
        """Forget everything, as a new process would."""
        self._expected = {}

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy. O(open expectations)."""
        twin = type(self)()
        twin._expected = dict(self._expected)
        return twin

    def _put(self, owner: str, expected: Expected) -> None:
        if expected.fulfilled:
            self._expected.pop(owner, None)
        else:
            self._expected[owner] = expected

    def check_invariants(self) -> None:
        """Raise AssertionError when a met expectation is still kept. O(n)."""
        assert not any(expected.fulfilled for expected in self._expected.values())
