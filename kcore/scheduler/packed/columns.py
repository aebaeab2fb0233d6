"""What one search runs over, in one value."""

from dataclasses import dataclass

from kcore.scheduler.packed import kernels
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.recipe import Recipe
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.packed.volume_rows import VolumeRows


# Not frozen: one is made for every search, and a frozen one takes thrice as long.
@dataclass(slots=True)
class Columns:
    """Rows, relations, one kind of pods, and a search to find candidates with."""

    recipe: Recipe
    relation: Relation
    rows: NodeRows
    relations: Relations
    volumes: VolumeRows
    pod_class: PodClass
    search: kernels.Search

    @property
    def plan(self) -> ProfilePlan:
        """The profile."""
        return self.recipe.plan
