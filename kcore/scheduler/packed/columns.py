"""What one search runs over, in one value."""

from dataclasses import dataclass, field

from kcore.scheduler.attempt import Search
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.packed import kernels
from kcore.scheduler.packed.losses import LossTables
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.promises import Guests, Promises
from kcore.scheduler.packed.recipe import Recipe
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.packed.shortages import Shortages
from kcore.scheduler.packed.surroundings import Surroundings
from kcore.scheduler.packed.volume_rows import VolumeRows
from kcore.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kcore.scheduler.sampling import feasible_count_wanted


# Not frozen: a frozen one takes thrice as long to make.
@dataclass(slots=True)
class Columns:
    """Rows, relations, one kind of pods, and searches to find candidates with."""

    recipe: Recipe
    relation: Relation
    rows: NodeRows
    relations: Relations
    volumes: VolumeRows
    promises: Promises
    losses: LossTables
    pod_class: PodClass
    search: kernels.Search
    peak: kernels.PeakSearch | kernels.GatedPeak
    """Finds the best by marks; a gated one only after `begin_gated`."""
    surroundings: Surroundings
    version: object
    """Of the state that they belong to: they are good for it alone."""
    demand: kernels.Demand = field(init=False)
    """That of the class: the marks of its rows."""
    idle: frozenset[str] = field(init=False)
    """Plugins that step aside, as they say nothing of such a pod."""
    guests: Guests | None = field(init=False, default=None)
    """Others who count on rows that were promised to them; known for one search at a time."""
    _percentage: int | None = field(init=False, default=None)
    _wanted: int = field(init=False, default=1)
    is_quiet: bool = field(init=False)
    """Whether no plugin is asked about such a pod as it is written."""
    is_alone: bool = field(init=False)
    """Whether marks and other pods alone decide: no plugin is asked, no score is relative."""
    is_plain: bool = field(init=False)
    """Whether marks alone decide: no other pod has a say, either."""
    is_barred: bool = field(init=False)
    """Whether marks decide, and other pods who bar rows, or from whom this one should be far."""
    is_gated: bool = field(init=False)
    """Whether other pods may close rows."""
    is_drawn: bool = field(init=False)
    """Whether other pods may make rows better or worse."""
    guests_by_room: bool = field(init=False)
    """Whether of guests it matters alone how much room they take, to the plugins on columns."""
    plain_for: Search | None = field(init=False, default=None)
    """The search that `peak` was found to decide, but for promises: see `begin_plain`."""
    enough: int = field(init=False, default=0)
    """How many candidates are enough for that search."""
    named_row: int = field(init=False, default=-1)
    """The only row that is looked at, as the pod names its node; -1 where it names none."""
    runner: Runner = field(init=False)
    """Of the profile."""
    completion: tuple[object, CycleState] | None = field(init=False, default=None)
    """What PreFilter of the plugins on columns says, and the stamp of the snapshot it looked at."""

    def __post_init__(self) -> None:
        relation, recipe = self.relation, self.recipe
        pod_class = self.pod_class
        self.demand = pod_class.demand
        self.idle, self.runner = recipe.plan.idle, recipe.plan.runner
        self.is_quiet = recipe.is_idle and recipe.plan.asks_nobody
        self.is_alone = (
            self.is_quiet and pod_class.soft_taints is None and pod_class.preference is None
        )
        self.is_gated = not relation.closes_nothing
        self.is_drawn = not relation.wishes_nothing
        by_marks = self.is_alone and not self.demand.is_wide
        is_tied = self.is_gated or self.is_drawn
        self.is_plain = by_marks and not is_tied
        # A demand for company, and a wish for it, depend on all their counts at once.
        self.is_barred = by_marks and is_tied and not (relation.demands or relation.near)
        self.guests_by_room = (
            not self.is_gated
            and not pod_class.rare_needs
            and not pod_class.pod.host_ports
            and NodeResourcesFit.name in recipe.plan.filters
        )

    def expect(self, guests: Guests | None) -> None:
        """Let these guests count in the next search. O(1), O(promises) with guests.

        Raises:
            OverflowError: what they ask for is too much for columns.
        """
        self.guests = guests
        if guests is not None and self.guests_by_room:
            for index, _ in self.pod_class.needs:
                guests.amounts(self.rows.resource_name(index))

    def begin_plain(self, search: Search) -> None:
        """Remember that marks alone decide in this search, and when it is made again.

        How one searches stays as it is; only where one starts does not.
        """
        self.plain_for, self.enough = search, self.wanted(search.percentage)

    def begin_named(self, search: Search, row: int) -> None:
        """Likewise, remember that the mark of one row decides. Rows keep their places meanwhile."""
        self.plain_for, self.named_row = search, row

    def begin_gated(self, search: Search) -> None:
        """Likewise where rows are barred, too; gates are made once and read counts as they are.

        The sums that they read stay the same ones while the columns are known: what spoils sums
        (a node that changes, rows that come and go) changes the version.

        Raises:
            OverflowError: too many gates.
        """
        if self.plain_for is None:
            self.peak = self.relations.gated_peak(self.recipe.plan, self.relation)
        self.begin_plain(search)

    def shortages(self, guests: Guests | None) -> Shortages:
        """What rows are short of while these guests count. O(rows)."""
        return Shortages(self.rows, self.pod_class, guests)

    def marks(self, shortages: Shortages | None = None) -> kernels.Flags:
        """A mark per row, 0 where it is closed; read only. O(1), O(rows) with shortages.

        Shortages of what guests take are not in the marks of the class.
        """
        marks: kernels.Flags = self.demand.marks
        if shortages is None:
            if self.guests is None:
                return marks
            shortages = self.shortages(self.guests)
        marks = marks.copy()
        marks[shortages.closed] = 0
        return marks

    def wanted(self, percentage: int) -> int:
        """How many candidates are enough, for a share of the nodes. O(1)."""
        if percentage != self._percentage:
            self._percentage = percentage
            if self.recipe.plan.has_scoring:
                self._wanted = feasible_count_wanted(percentage, len(self.rows))
        return self._wanted

    @property
    def plan(self) -> ProfilePlan:
        """The profile."""
        return self.recipe.plan
