"""Adding up the scores of candidates: columns first, then the plugins that are asked one by one."""

from collections.abc import Sequence

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.row_plugins import RowScore
from kcore.scheduler.framework.runner import check_range
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.idle_pods import is_silent
from kcore.scheduler.packed.profile_plan import OtherScore
from kcore.scheduler.packed.row_columns import RowColumns
from kcore.scheduler.plugins.node_affinity import NodeAffinity
from kcore.scheduler.plugins.taint_toleration import TaintToleration
from kcore.scheduler.pod_info import PodInfo


class Scoring:
    """One search's scores."""

    def __init__(self, columns: Columns, state: CycleState, pod: PodInfo) -> None:
        self._columns = columns
        self._state = state
        self._pod = pod
        self.raw: dict[str, list[int]] | None = None
        """By plugin, when somebody wants to see them: set it to an empty dict before `run`."""
        self.weighted: dict[str, list[int]] = {}

    def run(self) -> Status | None:
        """Score all candidates; a plugin's failure ends the search.

        Raises:
            InvariantError: a plugin's score is outside 0..100 after normalisation.
        """
        columns, plan = self._columns, self._columns.plan
        if columns.recipe.is_idle:
            pre_scores, others = plan.working_pre_scores, plan.working_scores
        else:
            state = self._state
            pre_scores = [one for one in plan.other_pre_scores if not is_silent(one, state)]
            others = [row for row in plan.other_scores if not is_silent(row[0], state)]
        nodes: Sequence[NodeInfo] = ()
        if pre_scores or others:
            infos = columns.rows.infos
            nodes = [infos[row] for row in columns.search.rows.tolist()]
        if pre_scores:
            failure = plan.runner.pre_score(self._state, self._pod, nodes, pre_scores)
            if failure is not None:
                return failure
        self._score_columns()
        if not columns.relation.wishes_nothing:
            for name in columns.relations.score(plan, columns.relation, columns.search):
                self._show(name)
        for row in others:
            self._ask(row, nodes)
        return None

    def _ask(self, row: OtherScore, nodes: Sequence[NodeInfo]) -> None:
        """Let a plugin score the candidates one by one."""
        plugin, weight, normalizer = row
        if plugin.name in self._state.skip_score:
            return
        if isinstance(plugin, RowScore):
            columns = RowColumns(self._columns.rows, self._columns.search.rows)
            raw = [int(one) for one in plugin.score_rows(self._state, self._pod, columns)]
        else:
            raw = [plugin.score(self._state, self._pod, node) for node in nodes]
        scores = raw
        if normalizer is not None:
            scores = normalizer.normalize(self._state, self._pod, nodes, raw)
        check_range(plugin.name, nodes, scores)
        self._columns.search.add(scores, weight)
        if self.raw is not None:
            self.raw[plugin.name] = raw
            self.weighted[plugin.name] = [score * weight for score in scores]

    def _score_columns(self) -> None:
        columns = self._columns
        search, pod_class, weights = columns.search, columns.pod_class, columns.plan.weights
        search.begin(pod_class.demand.marks, pod_class.demand.worth)
        weight = weights.get(TaintToleration.name)
        soft = pod_class.soft_taints
        if soft is None and self.raw is not None:
            # The same for all: it matters only to who looks at the numbers.
            soft = columns.rows.zeros
        if weight is not None and soft is not None:
            search.add_scaled(soft, weight, True)
            self._show(TaintToleration.name)
        weight = weights.get(NodeAffinity.name)
        if weight is not None and pod_class.preference is not None:
            search.add_scaled(pod_class.preference, weight)
            self._show(NodeAffinity.name)

    def _show(self, name: str) -> None:
        if self.raw is not None:
            self.raw[name] = self._columns.search.raw.tolist()
            self.weighted[name] = self._columns.search.part.tolist()
