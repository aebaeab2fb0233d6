"""Topics `cycle/*` and `preemption/*`: one whole attempt."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.configuration import options_from
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.plugins.default_preemption import DefaultPreemption, ineligibility
from kcore.scheduler.preemption import least_costly
from kcore.scheduler.sampling import TieRule
from tests.conformance.scheduler.status import status
from tests.conformance.scheduler.world import World, info

YEAR_NS = 365 * 24 * 3600 * 10**9


def answer_cycle(given):
    """One whole attempt, and what preemption would do, in the vectors' words."""
    world = World(given["cluster"])
    # A pod that has not started counts as starting now, which upstream read from the wall clock.
    world.clock.advance_to(world.clock.now_ns() + YEAR_NS)
    profile = DEFAULT_PROFILE
    if "config" in given:
        profile = options_from(freeze(given["config"])).profiles[0]
    runner = world.runner_of(profile)
    state = CycleState(world)
    pod = info(given["pod"])
    attempt = Attempt(runner, state, world.snapshot, Search(tie_rule=TieRule.HEAP))
    found = attempt.find(pod, world.choices)
    order = [node.name for node in world.snapshot]
    if isinstance(found, Found):
        return {"nodeOrder": order, **_found(found, order)}
    out = {"nodeOrder": order, **_diagnosis(found.diagnosis, order)}
    if found.failure is not None:
        out.pop("absentNodes", None)
        return {**out, "error": found.failure.message}
    return {**out, **_preemption(runner, state, pod, found.diagnosis)}


def _diagnosis(diagnosis, order):
    out = {
        "nodeStatus": _statuses(diagnosis.node_statuses),
        "unschedulablePlugins": sorted(diagnosis.unschedulable_plugins),
        "pendingPlugins": sorted(diagnosis.pending_plugins),
        "preFilterMessage": diagnosis.pre_filter_message,
    }
    if len(diagnosis.node_statuses) < len(order):
        out["absentNodes"] = _status(diagnosis.absent_status)
    return {key: value for key, value in out.items() if value}


def _found(found, order):
    best = max(found.scores.totals, default=0)
    totals = found.scores.totals
    ties = [node.name for node, total in zip(found.feasible, totals, strict=False) if total == best]
    out = {
        "feasible": [node.name for node in found.feasible],
        "nodeStatus": _statuses(found.statuses),
        "heapPick": found.node_name,
        "ties": ties or [found.node_name],
    }
    if found.outside is not None:
        # Upstream's order is then that of a Go map: any of the best is right.
        del out["heapPick"]
        if len(found.statuses) + len(found.feasible) < len(order):
            out["absentNodes"] = _status(found.outside)
    if totals:
        names = [node.name for node in found.feasible]
        out["total"] = dict(zip(names, totals, strict=True))
        for key in ("raw", "weighted"):
            table = getattr(found.scores, key)
            out[key] = {
                name: {plugin: scores[index] for plugin, scores in table.items()}
                for index, name in enumerate(names)
            }
    return out


def _statuses(statuses):
    return {name: _status(one) for name, one in statuses.items()}


def _status(one):
    return {**status(one), **({"plugin": one.plugin} if one.plugin else {})}


def _preemption(runner, state, pod, diagnosis):
    plugin = DefaultPreemption(freeze({}))
    is_enabled = any(one.name == plugin.name for one in runner.points["postFilter"])
    refusal = ineligibility(state.handle, pod, diagnosis)
    if refusal:
        message = f"preemption: {refusal}"
        data = {"eligible": False, "notEligible": refusal}
        return _said(diagnosis, data, message if is_enabled else "", "Unschedulable")
    outlook = plugin.outlook(state, pod, diagnosis)
    candidates, statuses = outlook.candidates, outlook.statuses
    data = {"eligible": True, "nodeStatus": _statuses(statuses)}
    if not candidates:
        result = runner.post_filter(state, pod, diagnosis)
        if result.nominated_node_name is not None:
            data["nominate"] = {"mode": 1, "node": result.nominated_node_name}
        return _said(diagnosis, data, result.status.message, result.status.code.value)
    best = least_costly(candidates, state.handle.clock.now_ns())
    names = {candidate.node_name for candidate in best}
    data["candidates"] = {
        one.node_name: {
            "pods": [victim.key for victim in one.victims],
            "pdbViolations": one.violations_count,
        }
        for one in candidates
    }
    data["chosenAmong"] = [node.name for node in state.handle.snapshot if node.name in names]
    if len(best) > 1:
        return {"errorBeforePostFilter": diagnosis.message, "preemption": data}
    data["nominate"] = {"mode": 1, "node": best[0].node_name}
    message = (
        f"preemption: found a potential placement for pod on node {best[0].node_name}, "
        f"preempting {len(best[0].victims)} victims"
    )
    return _said(diagnosis, data, message if is_enabled else "", "Success")


def _said(diagnosis, data, message, code):
    error = diagnosis.with_post_filter_message(message).message
    return {
        "error": error,
        "preemption": {**data, "postFilterMessage": message, "postFilterCode": code},
    }
