"""The door to the kernels over columns, and the types of columns."""

from typing import TYPE_CHECKING, TypeAlias

import numpy
from numpy.typing import NDArray

from kcore import _native

if TYPE_CHECKING:
    from kcore._native.reference.packed_counts import IdSums, MoveCounter, RowCounts
    from kcore._native.reference.packed_demand import Demand, place
    from kcore._native.reference.packed_gated import GatedPeak, Level, Wishes
    from kcore._native.reference.packed_peak import PeakSearch
    from kcore._native.reference.packed_search import GATES_MAX, Gate, Search, lowest
    from kcore._native.reference.packed_table import RESOURCES_MAX, Table
else:
    IdSums, RowCounts = _native.packed_counts.IdSums, _native.packed_counts.RowCounts
    MoveCounter = _native.packed_counts.MoveCounter
    Demand, place = _native.packed_demand.Demand, _native.packed_demand.place
    GatedPeak, Level, Wishes = _native.packed_gated.GatedPeak, tuple, tuple
    PeakSearch = _native.packed_peak.PeakSearch
    Search, lowest = _native.packed_search.Search, _native.packed_search.lowest
    Table = _native.packed_table.Table
    Gate, GATES_MAX, RESOURCES_MAX = tuple, 32, 32

Ids: TypeAlias = NDArray[numpy.int32]
"""A domain per row; negative where the row is in none."""

Counts: TypeAlias = NDArray[numpy.int64]
"""A count per domain, or per row."""

Flags: TypeAlias = NDArray[numpy.uint8]

ANY_LEAST = -(2**62)
ANY_MOST = 2**62
"""Bounds of a gate that bound nothing."""

__all__ = [
    "ANY_LEAST",
    "ANY_MOST",
    "GATES_MAX",
    "RESOURCES_MAX",
    "Counts",
    "Demand",
    "Flags",
    "Gate",
    "GatedPeak",
    "IdSums",
    "Ids",
    "Level",
    "MoveCounter",
    "PeakSearch",
    "RowCounts",
    "Search",
    "Table",
    "Wishes",
    "lowest",
    "place",
]
