"""A crowd: members in order that never change, and sums of what each brings.

Tens of thousands may come to one place while nobody looks at them: the sums say all that most
decisions need. So a change copies no list, it is written down:

    [a b c]  <-  +d  <-  -a  <-  -d +d'         read: [d' c b] once, and kept

A member that came last and is renewed leaves nothing behind, as most do:

    [a b c]  <-  +d  <- renewed d'      is      [a b c]  <-  +d'

Whoever reads looks at every member anyway, and replays the changes then. A reader that knows an
earlier version is told the changes since, without reading. After twice as many changes as there are
members the list is read unasked, so that a chain of changes is never much longer than what it leads
to. Twice, because most members come once and are renewed once: while they do no more than that, no
list is read at all.

A persistent vector and a persistent map from uid to place would make reading O(members) at once,
and each change O(log members). Hardly anybody reads between two changes, so that would cost more.

Members have a `uid`, and must not lead back to a crowd: the compiled kernel keeps crowds from the
collector of circles, which would look at them again and again. Amounts are whole numbers of any
size, as many as there are sums.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Generic, Protocol, Self, TypeVar

CHANGES_COUNT_MIN: Final = 8
"""So many changes may be written down even when there are fewer members."""
CHANGES_PER_MEMBER_COUNT: Final = 2
"""So many changes may be written down for each member."""
# For so few changes, or members, an index does not pay: those that leave came last, mostly.
_SCANS_COUNT_MAX: Final = 4
_SCANNED_COUNT_MAX: Final = 16


class Member(Protocol):
    """What a crowd is made of."""

    @property
    def uid(self) -> str:
        """Which one it is, whatever else about it changes."""


M = TypeVar("M", bound=Member)


def _left_unseen(member: Member) -> Exception:
    return LookupError(f"{member.uid} left a crowd without being there")


class Crowd(Generic[M]):
    """Members in order: added at the end, removed by moving the last one into the gap."""

    __slots__ = (
        "_absent",
        "_before",
        "_came",
        "_counts",
        "_gone",
        "_members",
        "changes_count",
        "size",
        "sums",
    )

    size: int
    """How many members there are."""
    changes_count: int
    """How many changes were written down since a list was read."""
    sums: tuple[int, ...]
    """What they bring together; the same tuple while nobody comes or goes."""

    def __init__(
        self,
        members: Iterable[M] = (),
        sums: tuple[int, ...] = (),
        absent: Callable[[M], Exception] = _left_unseen,
    ) -> None:
        """Gather members who bring these sums together.

        `absent` makes what to raise of somebody who left and was not there.
        """
        self._members: tuple[M, ...] | None = tuple(members)
        self.size = len(self._members)
        self.sums = sums
        self._absent = absent
        # What this one follows from, and who left and who came after that; nothing once it is read.
        self._before: Self | None = None
        self._gone: M | None = None
        self._came: M | None = None
        self.changes_count = 0
        # How many members a condition means, by the condition's name.
        self._counts: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return how many members there are. O(1)."""
        return self.size

    def __iter__(self) -> Iterator[M]:
        return iter(self.read())

    def read(self) -> tuple[M, ...]:
        """Every member, in order. O(members) after a change, then O(1).

        Raises:
            Exception: the one that `absent` makes of somebody who left and was not here.
        """
        if self._members is None:
            one, moves = self, []
            while one._members is None:
                moves.append((one._gone, one._came))
                assert one._before is not None
                one = one._before
            moves.reverse()
            self._members = tuple(self._replayed(list(one._members), moves))
            self._before = self._gone = self._came = None
            self.changes_count = 0
        return self._members

    def plus(self, member: M, amounts: tuple[int, ...] = ()) -> Self:
        """The crowd with one member more. O(1) amortised."""
        return self._followed(None, member, self.size + 1, _added(self.sums, amounts, 1))

    def minus(self, member: M, amounts: tuple[int, ...] = ()) -> Self:
        """The crowd without one of its members. O(1) amortised."""
        return self._followed(member, None, self.size - 1, _added(self.sums, amounts, -1))

    def renewed(self, old: M, new: M) -> Self:
        """The crowd without a member, and at its end a newer version that brings as much.

        O(1) amortised.
        """
        if self._came is old:
            # The last one in order: nobody moves. So it is as if the newer one had come instead.
            return self._follower(self._before, self._gone, new, self.changes_count)
        return self._followed(old, new, self.size, self.sums)

    def move_since(self, old: Self) -> tuple[M | None, M | None] | None:
        """Who left, and who came after that, if one move made this version, else None. O(1).

        Renewing whoever came last to `old` is one move, too.
        """
        if self._before is None:
            return None
        if self._before is old:
            return self._gone, self._came
        if self._before is old._before and self._gone is old._gone:
            return old._came, self._came
        return None

    def changes_since(self, old: Self) -> list[tuple[M, int]]:
        """Members that left (-1) and that came (+1), together those between both versions.

        One that came and left again may be among them, twice. O(changes) if this version was made
        from `old`, or both from one, and none was read meanwhile; else O(members).
        """
        changes: list[tuple[M, int]] = []
        one, parent = self, old._before
        while one is not old and one is not parent and one._before is not None:
            changes += _told(one._gone, one._came)
            one = one._before
        if one is old:
            return changes
        if one is parent:
            # Another one came of it; what came of it there did not happen here.
            return changes + _told(old._came, old._gone)
        return _difference(old.read(), self.read())

    def count(self, key: str, means: Callable[[M], bool]) -> int:
        """How many members a condition means; `key` stands for it and for nothing else.

        O(changes since it was asked before), O(members) when it was not or they were read.
        """
        one, total = self, 0
        while one._before is not None and (one._counts is None or key not in one._counts):
            total += one._came is not None and bool(means(one._came))
            total -= one._gone is not None and bool(means(one._gone))
            one = one._before
        if one._counts is not None and key in one._counts:
            total += one._counts[key]
        else:
            total = sum(bool(means(member)) for member in self.read())
        if self._counts is None:
            self._counts = {}
        self._counts[key] = total
        return total

    def _followed(self, gone: M | None, came: M | None, size: int, sums: tuple[int, ...]) -> Self:
        count = self.changes_count
        if count >= max(CHANGES_COUNT_MIN, CHANGES_PER_MEMBER_COUNT * self.size):
            self.read()
            count = 0
        twin = self._follower(self, gone, came, count + 1)
        twin.size, twin.sums = size, sums
        return twin

    def _follower(self, before: Self | None, gone: M | None, came: M | None, count: int) -> Self:
        """A crowd of this size and these sums that follows from another one."""
        kind = type(self)
        twin = kind.__new__(kind)
        twin._before, twin._gone, twin._came = before, gone, came
        twin._absent, twin.changes_count = self._absent, count
        twin.size, twin.sums = self.size, self.sums
        twin._members = twin._counts = None
        return twin

    def _replayed(self, members: list[M], moves: list[tuple[M | None, M | None]]) -> list[M]:
        is_short = len(moves) <= _SCANS_COUNT_MAX or len(members) + len(moves) <= _SCANNED_COUNT_MAX
        places = None if is_short else {one.uid: place for place, one in enumerate(members)}
        for gone, came in moves:
            if gone is not None:
                uid = gone.uid
                place = _last_place(members, uid) if places is None else places.pop(uid, -1)
                if place < 0:
                    raise self._absent(gone)
                last = members.pop()
                if place < len(members):
                    members[place] = last
                    if places is not None:
                        places[last.uid] = place
            if came is not None:
                if places is not None:
                    places[came.uid] = len(members)
                members.append(came)
        return members


def _told(gone: M | None, came: M | None) -> list[tuple[M, int]]:
    told = [] if came is None else [(came, 1)]
    return told if gone is None else [*told, (gone, -1)]


def _added(sums: tuple[int, ...], amounts: tuple[int, ...], sign: int) -> tuple[int, ...]:
    if len(sums) != len(amounts):
        raise ValueError("as many amounts as there are sums")
    return tuple(one + sign * other for one, other in zip(sums, amounts, strict=True))


def _last_place(members: Sequence[Member], uid: str) -> int:
    for place in range(len(members) - 1, -1, -1):
        if members[place].uid == uid:
            return place
    return -1


def _difference(old: Sequence[M], new: Sequence[M]) -> list[tuple[M, int]]:
    if len(new) == len(old) + 1 and new[:-1] == old:
        return [(new[-1], 1)]
    before: dict[str, Any] = {one.uid: one for one in old}
    after: dict[str, Any] = {one.uid: one for one in new}
    gone = [(one, -1) for one in old if after.get(one.uid) is not one]
    return [*gone, *((one, 1) for one in new if before.get(one.uid) is not one)]
