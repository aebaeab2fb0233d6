"""A row per node, in the order in which nodes are tried, and which rows changed how.

Follows a snapshot. Most nodes are replaced because pods came or went that ask for nothing but room:
the table takes those over by itself (`Table.follow`), and who does not count pods need not hear of
them. `follow` looks at the rest, writes their amounts into the table and tells observers. Knows
neither pods waiting nor plugins.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol, Self

import numpy

from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Ids, Table
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY
from kcore.scheduler.snapshot import Snapshot

_NATIVE: Final = (CPU, MEMORY, EPHEMERAL_STORAGE)
SCALAR_COLUMNS_COUNT_MAX: Final = 8
"""Resources besides the native ones that get a column; a row is written for all of them."""
NOBODY: Final = NodeInfo()
"""What stands in a row before its node is written there."""


RowChange = tuple[int, NodeInfo, NodeInfo]
"""A row whose node was replaced by another version, and both versions."""


class RowObserver(Protocol):
    """Keeps something per row, and is told when rows change."""

    def rearrange(self, sources: Any) -> None:
        """Row i holds now what row `sources[i]` held, or `NOBODY` where that is -1."""

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Nodes were replaced by other versions, and not only their crowds are others.

        Of `others` the node itself is another: its object, not only what is on it. There are a few
        changes, or, when a cluster comes into being, all rows at once: then what is done per row
        must cost little.
        """


class LabelDomains:
    """The values of one label: an id per value, and per row. The empty value has id 0."""

    __slots__ = ("ids", "key", "values")

    def __init__(self, key: str, infos: Sequence[NodeInfo]) -> None:
        self.key = key
        self.values: dict[str, int] = {"": 0}
        self.ids: Ids = numpy.full(len(infos), -1, dtype=numpy.int32)
        for row, info in enumerate(infos):
            self.ids[row] = self.id_of(info.labels)

    def id_of(self, labels: Mapping[str, str]) -> int:
        """The id of the value, -1 when there is none; a new value gets the next id."""
        value = labels.get(self.key)
        if value is None:
            return -1
        return self.values.setdefault(value, len(self.values))

    def copy(self) -> "LabelDomains":
        """Independent domains with the same ids."""
        twin = object.__new__(LabelDomains)
        twin.key, twin.values, twin.ids = self.key, dict(self.values), self.ids.copy()
        return twin


class NodeKinds:
    """Nodes alike in cordon and taints, and whether any has images: what most pods look at."""

    __slots__ = ("ids", "images_count", "samples")

    def __init__(self) -> None:
        self.ids: Ids = numpy.zeros(0, dtype=numpy.int32)
        self.samples: dict[tuple[Any, bool], tuple[int, NodeInfo]] = {}
        """By taints and cordon: the id of the kind, and a node of it."""
        self.images_count = 0

    def write(self, changes: Sequence[RowChange]) -> None:
        """Nodes were replaced. O(changes)."""
        rows, ids, samples = [], [], self.samples
        taints, is_cordoned, found = None, None, 0
        for row, old, new in changes:
            if new.images or old.images:
                self.images_count += bool(new.images) - bool(old.images)
            facts = new.facts
            if old.facts is facts:
                continue
            # Most are of the kind of the last one, whose key need not be hashed again.
            if facts.taints is not taints or facts.unschedulable is not is_cordoned:
                taints, is_cordoned = facts.taints, facts.unschedulable
                found = samples.setdefault((taints, is_cordoned), (len(samples), new))[0]
            rows.append(row)
            ids.append(found)
        self.ids[rows] = ids

    def copy(self) -> "NodeKinds":
        """Independent kinds with the same ids."""
        twin = NodeKinds()
        twin.ids, twin.samples = self.ids.copy(), dict(self.samples)
        twin.images_count = self.images_count
        return twin


