"""Thinking evictions through with a few numbers finds the victims that all filters would find."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Thought, victims_on
from tests.scheduler.packed import test_volumes_are_answered_by_rows as volumes
from tests.scheduler.packed import worlds

priorities = st.sampled_from([-5, 0, 3, 10])
simple = st.fixed_dictionaries({**worlds.plain, "priority": priorities}).map(
    lambda fields: {**fields, "port": 0}
)
CROWD = [
    ("500m", 0, None),
    ("500m", 3, None),
    ("1", 0, None),
    ("500m", 0, "2025-12-31T00:00:00Z"),
    ("500m", 0, "2025-12-30T00:00:00Z"),
    ("500m", 10, None),
]
"""Amount, priority and start of pods."""
budgets = st.lists(
    st.builds(
        lambda app, allowed: freeze(
            {
                "metadata": {"name": "b", "namespace": "default"},
                "spec": {"selector": {"matchLabels": {"app": app}}},
                "status": {"disruptionsAllowed": allowed},
            }
        ),
        st.sampled_from("ab"),
        st.integers(0, 1),
    ),
    max_size=2,
)


@settings(max_examples=80, deadline=None)
@given(
    node=worlds.nodes,
    residents=st.lists(simple, max_size=6),
    promised=st.lists(simple, max_size=2),
    is_promised=st.booleans(),
    preemptor=simple,
    budgets=budgets,
)
def test_same_victims(node, residents, promised, is_promised, preemptor, budgets):
    placing = worlds.Placing([node])
    pod = PodInfo(worlds.make_pod(99, preemptor))
    waiting = [PodInfo(worlds.make_pod(50 + place, one)) for place, one in enumerate(promised)]
    for one in (*waiting, *([pod] if is_promised else [])):
        placing.world.nominated.nominate(one, "n0")
    for number, fields in enumerate(residents):
        resident = worlds.make_pod(number, fields).set(("spec", "nodeName"), "n0")
        placing.world.cache.set_pod(PodInfo(resident))
    snapshot = placing.world.cache.refresh()
    state = CycleState(placing.world)
    placing.runner.pre_filter(state, pod, snapshot.nodes)
    room = placing.runner.room(state, pod)
    assert room is not None
    now_ns = 5
    # Preemption looks only at nodes that nothing but pods refuses.
    if any(
        one.filter(state, pod, snapshot.nodes[0])
        for one in placing.runner.filters_left(state)
        if getattr(one, "is_blind_to_pods", False)
    ):
        return

    thought = Thought(placing.runner, budgets, now_ns, room)
    by_numbers = victims_on(thought, state, pod, snapshot.nodes[0])
    once_more = victims_on(thought, state, pod, snapshot.nodes[0])
    as_written = victims_on(Thought(placing.runner, budgets, now_ns), state, pod, snapshot.nodes[0])

    assert by_numbers == as_written
    assert once_more == as_written


@settings(max_examples=80, deadline=None)
@given(
    sizes=st.lists(
        st.tuples(st.sampled_from(["2", "3900m"]), st.sampled_from(["4", "110"])),
        min_size=8,
        max_size=8,
    ),
    crowds=st.lists(
        st.lists(st.sampled_from(CROWD), min_size=1, max_size=4), min_size=8, max_size=8
    ),
)
def test_nodes_that_are_alike_lose_the_same_places(sizes, crowds):
    """What is remembered of one node never decides about another that is not like it."""
    placing = worlds.Placing([_node(*size) for size in sizes])
    for row, crowd in enumerate(crowds):
        for place, (cpu, priority, start) in enumerate(crowd):
            pod = _pod(10 * row + place, cpu, priority).set(("spec", "nodeName"), f"n{row}")
            if start is not None:
                pod = pod.set(("status", "startTime"), start)
            placing.world.cache.set_pod(placing.infos.of(pod))
    snapshot = placing.world.cache.refresh()
    pod = PodInfo(_pod(99, "1500m", 5))
    state = CycleState(placing.world)
    placing.runner.pre_filter(state, pod, snapshot.nodes)
    room = placing.runner.room(state, pod)
    assert room is not None
    now_ns = parse_time("2026-01-01T00:00:00Z")
    thought = Thought(placing.runner, (), now_ns, room)
    for node in snapshot.nodes:
        expected = victims_on(Thought(placing.runner, (), now_ns), state, pod, node)
        assert victims_on(thought, state, pod, node) == expected


def _node(cpu, pods_count):
    room = {
        "cpu": cpu,
        "memory": "4Gi",
        "pods": pods_count,
        "ephemeral-storage": None,
        "example.com/gpu": None,
    }
    labels = {worlds.ZONE: None, "rack": None, "disk": None}
    return {"labels": labels, "taints": [], "cordoned": False, "room": room, "images": []}


def _pod(number, cpu, priority):
    return worlds.make_pod(
        number,
        {
            "cpu": cpu,
            "memory": None,
            "gpu": None,
            "storage": None,
            "port": 0,
            "image": "j",
            "labels": {},
            "namespace": "default",
            "priority": priority,
            "tolerations": [],
            "nodeSelector": None,
        },
    )


bound = st.fixed_dictionaries(
    {
        "csi": st.sampled_from([None, *volumes.DRIVERS]),
        "handle": st.sampled_from(["h0", "h1", None]),
        "terms": st.sampled_from([None, [{"matchExpressions": [
            {"key": "disk", "operator": "In", "values": ["ssd"]}]}]]),
        "labels": st.sampled_from([{}, {worlds.ZONE: "z1"}]),
        "state": st.just("bound"),
    }
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    node=worlds.nodes,
    objects=st.lists(bound, min_size=1, max_size=6),
    limits=st.dictionaries(st.sampled_from(volumes.DRIVERS), st.integers(0, 4)),
    attached=st.lists(st.tuples(st.sampled_from([0, 3]), st.sampled_from(volumes.DRIVERS))),
    others=st.tuples(
        st.lists(st.tuples(simple, volumes.claims_of_pods), max_size=5),
        st.lists(st.tuples(simple, volumes.claims_of_pods), max_size=2),
    ),
    preemptor=st.tuples(simple, st.lists(st.integers(0, 5), min_size=1, max_size=2)),
)
def test_same_victims_with_volumes(node, objects, limits, attached, others, preemptor):
    residents, promised = others
    placing = volumes.Placing([node], objects, [limits], insists=False)
    for one in attached:
        attachment = volumes.attachment(*one)
        placing.world.listers["volumeattachments.storage.k8s.io"].set(attachment)
    for number, (fields, claims) in enumerate(residents):
        pod = volumes.pod_with(number, fields, claims).set(("spec", "nodeName"), "n0")
        placing.world.cache.set_pod(PodInfo(pod))
    for number, (fields, claims) in enumerate(promised):
        waiting = PodInfo(volumes.pod_with(50 + number, fields, claims))
        placing.world.nominated.nominate(waiting, "n0")
    snapshot = placing.world.cache.refresh()
    pod = PodInfo(volumes.pod_with(99, *preemptor))
    state = CycleState(placing.world)
    outcome = placing.runner.pre_filter(state, pod, snapshot.nodes)
    if not outcome.is_open:
        return
    left = placing.runner.filters_left(state)
    if any(
        one.filter(state, pod, snapshot.nodes[0])
        for one in left
        if getattr(one, "is_blind_to_pods", False)
    ):
        return
    room = placing.runner.room(state, pod)
    assert room is not None

    by_numbers = victims_on(Thought(placing.runner, (), 5, room), state, pod, snapshot.nodes[0])
    as_written = victims_on(Thought(placing.runner, (), 5), state, pod, snapshot.nodes[0])

    assert by_numbers == as_written
