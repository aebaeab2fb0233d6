"""What a table is made of: columns, and per kind a function from an object to its cells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kcore.machinery.frozen import FrozenMap

Cell = str | int | float | bool | None
"""Numbers and booleans stay what they are until somebody writes them down; None is empty."""

CellsOf = Callable[[FrozenMap, int], Sequence[Cell]]
"""The cells of one object at a time in nanoseconds, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `priority` 1 shows only in wide output."""

    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Printer:
    """How objects of one kind become rows."""

    columns: tuple[Column, ...]
    cells: CellsOf


def text(*names: str) -> tuple[Column, ...]:
    """Text columns of plain output."""
    return tuple(Column(name) for name in names)


def integers(*names: str) -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(Column(name, type="integer") for name in names)


def wide(*names: str) -> tuple[Column, ...]:
    """Text columns of wide output."""
    return tuple(Column(name, priority=1) for name in names)


NAME = Column("Name", format="name")