class NodeRows:
    """The nodes of a snapshot by row, their amounts, and the domains of labels that matter."""

    def __init__(self, scalar_columns_count_max: int = SCALAR_COLUMNS_COUNT_MAX) -> None:
        self.infos: list[NodeInfo] = []
        self.table = Table(len(_NATIVE))
        self.domains: dict[str, LabelDomains] = {}
        self.kinds = NodeKinds()
        self.zeros: Ids = self.kinds.ids
        """A column of nothing."""
        self._resources = {name: index for index, name in enumerate(_NATIVE)}
        self._columns_count_max = len(_NATIVE) + scalar_columns_count_max
        self._holders: dict[str, set[int]] = {}

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.infos)

    def follow(
        self,
        others: Sequence[int],
        nodes: Sequence[NodeInfo],
        observers: Sequence[RowObserver],
    ) -> None:
        """Bring rows up to date of which the table, which follows crowds, says that more changed.

        None of them: any may have, and the order too. O(others), or O(nodes) then.

        Raises:
            OverflowError: an amount of a node is too great for the columns.
        """
        if not others:
            self._rearrange(nodes, observers)
            others = range(len(nodes))
        infos = self.infos
        changes = [
            (row, old, new) for row in others if (old := infos[row]) is not (new := nodes[row])
        ]
        if changes:
            other_nodes = self._replace(changes)
            for observer in observers:
                observer.rows_changed(changes, other_nodes)

    def resource(self, name: str) -> int:
        """The number of a resource in the table. O(1), O(rows) for a new one.

        Raises:
            OverflowError: an amount is too great, or there are too many resources.
        """
        index = self._resources.get(name)
        if index is None:
            capacity = [info.allocatable.get(name) for info in self.infos]
            used = [info.requested.get(name) for info in self.infos]
            index = self._resources[name] = self.table.add_resource(capacity, used)
        return index

    def resource_name(self, index: int) -> str:
        """The resource of a number. O(resources)."""
        return list(self._resources)[index]

    def is_rare(self, name: str) -> bool:
        """Whether a resource gets no column: there are enough, of those that were asked for first.

        Where each node has a resource of its own, most columns would hold one amount.
        """
        return name not in self._resources and len(self._resources) >= self._columns_count_max

    def holders(self, name: str) -> Iterable[int]:
        """The rows that have something of a resource besides the native ones, in no order."""
        return self._holders.get(name, ())

    def domains_of(self, key: str) -> LabelDomains:
        """The domains of a label. O(rows) when nobody has asked before."""
        found = self.domains.get(key)
        if found is None:
            found = self.domains[key] = LabelDomains(key, self.infos)
        return found

    def copy(self) -> Self:
        """Independent rows with the same content. O(rows)."""
        twin = object.__new__(type(self))
        twin.infos = list(self.infos)
        twin.table = self.table.copy()
        twin.domains = {key: one.copy() for key, one in self.domains.items()}
        twin.kinds, twin.zeros = self.kinds.copy(), self.zeros
        twin._resources = dict(self._resources)
        twin._columns_count_max = self._columns_count_max
        twin._holders = {name: set(rows) for name, rows in self._holders.items()}
        return twin

    def check_invariants(self, snapshot: Snapshot) -> None:
        """Raise AssertionError unless the rows are those of the snapshot. O(everything)."""
        assert self.infos == list(snapshot.nodes), "rows are not the snapshot's nodes"
        known_holders = {(name, row) for row, info in enumerate(self.infos) for name in _held(info)}
        kept_holders = {(name, row) for name, rows in self._holders.items() for row in rows}
        assert kept_holders == known_holders, "holders are not those of the snapshot"
        for row, info in enumerate(self.infos):
            slots, amounts, weighed = self.table.row(row)
            assert slots == (info.allowed_pods_count, info.pods_count), info.name
            for name, index in self._resources.items():
                known = info.allocatable.get(name), info.requested.get(name)
                assert amounts[index] == known, f"{info.name}: {name}"
            assert weighed == (info.non_zero_cpu, info.non_zero_memory), info.name
            for domains in self.domains.values():
                value = info.labels.get(domains.key)
                known_id = -1 if value is None else domains.values[value]
                assert domains.ids[row] == known_id, f"{info.name}: {domains.key}"

    def _rearrange(self, nodes: Sequence[NodeInfo], observers: Sequence[RowObserver]) -> None:
        sources = self._sources(nodes)
        self.table.rearrange(sources)
        for domains in self.domains.values():
            domains.ids = rearranged(domains.ids, sources, -1)
        self.kinds.ids = rearranged(self.kinds.ids, sources, 0)
        self.zeros = numpy.zeros(len(nodes), dtype=numpy.int32)
        infos = self.infos
        # Nobody has a source in the first arrangement, and most have one in any other.
        self.infos = [NOBODY] * len(nodes)
        if infos:
            self.infos = [NOBODY if source < 0 else infos[source] for source in sources.tolist()]
        self.kinds.images_count = sum(bool(info.images) for info in self.infos)
        self._holders = {}
        for row, info in enumerate(self.infos):
            if info.allocatable.scalars:
                self._hold(row, info)
        for observer in observers:
            observer.rearrange(sources)

    def _sources(self, nodes: Sequence[NodeInfo]) -> Any:
        """Where the rows of these nodes are now; -1 for new ones."""
        if not self.infos:
            return numpy.full(len(nodes), -1, dtype=numpy.int64)
        rows = {info.name: row for row, info in enumerate(self.infos)}
        found = (rows.get(node.name, -1) for node in nodes)
        return numpy.fromiter(found, dtype=numpy.int64, count=len(nodes))

    def _replace(self, changes: Sequence[RowChange]) -> Sequence[RowChange]:
        """Bring up to date what is kept of these rows; returns those whose nodes are others."""
        infos, table = self.infos, self.table
        others: list[RowChange] = []
        anew: list[int] = []
        has_other_images = False
        for change in changes:
            row, old, new = change
            infos[row] = new
            if old.facts is not new.facts:
                others.append(change)
                anew.append(row)
            elif old.scalars is not new.scalars:
                anew.append(row)
            elif old.held.sums is not new.held.sums:
                table.use(row, new.held.size, new.held.sums)
            if old.images is not new.images:
                has_other_images = True
        if anew:
            self._write(anew)
        if others or has_other_images:
            self.kinds.write(changes)
        if others:
            self._show_others(others)
        return others

    def _show_others(self, others: Sequence[RowChange]) -> None:
        """Bring up to date what follows from the objects of nodes that are others."""
        rows = [row for row, _, _ in others]
        for domains in self.domains.values():
            domains.ids[rows] = [domains.id_of(new.labels) for _, _, new in others]
        for row, old, new in others:
            if old.allocatable.scalars:
                for name in _held(old):
                    self._holders[name].discard(row)
            if new.allocatable.scalars:
                self._hold(row, new)

    def _hold(self, row: int, info: NodeInfo) -> None:
        for name in _held(info):
            self._holders.setdefault(name, set()).add(row)

    def _write(self, rows: list[int]) -> None:
        """Tell the table all about these rows."""
        infos = [self.infos[row] for row in rows]
        scalars = list(self._resources)[len(_NATIVE) :]
        capacities: list[tuple[int, ...]] = [
            (
                info.allowed_pods_count,
                (capacity := info.allocatable).milli_cpu,
                capacity.memory,
                capacity.ephemeral_storage,
            )
            for info in infos
        ]
        crowds = [info.held for info in infos]
        sums = [crowd.sums for crowd in crowds]
        if scalars:
            # Capacities end with the other resources; behind used amounts stand the weighed ones.
            count = len(_NATIVE)
            for at, info in enumerate(infos):
                capacity, used = info.allocatable, info.scalars
                capacities[at] += tuple(capacity.get(name) for name in scalars)
                more = [used.get(name, 0) for name in scalars]
                sums[at] = (*sums[at][:count], *more, *sums[at][count:])
        self.table.set_all(rows, capacities, [crowd.size for crowd in crowds], sums)


def _held(info: NodeInfo) -> list[str]:
    """The resources besides the native ones that a node has something of."""
    scalars = info.allocatable.scalars
    return [name for name in scalars if scalars[name]]


def rearranged(column: Any, sources: Any, blank: int) -> Any:
    """A column with its rows in a new order; `blank` where there was nothing. O(rows)."""
    if not len(column):
        return numpy.full(len(sources), blank, dtype=column.dtype)
    result = column[numpy.where(sources < 0, 0, sources)]
    result[sources < 0] = blank
    return result
