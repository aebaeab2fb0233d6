"""What one search runs over, in one value."""

from dataclasses import dataclass, field

from kcore.scheduler.packed import kernels
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.recipe import Recipe
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.packed.volume_rows import VolumeRows


# Not frozen: a frozen one takes thrice as long to make.
@dataclass(slots=True)
class Columns:
    """Rows, relations, one kind of pods, and searches to find candidates with."""

    recipe: Recipe
    relation: Relation
    rows: NodeRows
    relations: Relations
    volumes: VolumeRows
    pod_class: PodClass
    search: kernels.Search
    peak: kernels.PeakSearch
    is_alone: bool = field(init=False)
    """Whether no other plugin and no other pod has a say."""

    def __post_init__(self) -> None:
        relation, recipe = self.relation, self.recipe
        self.is_alone = (
            recipe.is_idle
            and recipe.plan.asks_nobody
            and relation.closes_nothing
            and relation.wishes_nothing
        )

    @property
    def plan(self) -> ProfilePlan:
        """The profile."""
        return self.recipe.plan
