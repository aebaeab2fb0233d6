"""Runs each extension point over the plugins of one profile.

Rules that are the framework's and no plugin's: the first refusal ends a Filter chain; PreFilter
goes on after a plain refusal but not after an unresolvable one; narrowings intersect; nominated
pods count in a first pass; scores are normalised per plugin, weighted and added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from kcore.errors import InvariantError, ManifestError
from kcore.machinery.frozen import EMPTY_MAP
from kcore.scheduler.framework.binding_chain import BindingChain
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import (
    MAX_NODE_SCORE,
    MIN_NODE_SCORE,
    FilterPlugin,
    NormalizeScorePlugin,
    Plugin,
    PostFilterPlugin,
    PostFilterResult,
    PreEnqueuePlugin,
    PreFilterExtensions,
    PreFilterPlugin,
    PreScorePlugin,
    QueueSortPlugin,
    ScorePlugin,
)
from kcore.scheduler.framework.narrowing import Narrowing
from kcore.scheduler.framework.points import POINT_PROTOCOLS, check_known, check_points, creating
from kcore.scheduler.framework.profile import Profile
from kcore.scheduler.framework.promised import promised_to_others
from kcore.scheduler.framework.quiet import fields_heard, speaking
from kcore.scheduler.framework.registry import Registry
from kcore.scheduler.framework.room import Room, RoomRule, room_rule
from kcore.scheduler.framework.status import SKIP, Code, Status, failed
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo


@dataclass(frozen=True, slots=True)
class PreFilterOutcome:
    """What all PreFilter plugins together say."""

    status: Status | None
    """A refusal of the pod as such, or None."""
    node_names: frozenset[str] | None
    """The nodes worth trying (membership only); None means all."""
    outside: Status
    """The status of every node that is not worth trying."""
    narrowed_by: tuple[str, ...] = ()
    """Plugins whose events might widen the search."""

    @property
    def is_open(self) -> bool:
        """Whether nobody refuses the pod or narrows the search."""
        return self.status is None and self.node_names is None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores per plugin, in the order of `nodes`; a plugin that stepped aside is absent."""

    nodes: Sequence[NodeInfo] = ()
    totals: Sequence[int] = ()
    raw: Mapping[str, Sequence[int]] = field(default_factory=dict)
    weighted: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """After normalisation, times the weight."""


