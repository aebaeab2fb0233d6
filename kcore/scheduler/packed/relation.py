"""Which counts matter for one kind of pod: a shopping list, made once and read at every search."""

from dataclasses import dataclass, field

from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed.kernels import Gate
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_counts import DomainSums, PodCounts


# Not frozen: some are made at every search, and frozen ones take thrice as long to make.
@dataclass(slots=True)
class Closing:
    """A gate, the plugin it belongs to, and what the plugin says of a row that it closes."""

    plugin: str
    gate: Gate
    status: Status
    without_label: Status | None = None
    """The status of a row that has no domain, where it is another one."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts by domain, and how much each counts in a score."""

    counts: PodCounts
    sums: DomainSums
    factor: int = 1

    def refreshed(self, rows: NodeRows) -> DomainSums:
        """The counts as they are now."""
        sums = self.sums
        if sums.is_stale:
            sums.refresh(rows, self.counts.per_row)
        return sums


@dataclass(frozen=True, slots=True)
class SpreadMust:
    """A `DoNotSchedule` constraint: a domain may exceed the emptiest one by so many."""

    tally: Tally
    skew_max: int
    """The maximal skew, less one if the pod counts itself."""
    min_domains_count: int


@dataclass(frozen=True, slots=True)
class SpreadWish:
    """A `ScheduleAnyway` constraint; without sums every row is a domain of its own."""

    label_key: str
    counts: PodCounts
    sums: DomainSums | None
    offset: float


@dataclass(frozen=True, slots=True)
class SpreadWishes:
    """All wishes of a pod; candidates that lack one of the needed labels do not take part."""

    wishes: tuple[SpreadWish, ...]
    needed_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demands:
    """Required affinity: pods that all terms mean, by the domain of each term."""

    counts: PodCounts
    sums: tuple[DomainSums, ...]
    means_itself: bool


@dataclass(slots=True)
class Relation:
    """Everything that ties one kind of pod to others."""

    spread_musts: list[SpreadMust] = field(default_factory=list)
    spread_wishes: SpreadWishes | None = None
    demands: Demands | None = None
    refused: list[Tally] = field(default_factory=list)
    """Pods that this one keeps away from."""
    refusing: list[Tally] = field(default_factory=list)
    """Pods that keep away from this one."""
    near: list[Tally] = field(default_factory=list)
    """Wishes of both sides."""

    @property
    def closes_nothing(self) -> bool:
        """Whether no row can be closed because of it."""
        return not (self.spread_musts or self.demands or self.refused or self.refusing)

    @property
    def wishes_nothing(self) -> bool:
        """Whether no row can score because of it."""
        return self.spread_wishes is None and not self.near
