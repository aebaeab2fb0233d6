"""Answers scheduler vectors with kcore's scheduler, in the vectors' own words."""

from kcore.errors import ManifestError
from kcore.machinery.frozen import EMPTY_MAP, freeze
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import (
    FilterPlugin,
    NormalizeScorePlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    ScorePlugin,
)
from tests.scheduler.world import World, info


def status(value):
    if value is None:
        return {"code": "Success"}
    data = {"code": value.code.value}
    if value.reasons:
        data["reasons"] = sorted(value.reasons)
    return data


def answer_plugin(given):
    """The phases of one plugin on every node."""
    world = World(given["cluster"])
    nodes = list(world.snapshot)
    pod = info(given["pod"])
    try:
        plugin = REGISTRY.build(given["plugin"], freeze(given.get("args", {})), world)
    except ManifestError as error:
        return {"error": str(error)}
    state, out = CycleState(), {}
    if isinstance(plugin, PreEnqueuePlugin):
        out["preEnqueue"] = status(plugin.pre_enqueue(pod))
    skipped = False
    out["preFilter"] = {"code": "Success"}
    if isinstance(plugin, PreFilterPlugin):
        result = plugin.pre_filter(state, pod, nodes)
        out["preFilter"] = status(result.status)
        if result.node_names is not None:
            out["preFilterNodes"] = sorted(result.node_names)
        skipped = result.status is not None and result.status.is_skip
        if result.status is not None and not skipped:
            return out
    passed = nodes
    if isinstance(plugin, FilterPlugin) and not skipped:
        statuses = {node.name: plugin.filter(state, pod, node) for node in nodes}
        out["filterFailed"] = {
            name: status(value) for name, value in statuses.items() if value is not None
        }
        passed = [node for node in nodes if statuses[node.name] is None]
    if not isinstance(plugin, ScorePlugin):
        return out
    if isinstance(plugin, PreScorePlugin):
        result = plugin.pre_score(state, pod, passed)
        out["preScore"] = status(result)
        if result is not None:
            return out
    raw = [plugin.score(state, pod, node) for node in passed]
    out["raw"] = {node.name: score for node, score in zip(passed, raw, strict=True)}
    if isinstance(plugin, NormalizeScorePlugin):
        scores = plugin.normalize(state, pod, passed, raw)
        out["normalized"] = {
            node.name: score for node, score in zip(passed, scores, strict=True)
        }
    return out
