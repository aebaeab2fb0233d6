"""Thinking evictions through with a few numbers finds the victims that all filters would find."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.room import room_for
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Thought, victims_on
from tests.scheduler.packed import worlds

priorities = st.sampled_from([-5, 0, 3, 10])
simple = st.fixed_dictionaries({**worlds.plain, "priority": priorities}).map(
    lambda fields: {**fields, "port": 0}
)
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
    preemptor=simple,
    budgets=budgets,
)
def test_same_victims(node, residents, preemptor, budgets):
    placing = worlds.Placing([node])
    for number, fields in enumerate(residents):
        pod = worlds.make_pod(number, fields).set(("spec", "nodeName"), "n0")
        placing.world.cache.set_pod(PodInfo(pod))
    snapshot = placing.world.cache.refresh()
    pod = PodInfo(worlds.make_pod(99, preemptor))
    state = CycleState(placing.world)
    placing.runner.pre_filter(state, pod, snapshot.nodes)
    room = room_for(placing.runner.filters_left(state), pod)
    assert room is not None
    now_ns = 5
    # Preemption looks only at nodes that nothing but pods refuses.
    if any(
        one.filter(state, pod, snapshot.nodes[0])
        for one in placing.runner.filters_left(state)
        if getattr(one, "is_blind_to_pods", False)
    ):
        return

    by_numbers = victims_on(
        Thought(placing.runner, budgets, now_ns, room), state, pod, snapshot.nodes[0]
    )
    as_written = victims_on(Thought(placing.runner, budgets, now_ns), state, pod, snapshot.nodes[0])

    assert by_numbers == as_written
