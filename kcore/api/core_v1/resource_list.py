"""Arithmetic on resource lists (name to Quantity), as quotas do it. Every function is pure."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcore.machinery.quantity import Quantity, quantity_of

ResourceList = dict[str, Quantity]
ZERO: Final = Quantity.parse("0")


def read(listed: Any) -> ResourceList:
    """The resource list that a field of an object holds; absent is empty.

    Raises:
        QuantityError: an entry is no quantity.
    """
    return {name: quantity_of(listed[name]) for name in listed or ()}


def texts(listed: Mapping[str, Quantity]) -> dict[str, str]:
    """The list as it stands in an object."""
    return {name: str(quantity) for name, quantity in listed.items()}


def add(left: Mapping[str, Quantity], right: Mapping[str, Quantity]) -> ResourceList:
    """The sum; a resource in one list only keeps its amount."""
    total = dict(left)
    for name, quantity in right.items():
        total[name] = total[name] + quantity if name in total else quantity
    return total


def subtract(left: Mapping[str, Quantity], right: Mapping[str, Quantity]) -> ResourceList:
    """The difference; a resource in `right` only becomes negative."""
    rest = dict(left)
    for name, quantity in right.items():
        rest[name] = rest[name] - quantity if name in rest else -quantity
    return rest


def subtract_to_zero(left: Mapping[str, Quantity], right: Mapping[str, Quantity]) -> ResourceList:
    """The difference, but never below zero; a resource in `right` only is zero."""
    rest = subtract(left, right)
    return {name: one if name in left and one.sign() > 0 else ZERO for name, one in rest.items()}


def greatest(left: Mapping[str, Quantity], right: Mapping[str, Quantity]) -> ResourceList:
    """The larger amount of each resource; of equal ones the right one's text."""
    result = dict(left)
    for name, quantity in right.items():
        if name not in result or result[name] <= quantity:
            result[name] = quantity
    return result


def equals(left: Mapping[str, Quantity], right: Mapping[str, Quantity]) -> bool:
    """Whether both name the same resources with the same amounts."""
    return dict(left) == dict(right)


def exceeded(used: Mapping[str, Quantity], hard: Mapping[str, Quantity]) -> list[str]:
    """The resources of which more is used than allowed, sorted."""
    return sorted(name for name, bound in hard.items() if name in used and used[name] > bound)


def mask(listed: Mapping[str, Quantity], names: Iterable[str]) -> ResourceList:
    """The entries with these names."""
    wanted = frozenset(names)
    return {name: one for name, one in listed.items() if name in wanted}


def is_zero(listed: Mapping[str, Quantity]) -> bool:
    """Whether nothing but zeros is in the list."""
    return all(one.is_zero() for one in listed.values())


def without_zeros(listed: Mapping[str, Quantity]) -> ResourceList:
    """The entries that are not zero."""
    return {name: one for name, one in listed.items() if not one.is_zero()}


def negative(listed: Mapping[str, Quantity]) -> list[str]:
    """The resources with a negative amount, sorted."""
    return sorted(name for name, one in listed.items() if one.sign() < 0)


def intersection(left: Iterable[str], right: Iterable[str]) -> list[str]:
    """The names in both, each once, sorted."""
    wanted = frozenset(right)
    return sorted({name for name in left if name in wanted})


def difference(left: Iterable[str], right: Iterable[str]) -> list[str]:
    """The names in `left` only, each once, sorted."""
    unwanted = frozenset(right)
    return sorted({name for name in left if name not in unwanted})
