"""Which of many selectors select an object: the opposite question, answered without asking each.

A selector is kept under one thing it requires: a label with a value (`app=web`; `env in (dev,qa)`
keeps it under both), else the presence of a label, else nothing. An object's labels lead to the
selectors kept under them; those that require more are then asked. The requirement that fewest
others are kept under is taken, so that `app=web` shared by a thousand services finds few of them
when each also requires its own `instance`.

Selectors of services, budgets and quotas hold within a namespace: that is the `scope`. Selectors
without one share the scope "". Knows labels and selectors, not whose they are.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

from kcore.forking import ForkMemo
from kcore.machinery.labels.requirement import (
    DOUBLE_EQUALS,
    EQUALS,
    EXISTS,
    GREATER_THAN,
    IN,
    LESS_THAN,
    Requirement,
)
from kcore.machinery.labels.selector import Selector
from kcore.machinery.postings import Postings

_ONE_OF: Final = frozenset({EQUALS, DOUBLE_EQUALS, IN})
_PRESENT: Final = frozenset({EXISTS, GREATER_THAN, LESS_THAN})

# What a selector is kept under: a key and its values, None for the key's presence.
_Place = tuple[str, tuple[str | None, ...]]
_PRESENCE: Final[tuple[str | None, ...]] = (None,)


class _Scope:
    """Selectors that may select the objects of one scope, by number."""

    __slots__ = ("anywhere", "postings")

    def __init__(self) -> None:
        self.postings = Postings()
        self.anywhere: dict[int, None] = {}
        """Those that require no label, in order of arrival."""

    def copy(self) -> "_Scope":
        twin = _Scope()
        twin.postings = self.postings.copy()
        twin.anywhere = dict(self.anywhere)
        return twin

    def place_of(self, selector: Selector) -> _Place | None:
        """What to keep a selector under; None: it requires no label."""
        places = [place for one in selector.requirements if (place := _required(one))]
        # A value says more than a presence, whatever is kept there today.
        return min(places, key=lambda at: (at[1] == _PRESENCE, self._count(at)), default=None)

    def _count(self, place: _Place) -> int:
        key, values = place
        return sum(
            len(self.postings.present(key) if value is None else self.postings.get(key, value))
            for value in values
        )


def _required(one: Requirement) -> _Place | None:
    if one.operator in _ONE_OF and one.values:
        return one.key, tuple(dict.fromkeys(one.values))
    return (one.key, _PRESENCE) if one.operator in _PRESENT else None


class SelectorIndex:
    """Named selectors; `matching` gives the names of those that select some labels.

    A fork costs O(1); the first change after it copies a pointer or two per selector.
    """

    __slots__ = ("_free", "_is_shared", "_numbers", "_owned", "_places", "_rows", "_scopes")

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # By number: name, scope, selector, and whether being found is already being selected.
        self._rows: list[tuple[str, str, Selector, bool] | None] = []
        self._places: list[_Place | None] = []
        self._free: list[int] = []
        self._scopes: dict[str, _Scope] = {}
        self._owned: set[str] = set()
        self._is_shared = False

    def __len__(self) -> int:
        """Return how many selectors there are. O(1)."""
        return len(self._numbers)

    def __contains__(self, name: str) -> bool:
        """Whether a selector of this name is kept. O(1)."""
        return name in self._numbers

    def get(self, name: str) -> Selector | None:
        """The selector of this name, or None. O(1)."""
        number = self._numbers.get(name)
        row = None if number is None else self._rows[number]
        return None if row is None else row[2]

    def set(self, name: str, selector: Selector, scope: str = "") -> None:
        """Keep a selector under a name, instead of the one it had. O(requirements)."""
        number = self._numbers.get(name)
        if number is not None:
            row = self._rows[number]
            if row is not None and row[1] == scope and row[2] == selector:
                return
            self.discard(name)
        self._own(scope)
        number = self._take_number()
        self._numbers[name] = number
        place: _Place | None = None
        is_exact = False
        if selector.selectable:
            held = self._scopes.setdefault(scope, _Scope())
            place = held.place_of(selector)
            is_exact = len(selector.requirements) == 1 and _is_whole(selector.requirements[0])
            if place is None:
                held.anywhere[number] = None
                is_exact = selector.is_empty()
            else:
                for value in place[1]:
                    held.postings.insert(place[0], value, number)
        self._rows[number] = (name, scope, selector, is_exact)
        self._places[number] = place

    def discard(self, name: str) -> None:
        """Forget the selector of this name, if there is one. O(values it is kept under)."""
        number = self._numbers.get(name)
        row = None if number is None else self._rows[number]
        if number is None or row is None:
            return
        self._own(row[1])
        place, held = self._places[number], self._scopes.get(row[1])
        if held is not None:
            held.anywhere.pop(number, None)
            if place is not None:
                for value in place[1]:
                    held.postings.remove(place[0], value, number)
            if not held.anywhere and not held.postings.keys():
                del self._scopes[row[1]]
        del self._numbers[name]
        self._rows[number] = self._places[number] = None
        self._free.append(number)

    def matching(self, labels: Mapping[str, Any] | None, scope: str = "") -> list[str]:
        """Names of the selectors of a scope that select these labels (None: none), sorted.

        O(labels + selectors found under them), whatever the number of selectors.
        """
        held = self._scopes.get(scope)
        if held is None:
            return []
        rows, names = self._rows, []
        for number in held.postings.hits(labels):
            row = rows[number]
            if row is not None and (row[3] or row[2].matches(labels)):
                names.append(row[0])
        for number in held.anywhere:
            row = rows[number]
            if row is not None and (row[3] or row[2].matches(labels)):
                names.append(row[0])
        if len(names) > 1:
            names.sort()
        return names

    def copy(self) -> Self:
        """An independent index with the same selectors. O(1)."""
        twin = object.__new__(type(self))
        twin._numbers = self._numbers
        twin._rows = self._rows
        twin._places = self._places
        twin._free = self._free
        twin._scopes = self._scopes
        twin._owned = set()
        twin._is_shared = self._is_shared = True
        return twin

    def fork(self, memo: ForkMemo) -> Self:
        """The same for a forked world; refers to nobody."""
        del memo
        return self.copy()

    def check_invariants(self) -> None:
        """Raise AssertionError when a selector is not where it would be looked for. O(n)."""
        assert len(self._rows) == len(self._places) == len(self._numbers) + len(self._free)
        assert sorted([*self._free, *self._numbers.values()]) == list(range(len(self._rows)))
        for name, number in self._numbers.items():
            row, place = self._rows[number], self._places[number]
            assert row is not None, f"{name} has no row"
            assert row[0] == name, f"{name} has the row of {row[0]}"
            held = self._scopes.get(row[1])
            if place is not None:
                assert held is not None, f"{name} has a place in no scope"
                assert _required_by(row[2], place), f"{name} does not require {place}"
                for value in place[1]:
                    found = (
                        held.postings.present(place[0])
                        if value is None
                        else held.postings.get(place[0], value)
                    )
                    assert number in found, f"{name} is not under {place}"
            elif row[2].selectable:
                assert held is not None, f"{name} is in no scope"
                assert number in held.anywhere, f"{name} is nowhere"
        for held in self._scopes.values():
            held.postings.check_invariants()

    def _take_number(self) -> int:
        if self._free:
            return self._free.pop()
        self._rows.append(None)
        self._places.append(None)
        return len(self._rows) - 1

    def _own(self, scope: str) -> None:
        """Copy what is shared and about to change."""
        if self._is_shared:
            self._numbers = dict(self._numbers)
            self._rows = list(self._rows)
            self._places = list(self._places)
            self._free = list(self._free)
            self._scopes = dict(self._scopes)
            self._owned = set()
            self._is_shared = False
        held = self._scopes.get(scope)
        if held is not None and scope not in self._owned:
            self._scopes[scope] = held.copy()
        self._owned.add(scope)


def _is_whole(one: Requirement) -> bool:
    """Whether being found under a requirement is meeting it."""
    return (one.operator in _ONE_OF and bool(one.values)) or one.operator == EXISTS


def _required_by(selector: Selector, place: _Place) -> bool:
    return any(_required(one) == place for one in selector.requirements)