class Runner:
    """The plugins of one profile, ready to run. Holds no state between attempts."""

    def __init__(self, profile: Profile, registry: Registry) -> None:
        self.profile = profile
        self.scheduler_name = profile.scheduler_name
        """Which pods this profile looks after."""
        check_known(profile, registry)
        self.plugins = {name: _built(registry, profile, name) for name in profile.names}
        self.points = profile.expand(self._implements)
        self._plugins_at: dict[str, list[Plugin]] = {}
        check_points(profile, self.plugins, self.points)
        self._pre_enqueue = cast(
            "list[PreEnqueuePlugin]", speaking(self._at("preEnqueue"), "pre_enqueue")
        )
        self.gating_fields = fields_heard(self._pre_enqueue, "pre_enqueue")
        """Spec fields without any of which PreEnqueue refuses no pod; None: ask about each."""
        self._pre_filter = cast("list[PreFilterPlugin]", self._at("preFilter"))
        self._filter = cast("list[FilterPlugin]", self._at("filter"))
        self._filters_left: dict[frozenset[str], tuple[FilterPlugin, ...]] = {}
        self._room_rules: dict[frozenset[str], RoomRule | None] = {}
        self._extensions = [
            plugin for plugin in self._pre_filter if isinstance(plugin, PreFilterExtensions)
        ]
        self._pre_score = cast("list[PreScorePlugin]", self._at("preScore"))
        self._score = [
            _scorer(self.plugins[entry.name], entry.weight) for entry in self.points["score"]
        ]
        points = ("reserve", "permit", "preBind", "bind", "postBind")
        self.binding = BindingChain(*map(self._at, points))
        """What happens once a node is chosen."""

    @property
    def has_scoring(self) -> bool:
        """Whether any Score plugin is enabled; without one the first feasible node wins."""
        return bool(self._score)

    @property
    def queue_sort(self) -> QueueSortPlugin:
        """The plugin that orders the queue.

        Raises:
            InvariantError: the profile has not exactly one.
        """
        sorts = self._at("queueSort")
        if len(sorts) != 1:
            raise InvariantError(f"profile {self.scheduler_name!r} has {len(sorts)} queue sorts")
        return cast("QueueSortPlugin", sorts[0])

    def pre_enqueue(self, handle: Handle, pod: PodInfo) -> Status | None:
        """The first refusal to let the pod into the active queue, or None."""
        for plugin in self._pre_enqueue:
            status = plugin.pre_enqueue(handle, pod)
            if status is not None:
                return status.blame(plugin.name)
        return None

    def pre_filter(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        plugins: Sequence[PreFilterPlugin] | None = None,
    ) -> PreFilterOutcome:
        """Run PreFilter, of all plugins or of these; no status lets the pod go on to Filter."""
        narrowing = Narrowing()
        skipped: list[str] = []
        refusal: Status | None = None
        for plugin in self._pre_filter if plugins is None else plugins:
            result = plugin.pre_filter(state, pod, nodes)
            status = result.status
            if status is not None:
                if status is SKIP or status.is_skip:  # Nearly always the one that all share.
                    skipped.append(plugin.name)
                    continue
                refusal = _told(status, "running PreFilter plugin", plugin.name)
                if status.code is not Code.UNSCHEDULABLE:
                    break
                continue
            narrowing.intersect(plugin.name, result.node_names)
            if narrowing.is_empty:
                refusal = narrowing.empty_status()
                break
        state.skip_filter = frozenset(skipped)
        return PreFilterOutcome(
            refusal, narrowing.names, narrowing.outside_status(), tuple(narrowing.plugins)
        )

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """The first refusal of the Filter chain, or None."""
        for plugin in self.filters_left(state):
            status = plugin.filter(state, pod, node)
            if status is not None:
                return status.blame(plugin.name)
        return None

    def filters_left(self, state: CycleState) -> tuple[FilterPlugin, ...]:
        """Filter plugins that did not step aside; asked once per node, so remembered."""
        left = self._filters_left.get(state.skip_filter)
        if left is None:
            skipped = state.skip_filter
            left = tuple(plugin for plugin in self._filter if plugin.name not in skipped)
            self._filters_left[skipped] = left
        return left

    def room(self, state: CycleState, pod: PodInfo) -> Room | None:
        """What must be free, when room is all that pods on a node can change; else None."""
        skipped = state.skip_filter
        if skipped not in self._room_rules:
            self._room_rules[skipped] = room_rule(self.filters_left(state))
        rule = self._room_rules[skipped]
        return None if rule is None else rule.room(pod)

    @property
    def filter_names(self) -> tuple[str, ...]:
        """The Filter plugins, in order."""
        return tuple(plugin.name for plugin in self._filter)

    def filter_all(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> list[Status]:
        """The refusals of all Filter plugins, not only the first; for explanations."""
        statuses = [
            (plugin.name, plugin.filter(state, pod, node))
            for plugin in self._filter
            if plugin.name not in state.skip_filter
        ]
        return [status.blame(name) for name, status in statuses if status is not None]

    def filter_with_nominated(
        self, state: CycleState, pod: PodInfo, node: NodeInfo
    ) -> Status | None:
        """Filter twice where room is promised to others: with them and without them."""
        promised = promised_to_others(state.handle.nominated, pod, node.name)
        if promised:
            # Without plugins that count pods there is nothing in the state to keep apart.
            counts = any(one.name not in state.skip_filter for one in self._extensions)
            fuller_state, fuller = state.clone() if counts else state, node
            for other in promised:
                fuller = fuller.with_pod(other)
                self.add_pod(fuller_state, pod, other, fuller)
            status = self.filter(fuller_state, pod, fuller)
            if status is not None:
                return status
        return self.filter(state, pod, node)

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Tell PreFilter extensions that `other` counts on `node`."""
        for plugin in self._extensions:
            if plugin.name not in state.skip_filter:
                plugin.add_pod(state, pod, other, node)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Tell PreFilter extensions that `other` no longer counts on `node`."""
        for plugin in self._extensions:
            if plugin.name not in state.skip_filter:
                plugin.remove_pod(state, pod, other, node)

    def post_filter(
        self, state: CycleState, pod: PodInfo, diagnosis: Diagnosis
    ) -> PostFilterResult:
        """Run PostFilter until one succeeds or fails; a refusal keeps what the last one said."""
        messages: list[str] = []
        nominated: str | None = None
        for plugin in self._at("postFilter"):
            result = cast("PostFilterPlugin", plugin).post_filter(state, pod, diagnosis)
            status = result.status
            if status is None or status.code is not Code.UNSCHEDULABLE:
                return result
            messages.extend(status.reasons)
            if result.nominated_node_name is not None:
                nominated = result.nominated_node_name
        return PostFilterResult(Status(Code.UNSCHEDULABLE, tuple(messages)), nominated)

    def pre_score(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        plugins: Sequence[PreScorePlugin] | None = None,
    ) -> Status | None:
        """Run PreScore over the feasible nodes, of all plugins or of these; a failure ends it."""
        skipped: list[str] = []
        for plugin in self._pre_score if plugins is None else plugins:
            status = plugin.pre_score(state, pod, nodes)
            if status is None:
                continue
            if not status.is_skip:
                return _told(status, "running PreScore plugin", plugin.name)
            skipped.append(plugin.name)
        state.skip_score = frozenset(skipped)
        return None

    def score(self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]) -> ScoreTable:
        """Score, normalise, weigh and add. O(plugins * nodes).

        Raises:
            InvariantError: a plugin's score is outside 0..100 after normalisation.
        """
        raws: dict[str, list[int]] = {}
        weighted: dict[str, list[int]] = {}
        totals = [0] * len(nodes)
        for plugin, weight, normalizer in self._score:
            name = plugin.name
            if name in state.skip_score:
                continue
            score = plugin.score
            raw = [score(state, pod, node) for node in nodes]
            scores = raw if normalizer is None else normalizer.normalize(state, pod, nodes, raw)
            check_range(name, nodes, scores)
            raws[name] = raw
            weighted[name] = parts = [score * weight for score in scores]
            totals = [total + part for total, part in zip(totals, parts, strict=True)]
        return ScoreTable(nodes, totals, raws, weighted)

    def rescore(
        self,
        state: CycleState,
        pod: PodInfo,
        nodes: Sequence[NodeInfo],
        known: Mapping[str, Mapping[str, int]],
    ) -> ScoreTable:
        """Score only the last of `nodes`; the others keep raw scores known by plugin and node.

        O(plugins * nodes) for normalising.
        """
        raws: dict[str, Sequence[int]] = {}
        weighted: dict[str, Sequence[int]] = {}
        totals = [0] * len(nodes)
        for plugin, weight, normalizer in self._score:
            if plugin.name in state.skip_score:
                continue
            before = known.get(plugin.name, {})
            raw = [before.get(node.name, 0) for node in nodes[:-1]]
            raw.append(plugin.score(state, pod, nodes[-1]))
            scores = raw if normalizer is None else normalizer.normalize(state, pod, nodes, raw)
            check_range(plugin.name, nodes, scores)
            raws[plugin.name] = raw
            weighted[plugin.name] = parts = [score * weight for score in scores]
            totals = [total + part for total, part in zip(totals, parts, strict=True)]
        return ScoreTable(nodes, totals, raws, weighted)

    def _at(self, point: str) -> list[Plugin]:
        found = self._plugins_at.get(point)
        if found is None:
            found = [self.plugins[entry.name] for entry in self.points[point]]
            self._plugins_at[point] = found
        return found

    def _implements(self, name: str, point: str) -> bool:
        protocol = POINT_PROTOCOLS.get(point)
        return protocol is not None and isinstance(self.plugins[name], protocol)


