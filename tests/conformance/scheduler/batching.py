"""Topics `batching/*`: signatures of pods, and hints from one attempt for the next."""

import json

from kcore.machinery.frozen import freeze, thaw
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.batching import Batch
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.configuration import options_from
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.sampling import TieRule
from kcore.scheduler.signature import signature
from tests.conformance.comparison import same
from tests.conformance.registry import UnsupportedError
from tests.conformance.scheduler.world import World, info

FEATURES = "v1.Pod.Spec.RequiredFeatures()"


def gates(record):
    raise UnsupportedError("kcore has no feature gates: it does what the default gates say")


def signed(record):
    """Fields inside JSON texts may come in any order: only equality of signatures matters."""
    given = record["in"]
    value = signature(World().runner_of(_profile(given)), info(given["pod"]))
    if value is None:
        return {"signable": False}
    value = thaw(value)
    # Upstream shows a set of bits; none is none.
    value[FEATURES] = value[FEATURES] or "000000000"
    answer = {"signable": True, "signature": value}
    expected = record["out"]
    return expected if same(_opened(expected), _opened(answer), prune=False) else answer


def _opened(value):
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_opened(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        return _opened(json.loads(value))
    return value


def hints(record):
    given = record["in"]
    world, batch, start, steps = World(given["cluster"]), Batch(), 0, []
    runner = world.runner_of(_profile(given))
    for number, pod in enumerate(map(info, given["pods"])):
        search = Search(0, start, TieRule.HEAP, batch, number)
        state = CycleState(world)
        found = Attempt(runner, state, world.cache.refresh(), search).find(pod, world.choices)
        start = found.next_start_index
        step = {"pod": pod.name}
        if isinstance(found, Found):
            step["feasible"] = len(found.feasible)
            step["evaluated"] = len(found.feasible) + len(found.statuses)
            step["node"] = found.node_name
            world.cache.assume(pod.on_node(found.node_name))
        else:
            step["error"] = found.diagnosis.message
        steps.append(step)
    return {"steps": steps}


def _profile(given):
    if "config" not in given:
        return DEFAULT_PROFILE
    return options_from(freeze(given["config"])).profiles[0]


ANSWERS = {"batching/gates": gates, "batching/signature": signed, "batching/hints": hints}
