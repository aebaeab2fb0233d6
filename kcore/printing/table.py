"""Objects of one kind as a table: the `Table` of the API, and aligned text for a terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.go_text import value_text
from kcore.printing.column import Cell, Column, Printer
from kcore.printing.columns import printer_for

PADDING: Final = "   "

_POD_CONDITIONS: Final = {
    "Succeeded": freeze(
        [
            {
                "type": "Completed",
                "status": "True",
                "reason": "Succeeded",
                "message": "The pod has completed successfully.",
            }
        ]
    ),
    "Failed": freeze(
        [
            {
                "type": "Completed",
                "status": "True",
                "reason": "Failed",
                "message": "The pod failed.",
            }
        ]
    ),
}
"""Marks rows that kubectl may hide, as upstream's tables do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One object: its cells in column order, and the object."""

    cells: tuple[Cell, ...]
    object: FrozenMap


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, object]:
        """The body of a `Table` response (`meta.k8s.io/v1`), without list metadata."""
        columns = [
            {"name": c.name, "type": c.type, "format": c.format, "priority": c.priority}
            for c in self.columns
        ]
        return {
            "apiVersion": "meta.k8s.io/v1",
            "kind": "Table",
            "columnDefinitions": columns,
            "rows": [_row_dict(row) for row in self.rows],
        }

    def to_text(self, *, wide: bool = False, with_namespace: bool = False) -> str:
        """Aligned text as kubectl prints it: capitals above, three spaces between. O(cells)."""
        shown = [i for i, column in enumerate(self.columns) if wide or column.priority == 0]
        header = [self.columns[i].name.upper() for i in shown]
        lines = [[cell_text(row.cells[i]) for i in shown] for row in self.rows]
        if with_namespace:
            header.insert(0, "NAMESPACE")
            for line, row in zip(lines, self.rows, strict=True):
                line.insert(0, str(row.object.at("metadata", "namespace", default="")))
        return aligned([header, *lines])


def _row_dict(row: Row) -> dict[str, object]:
    pairs: dict[str, object] = {"cells": list(row.cells)}
    if row.object.kind == "Pod":
        conditions = _POD_CONDITIONS.get(str(row.object.at("status", "phase", default="")))
        if conditions is not None:
            pairs["conditions"] = conditions
    return pairs


def cell_text(cell: Cell) -> str:
    """A cell in a terminal: `true`, `3`; what is empty stays empty."""
    if cell is None:
        return ""
    if isinstance(cell, bool | float):
        return value_text(cell)
    return str(cell).replace("\n", "\\n")


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest text; no spaces at line ends."""
    if not lines:
        return ""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        PADDING.join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def table_of(objects: Iterable[FrozenMap], now_ns: int) -> Table:
    """Table of objects of one kind, in the order given. O(objects).

    Without objects there is no kind to choose columns by, hence no columns.
    """
    everything = list(objects)
    if not everything:
        return Table((), ())
    first = everything[0]
    return table_for(everything, printer_for(str(first.apiVersion), str(first.kind)), now_ns)


def table_for(objects: Iterable[FrozenMap], printer: Printer, now_ns: int) -> Table:
    """Table of objects under a printer's columns, which are there without objects too."""
    rows = tuple(Row(tuple(printer.cells(obj, now_ns)), obj) for obj in objects)
    return Table(printer.columns, rows)