def _told(status: Status, doing: str, plugin: str) -> Status:
    """Blame the plugin; a failure also says what went on, in upstream's words."""
    if status.code is Code.ERROR:
        status = failed(f'{doing} "{plugin}": {status.message}')
    return status.blame(plugin)


def _built(registry: Registry, profile: Profile, name: str) -> Plugin:
    try:
        return registry.build(name, profile.args.get(name, EMPTY_MAP))
    except (ManifestError, TypeError, ValueError) as error:
        # A factory says in any of these ways that it cannot be built from such args.
        rule = error.rule if isinstance(error, ManifestError) else str(error)
        what = f'initializing plugin "{name}"'
        raise ManifestError(f"{creating(profile)}: {what}: {rule}") from error


def _scorer(plugin: Plugin, weight: int) -> tuple[ScorePlugin, int, NormalizeScorePlugin | None]:
    normalizer = plugin if isinstance(plugin, NormalizeScorePlugin) else None
    return cast("ScorePlugin", plugin), weight or 1, normalizer


def check_range(name: str, nodes: Sequence[NodeInfo], scores: Sequence[int]) -> None:
    """Refuse scores outside 0..100.

    Raises:
        InvariantError: the plugin, the node and the score.
    """
    if not scores or (min(scores) >= MIN_NODE_SCORE and max(scores) <= MAX_NODE_SCORE):
        return
    for node, score in zip(nodes, scores, strict=True):
        if not MIN_NODE_SCORE <= score <= MAX_NODE_SCORE:
            raise InvariantError(
                f"plugin {name!r} returns an invalid score {score} for node {node.name!r}, it "
                f"should in the range of [{MIN_NODE_SCORE}, {MAX_NODE_SCORE}] after normalizing"
            )
