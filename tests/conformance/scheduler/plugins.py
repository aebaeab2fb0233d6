"""Topic `plugins/*`: one plugin alone, on every node."""

from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import (
    PASSED,
    FilterPlugin,
    NormalizeScorePlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    ScorePlugin,
)
from tests.conformance.scheduler.status import status
from tests.conformance.scheduler.world import World, info


def answer_plugin(given):
    """The phases of one plugin on every node."""
    world = World(given["cluster"])
    try:
        plugin = REGISTRY.build(given["plugin"], freeze(given.get("args", {})))
    except ManifestError as error:
        return {"error": str(error)}
    return _Phases(world, plugin, info(given["pod"])).run()


class _Phases:
    """One plugin, one pod, and what each phase said so far."""

    def __init__(self, world, plugin, pod):
        self.plugin, self.pod, self.world = plugin, pod, world
        self.nodes = list(world.snapshot)
        self.state = CycleState(world)
        self.out = {}

    def run(self):
        if isinstance(self.plugin, PreEnqueuePlugin):
            self.out["preEnqueue"] = status(self.plugin.pre_enqueue(self.world, self.pod))
        passed = self.nodes
        if isinstance(self.plugin, (PreFilterPlugin, FilterPlugin)):
            passed = self.filter()
        if passed and isinstance(self.plugin, ScorePlugin):
            self.score(passed)
        return self.out

    def filter(self):
        """The nodes that pass; none when PreFilter refuses."""
        result = PASSED
        if isinstance(self.plugin, PreFilterPlugin):
            result = self.plugin.pre_filter(self.state, self.pod, self.nodes)
        self.out["preFilter"] = status(result.status)
        if result.node_names is not None:
            self.out["preFilterNodes"] = sorted(result.node_names)
        if result.status is not None:
            return self.nodes if result.status.is_skip else []
        statuses = {
            node.name: self.plugin.filter(self.state, self.pod, node) for node in self.nodes
        }
        self.out["filterFailed"] = {
            name: status(value) for name, value in statuses.items() if value is not None
        }
        return [node for node in self.nodes if statuses[node.name] is None]

    def score(self, passed):
        if isinstance(self.plugin, PreScorePlugin):
            result = self.plugin.pre_score(self.state, self.pod, passed)
            self.out["preScore"] = status(result)
            if result is not None:
                return
        raw = [self.plugin.score(self.state, self.pod, node) for node in passed]
        names = [node.name for node in passed]
        self.out["raw"] = dict(zip(names, raw, strict=True))
        if isinstance(self.plugin, NormalizeScorePlugin):
            scores = self.plugin.normalize(self.state, self.pod, passed, raw)
            self.out["normalized"] = dict(zip(names, scores, strict=True))
