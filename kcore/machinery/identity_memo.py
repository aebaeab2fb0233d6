"""Results of pure functions of immutable objects, remembered by which object it was.

Objects of the API are values: a version of a pod never changes, and thousands of pods share one
spec. What is worked out about such an object stays true, so it is worked out once. Identity, not
equality, is the key: looking up costs the same for a large object as for a small one, and an
equal object that is not the same one merely costs its own computation.

Each entry keeps its object alive, so that an identity cannot be reused while it is known. A full
memory is emptied at once: simpler than an order of use, and what matters is back after one round.
Forks of a world share memories, since they hold facts about values and nothing about worlds.

It is for facts only. Whatever depends on the clock, on chance, or on anything else but the object
and the aspect asked for does not belong here.
"""

from collections.abc import Callable, Hashable
from functools import update_wrapper, wraps
from typing import Any, Final, Generic, TypeVar

R = TypeVar("R")

MEMORY_COUNT_MAX: Final = 4096


class IdentityMemo(Generic[R]):
    """Results by object and aspect; None is never a result. Each operation is O(1)."""

    __slots__ = ("_count_max", "_known")

    def __init__(self, count_max: int = MEMORY_COUNT_MAX) -> None:
        self._count_max = count_max
        self._known: dict[tuple[int, Hashable], tuple[object, R]] = {}

    def __len__(self) -> int:
        """Return how many results are remembered."""
        return len(self._known)

    def recall(self, obj: object, aspect: Hashable = None) -> R | None:
        """What was remembered of this very object under `aspect`, or None."""
        entry = self._known.get((id(obj), aspect))
        return None if entry is None else entry[1]

    def remember(self, obj: object, aspect: Hashable, result: R) -> None:
        """Keep `result`; `obj` stays alive with it."""
        if len(self._known) >= self._count_max:
            self._known.clear()
        self._known[id(obj), aspect] = (obj, result)

    def check_invariants(self) -> None:
        """Raise AssertionError when an entry is not its object's or there are too many. O(n)."""
        assert len(self._known) <= self._count_max, "more is remembered than allowed"
        for (identity, _), (obj, _) in self._known.items():
            assert identity == id(obj), "an entry belongs to another object"


class _OnePerObject(Generic[R]):
    """A function of one immutable object that is computed once per object."""

    def __init__(self, function: Callable[[Any], R], count_max: int) -> None:
        self._function = function
        self._count_max = count_max
        self._known: dict[int, tuple[object, R]] = {}
        update_wrapper(self, function)

    def __call__(self, obj: Any) -> R:
        entry = self._known.get(id(obj))
        if entry is not None:
            return entry[1]
        result = self._function(obj)
        if len(self._known) >= self._count_max:
            self._known.clear()
        self._known[id(obj)] = (obj, result)
        return result


def once_per_object(
    count_max: int = MEMORY_COUNT_MAX,
) -> Callable[[Callable[[Any], R]], Callable[[Any], R]]:
    """Decorate a pure function of one immutable object, as `functools.cache` does by equality.

    Errors are not remembered. At most `count_max` objects are kept alive.
    """

    def decorate(function: Callable[[Any], R]) -> Callable[[Any], R]:
        return _OnePerObject(function, count_max)

    return decorate


def once_per_object_and_aspect(
    count_max: int = MEMORY_COUNT_MAX,
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Decorate a pure function of one immutable object and further arguments.

    The object is told by identity; the other arguments must be hashable and are told by equality.
    The function never returns None.
    """

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        memo: IdentityMemo[R] = IdentityMemo(count_max)

        @wraps(function)
        def remembered(obj: Any, *aspect: Hashable) -> R:
            known = memo.recall(obj, aspect)
            if known is None:
                known = function(obj, *aspect)
                memo.remember(obj, aspect, known)
            return known

        return remembered

    return decorate
