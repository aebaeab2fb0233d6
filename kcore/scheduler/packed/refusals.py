"""Why rows are closed, in the plugins' own words: looked up only when somebody wants to know.

The first plugin of the filter order that closes a row is the one that is blamed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy

from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed import pod_class as verdicts
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.kernels import Counts, Gate
from kcore.scheduler.packed.promises import Guests
from kcore.scheduler.packed.relation import Closing
from kcore.scheduler.packed.shortages import Shortages
from kcore.scheduler.plugins import (
    node_affinity,
    node_declared_features,
    node_ports,
    node_resources_fit,
    node_unschedulable,
    taint_toleration,
)

# The bits of a verdict in the order in which one plugin looks at them.
_BITS: Final[Mapping[str, tuple[tuple[int, Status], ...]]] = {
    node_unschedulable.NodeUnschedulable.name: (
        (verdicts.UNSCHEDULABLE, node_unschedulable.REFUSED),
    ),
    taint_toleration.TaintToleration.name: ((verdicts.TAINTED, taint_toleration.REFUSED),),
    node_affinity.NodeAffinity.name: (
        (verdicts.NOT_ADDED, node_affinity.REFUSED_BY_ARGS),
        (verdicts.NOT_DEMANDED, node_affinity.REFUSED),
    ),
    node_ports.NodePorts.name: ((verdicts.PORT_TAKEN, node_ports.REFUSED),),
    node_declared_features.NodeDeclaredFeatures.name: (
        (verdicts.FEATURE_MISSING, node_declared_features.REFUSED),
    ),
}


Ask = Callable[[int], Status | None]
# Bits of a sign before those of needs and gates.
_VERDICT_BITS: Final = 8
_SIGN_BITS_MAX: Final = 62


class Refusals:
    """The statuses of all rows that are closed for one pod."""

    def __init__(
        self,
        columns: Columns,
        closings: Sequence[Closing],
        others: Mapping[str, Ask],
        guests: Guests | None,
        shortages: Callable[[], Shortages],
    ) -> None:
        """Take what closes rows; `others` are asked in their turn as they are written.

        Of guests it matters alone how much room they take; `shortages` count them.
        """
        self._rows, self._class, plan = columns.rows, columns.pod_class, columns.plan
        self._closings = closings
        self._others = others
        self._guests, self._shortages = guests, shortages
        names = plan.filters.union(others, (one.plugin for one in closings))
        self._order = [name for name in plan.filter_order if name in names]
        fit = plan.plugin(node_resources_fit.NodeResourcesFit)
        self._fit = fit if fit is not None and fit.name in plan.filters else None

    def of(self, row: int) -> Status | None:
        """The status of a row, None when it is open. O(plugins)."""
        bits = self._class.demand.closed(row)
        for name in self._order:
            ask = self._others.get(name)
            if ask is not None:
                status = ask(row)
            else:
                status = self._bits_status(name, bits) or self._other_status(name, row)
            if status is not None:
                return status.blame(name)
        return None

    def groups(self, visited: Counts) -> tuple[Counts, list[Status]]:
        """A group for each row (-1: none), and the status of each group, in order of the visits.

        Rows of one sign have one status, so each sign is asked about once. O(rows * bounds).
        """
        group_of = numpy.full(len(self._rows), -1, dtype=numpy.int64)
        statuses: list[Status] = []
        signs = self._signs()
        if signs is None or self._others:
            for row in visited.tolist():
                group_of[row] = group_for(statuses, self.of(row))
            return group_of, statuses
        seen = signs[visited]
        if len(seen) and (seen == seen[0]).all():
            group_of[visited] = group_for(statuses, self.of(int(visited[0])))
            return group_of, statuses
        kinds, firsts, kind_of = numpy.unique(seen, return_index=True, return_inverse=True)
        groups = numpy.full(len(kinds), -1, dtype=numpy.int64)
        for kind in numpy.argsort(firsts).tolist():
            groups[kind] = group_for(statuses, self.of(int(visited[firsts[kind]])))
        group_of[visited] = groups[kind_of]
        return group_of, statuses

    def signs_beside_room(self) -> Counts | None:
        """A number per row, 0 where room alone may close it; None when there are too many bounds.

        Equal where the same closes rows, room apart. Others that are asked have no part in it.
        """
        if _VERDICT_BITS + 2 * len(self._closings) > _SIGN_BITS_MAX:
            return None
        signs: Counts = self._class.demand.closures.astype(numpy.int64)
        bit = 1 << _VERDICT_BITS
        for closing in self._closings:
            signs += _closed(closing.gate) * bit
            bit <<= 2
        return signs

    def _signs(self) -> Counts | None:
        """A number per row that its status follows from; None when there are too many bounds."""
        needs, closings = self._class.needs, self._closings
        if len(self._class.rare_needs) > 1:
            return None  # The bits do not say which is short.
        if _VERDICT_BITS + 1 + 2 * (len(needs) + len(closings)) > _SIGN_BITS_MAX:
            return None
        signs = self.signs_beside_room()
        assert signs is not None
        shortages, bit = self._shortages(), 1 << _VERDICT_BITS + 2 * len(closings)
        for mask in (shortages.slots, *shortages.amounts, *shortages.hopeless):
            signs += mask * bit
            bit <<= 1
        return signs

    def _bits_status(self, name: str, bits: int) -> Status | None:
        if bits:
            for bit, status in _BITS.get(name, ()):
                if bits & bit:
                    return status
        return None

    def _other_status(self, name: str, row: int) -> Status | None:
        if self._fit is not None and name == self._fit.name:
            info = self._rows.infos[row]
            if self._guests is not None:
                info = self._guests.node(info)
            return self._fit.refusal(self._class.pod, info)
        for closing in self._closings:
            if closing.plugin == name:
                status = _closed_by(closing, row)
                if status is not None:
                    return status
        return None


def _closed_by(closing: Closing, row: int) -> Status | None:
    ids, counts, low, high, absent_passes = closing.gate
    one = int(ids[row])
    if one < 0:
        return None if absent_passes else closing.without_label or closing.status
    count = int(counts[one]) if one < len(counts) else 0
    return None if low <= count <= high else closing.status


def group_for(statuses: list[Status], status: Status | None) -> int:
    """The group of a status, -1 for none; a new one comes last."""
    if status is None:
        return -1
    if status not in statuses:
        statuses.append(status)
    return statuses.index(status)


def in_order(
    visited: Counts, group_of: Counts, statuses: Sequence[Status]
) -> tuple[Counts, list[Status]]:
    """The same groups, numbered in the order in which they are first met."""
    met, firsts = numpy.unique(group_of[visited], return_index=True)
    order = [group for group in met[numpy.argsort(firsts)].tolist() if group >= 0]
    # The last number stands for none: -1 finds it.
    numbers = numpy.full(len(statuses) + 1, -1, dtype=numpy.int64)
    numbers[order] = numpy.arange(len(order))
    renumbered: Counts = numbers[group_of]
    return renumbered, [statuses[group] for group in order]


def _closed(gate: Gate) -> Counts:
    """Per row: 0 passes, 1 closed for want of a domain, 2 closed by the count."""
    ids, counts, low, high, absent_passes = gate
    # One more, for ids beyond the end and for none.
    padded = numpy.append(counts, 0)
    per_row = padded[numpy.minimum(ids, len(counts))]
    result = numpy.where((per_row < low) | (per_row > high), 2, 0).astype(numpy.int64)
    result[ids < 0] = 0 if absent_passes else 1
    return result
