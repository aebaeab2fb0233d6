"""The parts of a JSONPath template."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    """Text, a number or a bool: it stands for itself, whatever comes in.

    Text answers once; a number or bool (`per_input`) answers once for each value that comes in.
    """

    value: str | int | float | bool
    per_input: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """`.name`: the entry of a map."""

    name: str


@dataclass(frozen=True, slots=True)
class Bound:
    """One of the three numbers of a slice. `derived`: the end of `[i]`, which is `i + 1`."""

    known: bool
    value: int = 0
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """`[start:end:step]`, `[index]` or `[*]`."""

    start: Bound
    end: Bound
    step: Bound


@dataclass(frozen=True, slots=True)
class Sequence:
    """An action `{...}`: each node gets what the one before it gave."""

    nodes: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(left operator right)]`; the operator `exists` has no right side."""

    left: Sequence
    operator: str
    right: Sequence


@dataclass(frozen=True, slots=True)
class Union:
    """`[a,b]`: the answers of all members, one member after the other."""

    members: tuple[Sequence, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """`range` or `end` (any other is refused when it is met)."""

    name: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*`: every entry."""


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`: every value at any depth that holds others."""
