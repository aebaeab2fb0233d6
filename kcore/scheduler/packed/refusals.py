"""Why rows are closed, in the plugins' own words: looked up only when somebody wants to know.

The first plugin of the filter order that closes a row is the one that is blamed.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed import pod_class as verdicts
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.relation import Closing
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


class Refusals:
    """The statuses of all rows that the columns close for one pod."""

    def __init__(
        self, rows: NodeRows, pod_class: PodClass, closings: Sequence[Closing], plan: ProfilePlan
    ) -> None:
        self._rows = rows
        self._class = pod_class
        self._closings = closings
        self._order = [name for name in plan.filter_order if name in plan.filters]
        self._fit = plan.plugin(node_resources_fit.NodeResourcesFit)

    def of(self, row: int) -> Status | None:
        """The status of a row, None when it is open. O(plugins)."""
        bits = self._class.demand.closed(row)
        for name in self._order:
            status = self._bits_status(name, bits) or self._other_status(name, row)
            if status is not None:
                return status.blame(name)
        return None

    def _bits_status(self, name: str, bits: int) -> Status | None:
        if bits:
            for bit, status in _BITS.get(name, ()):
                if bits & bit:
                    return status
        return None

    def _other_status(self, name: str, row: int) -> Status | None:
        if self._fit is not None and name == self._fit.name:
            return self._fit.refusal(self._class.pod, self._rows.infos[row])
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
