"""How many volumes each node may hold, and holds at most.

What the plugin `NodeVolumeLimits` counts takes a look at every claim of every pod of a node. No pod
has more volumes that count than it has claims, so where even all of them stay below the limit,
nobody needs to look. What is left are the rows in doubt: what is on these is remembered for as long
as it is that.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy

from kcore.scheduler.claims import CLAIMS, CLASSES, VOLUMES
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.packed.kernels import Counts
from kcore.scheduler.packed.label_masks import Mask
from kcore.scheduler.packed.node_rows import NodeRows, RowChange, rearranged
from kcore.scheduler.packed.promises import Guests
from kcore.scheduler.plugins.node_volume_limits import (
    ATTACHMENTS,
    CSI_NODES,
    PresentVolumes,
    limits_of,
    present_on,
)

if TYPE_CHECKING:
    from kcore.scheduler.node_info import NodeInfo

UNLIMITED = 2**62
_DECISIVE: Final = (CLAIMS, VOLUMES, CLASSES, ATTACHMENTS)
"""What decides which volumes a pod's claims are, and which are on a node."""


class VolumeRows:
    """Claims per row, and the limits of drivers; an observer of rows."""

    def __init__(self, rows: NodeRows) -> None:
        self._rows = rows
        self._claims: Counts = numpy.zeros(0, dtype=numpy.int64)
        self._forget()

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O(rows)."""
        self._claims = rearranged(self._claims, sources, 0)
        self._forget()

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Count the claims of the nodes' pods. O(changes)."""
        for row, old, new in changes:
            if old.claims_count != new.claims_count:
                self._claims[row] = new.claims_count

    def in_doubt(
        self, handle: Handle, wanted: Mapping[str, int], guests: Guests | None
    ) -> Mask | None:
        """Rows where so many volumes more, by driver, may be too many; None when there are none.

        Those of guests count, too. O(rows * drivers); O(nodes + attachments) when limits or
        attachments changed.
        """
        self._read(handle)
        found: Mask | None = None
        claims = self._claims
        if guests is not None:
            claims = claims + guests.claims
        for driver, count in wanted.items():
            limits = self._limits.get(driver)
            if limits is None:
                continue
            doubt: Mask = claims > limits - (self._attached + count)
            if doubt.any():
                found = doubt if found is None else found | doubt
        return found

    def present(self, handle: Handle, row: int) -> PresentVolumes:
        """The volumes on the node of a row. O(1) where nothing changed since somebody asked."""
        views = tuple(handle.lister(resource).view for resource in _DECISIVE)
        if views != self._views:
            self._forget_present(views)
        info = self._rows.infos[row]
        known = self._present.get(row)
        if known is None or known[0] is not info:
            known = self._present[row] = (info, present_on(handle, info))
        return known[1]

    def copy(self, rows: NodeRows) -> "VolumeRows":
        """Independent counts over independent rows. O(rows)."""
        twin = object.__new__(VolumeRows)
        twin._rows, twin._claims = rows, self._claims.copy()
        # Made anew when they change, never written to.
        twin._limits, twin._attached = self._limits, self._attached
        twin._csi_nodes, twin._attachments = self._csi_nodes, self._attachments
        twin._forget_present()
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless every row has the claims of its pods. O(rows)."""
        for row, info in enumerate(self._rows.infos):
            count = sum(pod.claims_count for pod in info.pods)
            assert self._claims[row] == count, f"{info.name}: claims"

    def _forget(self) -> None:
        self._limits: dict[str, Counts] = {}
        self._attached: Counts | int = 0
        self._csi_nodes: object = None
        self._attachments: object = None
        self._forget_present()

    def _forget_present(self, views: tuple[object, ...] = ()) -> None:
        self._views = views
        self._present: dict[int, tuple[NodeInfo, PresentVolumes]] = {}

    def _read(self, handle: Handle) -> None:
        """Read limits and attachments again if somebody changed one."""
        csi_nodes, attachments = handle.lister(CSI_NODES), handle.lister(ATTACHMENTS)
        view = csi_nodes.view
        if view is not self._csi_nodes:
            self._limits = self._limit_columns(
                {one["metadata"]["name"]: limits_of(one) for one in csi_nodes.list()}
            )
            self._csi_nodes = view
        view = attachments.view
        if view is not self._attachments:
            counts: dict[str, int] = {}
            for one in attachments.list():
                name = one.at("spec", "nodeName", default="")
                counts[name] = counts.get(name, 0) + 1
            self._attached = self._column(counts, 0) if counts else 0
            self._attachments = view

    def _limit_columns(self, limits: Mapping[str, Mapping[str, int]]) -> dict[str, Counts]:
        by_driver: dict[str, dict[str, int]] = {}
        for name, row in limits.items():
            for driver, limit in row.items():
                by_driver.setdefault(driver, {})[name] = limit
        return {driver: self._column(one, UNLIMITED) for driver, one in by_driver.items()}

    def _column(self, by_name: Mapping[str, int], blank: int) -> Counts:
        numbers = (by_name.get(info.name, blank) for info in self._rows.infos)
        return numpy.fromiter(numbers, dtype=numpy.int64, count=len(self._rows))
