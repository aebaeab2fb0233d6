"""Topics `sampling/*`: how many nodes are looked for, their order, and the pick among equals."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.configuration import options_from
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.sampling import TieRule, feasible_count_wanted
from kcore.scheduler.score_heap import heap_order
from tests.conformance.scheduler.world import World, info


def num_feasible(given):
    percentage = given.get("profilePercentageOfNodesToScore")
    if percentage is None:
        percentage = given.get("percentageOfNodesToScore") or 0
    wanted = [feasible_count_wanted(percentage, count) for count in given["nodes"]]
    return {"numFeasibleNodesToFind": wanted}


def pop_order(given):
    return {"popOrder": heap_order(given["totals"])}


def node_order(given):
    cache, orders = SchedulerCache(), []
    for op in given["ops"]:
        if op["op"] == "snapshot":
            orders.append([node.name for node in cache.refresh()])
        elif op["op"] == "remove":
            cache.remove_node(op["name"])
        else:
            metadata = {"name": op["name"], "labels": op.get("labels", {})}
            cache.set_node(freeze({"metadata": metadata}))
    return {"orders": orders}


def rotation(given):
    world = World(given["cluster"])
    options = options_from(freeze(given["config"]))
    profile = options.profiles[0]
    runner = world.runner_of(profile)
    start, steps = 0, []
    for pod in map(info, given["pods"]):
        search = Search(options.percentage(profile), start, TieRule.HEAP)
        attempt = Attempt(runner, CycleState(world), world.cache.refresh(), search)
        found = attempt.find(pod, world.choices)
        start = found.next_start_index
        step = {"pod": pod.name, "nextStartNodeIndex": start}
        if isinstance(found, Found):
            totals = list(found.scores.totals)
            step |= {
                "failed": len(found.statuses),
                "feasible": len(found.feasible),
                "firstFeasible": found.feasible[0].name,
                "lastFeasible": found.feasible[-1].name,
                "ties": totals.count(max(totals)) if totals else 1,
                "pick": found.node_name,
            }
            world.cache.assume(pod.on_node(found.node_name))
        else:
            failed = len(found.diagnosis.node_statuses)
            step |= {"error": found.diagnosis.message, "failed": failed, "feasible": 0}
        steps.append(step)
    return {"nodeOrder": [node.name for node in world.snapshot], "steps": steps}


ANSWERS = {
    "sampling/numFeasible": num_feasible,
    "sampling/heapPick": pop_order,
    "sampling/nodeOrder": node_order,
    "sampling/rotation": rotation,
}
