"""No disruption budget is broken by a plan that had an alternative.

The alternative, found the slow way: on some node, evicting only pods that the budgets let go (in
order of importance, as upstream charges them) makes room.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conformance.scheduler.cycle import answer_cycle

CPU_COUNT = 6
VICTIM = st.fixed_dictionaries(
    {
        "cpu": st.integers(1, 4),
        "priority": st.integers(0, 3),
        "app": st.sampled_from(["a", "b", "c"]),
    }
)
NODES = st.lists(st.lists(VICTIM, min_size=1, max_size=4), min_size=1, max_size=3)
BUDGETS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 2)), max_size=2, unique_by=lambda b: b[0]
)


def pod(name, cpu, priority, app, node=""):
    containers = [{"name": "c", "image": "i", "resources": {"requests": {"cpu": str(cpu)}}}]
    spec = {"containers": containers, "priority": priority}
    return {
        "metadata": {"name": name, "namespace": "d", "uid": name, "labels": {"app": app}},
        "spec": {**spec, "nodeName": node} if node else spec,
        "status": {"startTime": "2026-01-01T00:00:00Z"} if node else {},
    }


def budget(app, allowed):
    return {
        "metadata": {"name": app, "namespace": "d"},
        "spec": {"selector": {"matchLabels": {"app": app}}},
        "status": {"disruptionsAllowed": allowed},
    }


def world(nodes, budgets):
    """As many of the pods as fit on their node."""
    placed = []
    for index, victims in enumerate(nodes):
        free = CPU_COUNT
        for number, fields in enumerate(victims):
            if fields["cpu"] <= free:
                free -= fields["cpu"]
                placed.append(pod(f"p{index}-{number}", **fields, node=f"n{index}"))
    allocatable = {"cpu": str(CPU_COUNT), "memory": "1Gi", "pods": "110"}
    return {
        "nodes": [
            {"metadata": {"name": f"n{index}"}, "status": {"allocatable": allocatable}}
            for index in range(len(nodes))
        ],
        "pods": placed,
        "podDisruptionBudgets": [budget(*one) for one in budgets],
    }


def cpu(one):
    return int(one["spec"]["containers"][0]["resources"]["requests"]["cpu"])


def let_go(pods, budgets):
    """The pods that may leave without breaking a budget, the most important asked first."""
    left = dict(budgets)
    spared = []
    for one in sorted(pods, key=lambda one: -one["spec"]["priority"]):
        app = one["metadata"]["labels"]["app"]
        if app in left:
            left[app] -= 1
        if left.get(app, 0) >= 0:
            spared.append(one)
    return spared


def has_alternative(cluster, node, wanted, priority, budgets):
    here = [one for one in cluster["pods"] if one["spec"]["nodeName"] == node]
    lesser = [one for one in here if one["spec"]["priority"] < priority]
    used = sum(map(cpu, here)) - sum(map(cpu, let_go(lesser, budgets)))
    return used + wanted <= CPU_COUNT


@settings(max_examples=120)
@given(nodes=NODES, budgets=BUDGETS, wanted=st.integers(1, CPU_COUNT), priority=st.integers(1, 4))
def test_a_plan_breaks_no_budget_unless_every_plan_does(nodes, budgets, wanted, priority):
    cluster = world(nodes, budgets)
    out = answer_cycle({"cluster": cluster, "pod": pod("new", wanted, priority, "new")})
    candidates = out.get("preemption", {}).get("candidates")
    if not candidates:
        return
    chosen = [candidates[name] for name in out["preemption"]["chosenAmong"]]
    names = [f"n{index}" for index in range(len(nodes))]
    spares = any(has_alternative(cluster, name, wanted, priority, budgets) for name in names)

    for plan in chosen:
        assert (plan["pdbViolations"] == 0) == spares
        if plan["pdbViolations"] == 0:
            gone = [
                one for one in cluster["pods"] if f"d/{one['metadata']['name']}" in plan["pods"]
            ]
            for app, allowed in budgets:
                leaving = [one for one in gone if one["metadata"]["labels"]["app"] == app]
                assert len(leaving) <= allowed


@settings(max_examples=100)
@given(nodes=NODES, wanted=st.integers(1, CPU_COUNT), priority=st.integers(1, 4))
def test_victims_are_less_important_needed_and_enough(nodes, wanted, priority):
    cluster = world(nodes, [])
    out = answer_cycle({"cluster": cluster, "pod": pod("new", wanted, priority, "new")})
    for name, plan in (out.get("preemption", {}).get("candidates") or {}).items():
        here = {
            f"d/{one['metadata']['name']}": one
            for one in cluster["pods"]
            if one["spec"]["nodeName"] == name
        }
        gone = [here[key] for key in plan["pods"]]
        left = sum(map(cpu, here.values())) - sum(map(cpu, gone))
        assert all(one["spec"]["priority"] < priority for one in gone)
        assert left + wanted <= CPU_COUNT
        assert all(left + cpu(one) + wanted > CPU_COUNT for one in gone)
