"""Placing a great many pods at once: what so many attempts would do, without objects in between.

The outcome is that of one attempt after the other which looks at all nodes and takes the first of
equal ones (`percentage_of_nodes_to_score=100`, `TieRule.FIRST`), each placement counting for the
next. Only numbers change, so a decision costs O(log nodes).

Only pods whose best node follows from room, taints and required node affinity can be placed so;
others are refused by name with the reason. Nothing is written anywhere.
"""

from collections.abc import Sequence
from typing import Final

import numpy

from kcore.errors import ManifestError
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.packed.kernels import RESOURCES_MAX, Demand, place
from kcore.scheduler.packed.packed_state import PackedState
from kcore.scheduler.packed.pod_class import PodClass
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.recipe import Recipe
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.surroundings import Surroundings
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

NOWHERE: Final = ""
_NO_RELATION: Final = Relation()


class Filling:
    """The nodes of a snapshot, filled up in thought."""

    def __init__(self, runner: Runner, handle: Handle, snapshot: Snapshot) -> None:
        """Copy the nodes into columns. O(nodes).

        Raises:
            OverflowError: an amount of a node is too great for the columns.
        """
        self._plan = ProfilePlan(runner)
        self._handle = handle
        # Numbers alone decide, so every resource needs a column.
        self._state = PackedState(RESOURCES_MAX)
        self._state.follow(snapshot.copy())
        self._demands: list[Demand] = []
        self._numbers: dict[int, int] = {}

    def place(self, pods: Sequence[PodInfo]) -> list[str]:
        """The node of each pod, in turn; `NOWHERE` for a pod that fits on none.

        O(log nodes) per pod, and for each row that changed since the last pod of the same kind.

        Raises:
            ManifestError: where a pod belongs depends on more than room, taints and labels.
        """
        turns = numpy.fromiter(map(self._number, pods), dtype=numpy.int32, count=len(pods))
        infos = self._state.rows.infos
        rows = place(self._state.rows.table, self._demands, turns).tolist()
        return [infos[row].name if row >= 0 else NOWHERE for row in rows]

    def _number(self, pod: PodInfo) -> int:
        """The position of the pod's demand; a new kind of pod is looked at closely."""
        recipe = self._state.recipe_of(self._plan, pod)
        number = self._numbers.get(recipe.number)
        # Pods of one class may still differ in what ties them to others.
        if number is None or recipe.pod is pod:
            problem = self._problem(recipe)
            if problem:
                raise ManifestError(f"{problem}, so it takes an attempt", subject=f"pod {pod.key}")
        if number is None:
            pod_class = self._state.class_of(recipe)
            problem = _problem_of(pod_class)
            if problem:
                raise ManifestError(f"{problem}, so it takes an attempt", subject=f"pod {pod.key}")
            number = self._numbers[recipe.number] = len(self._demands)
            self._demands.append(pod_class.demand)
        return number

    def _problem(self, recipe: Recipe) -> str:
        plan = self._plan
        if recipe.pod.node_name or recipe.pod.names_nodes:
            return "it names its nodes"
        if not recipe.is_idle:
            return "it has volumes or devices"
        if plan.working_pre_filters or plan.working_filters or plan.working_scores:
            return "other plugins look at it"
        around = Surroundings(self._handle, recipe.pod)
        if recipe.ties.relation(self._state.relations, around) != _NO_RELATION:
            return "its place depends on other pods"
        return "it has host ports" if recipe.pod.host_ports else ""


def _problem_of(pod_class: PodClass) -> str:
    if pod_class.preference is not None or pod_class.soft_taints is not None:
        return "its scores are relative to other nodes"
    return "its scores are too great" if pod_class.demand.is_wide else ""
