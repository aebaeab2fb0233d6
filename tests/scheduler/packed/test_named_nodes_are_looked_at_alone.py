"""A pod that names its node is tried there alone, over columns once many have come that name it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.scheduler.attempt import Found
from kcore.scheduler.packed import named_search, pod_class
from kcore.scheduler.packed.engine import NAMED_NODES
from tests.scheduler.packed import worlds

BARE = {
    "cpu": "50m", "memory": None, "gpu": None, "storage": None, "port": 0, "image": "i",
    "labels": {}, "namespace": "default", "priority": 0, "tolerations": [], "nodeSelector": None,
}  # fmt: skip
NODE = {
    "labels": {}, "taints": [], "cordoned": False, "images": [],
    "room": {"cpu": "1", "memory": "4Gi", "pods": "110"},
}  # fmt: skip


def naming(*terms):
    """Node affinity whose terms name these nodes."""
    fields = [
        {"matchFields": [{"key": "metadata.name", "operator": "In", "values": list(names)}]}
        for names in terms
    ]
    return {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": fields}}


NAMES = st.sampled_from(["n0", "n1", "n2", "elsewhere"])
TERMS = st.lists(st.lists(NAMES, max_size=2), min_size=1, max_size=2)
KINDS = st.builds(
    lambda fields, terms, preferred: {
        **fields,
        "nodeAffinity": {
            **naming(*terms),
            "preferredDuringSchedulingIgnoredDuringExecution": [
                {"weight": 7, "preference": one} for one in preferred
            ],
        },
    },
    worlds.pods,
    TERMS,
    st.lists(worlds.node_terms, max_size=1),
)


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=1, max_size=4),
    kinds=st.lists(st.one_of(KINDS, worlds.pods), min_size=1, max_size=4),
    order=st.lists(st.integers(0, 3), min_size=4, max_size=12),
)
def test_both_engines_agree_about_named_nodes(nodes, kinds, order):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(named_search, "NAMERS_COUNT_MIN", 1)
        placing = worlds.Placing(nodes)
        for number, pick in enumerate(order):
            placing.place(worlds.make_pod(number, kinds[pick % len(kinds)]))


def test_columns_are_used_for_kinds_that_come_often():
    placing = worlds.Placing([NODE] * 3)
    count = named_search.NAMERS_COUNT_MIN

    for number in range(20):
        pod = worlds.make_pod(number, {**BARE, "nodeAffinity": naming(["n1"])})
        assert placing.place(pod) == "n1"

    assert placing.engine.fallbacks == {NAMED_NODES: count}
    assert placing.engine.searches_count == 20 - count


def test_a_full_named_node_is_told_of_in_the_readable_way():
    placing = worlds.Placing([NODE] * 3)

    for number in range(21):
        pod = worlds.make_pod(number, {**BARE, "nodeAffinity": naming(["n1"])})
        found = placing.find(placing.infos.of(pod))
        if isinstance(found, Found):
            placing.place(pod)

    assert placing.engine.fallbacks[NAMED_NODES] >= named_search.NAMERS_COUNT_MIN + 1
    assert "1 Insufficient cpu, 2 node(s) didn't satisfy" in found.diagnosis.message


def test_pods_that_name_several_nodes_take_the_readable_way():
    placing = worlds.Placing([NODE] * 3)

    for number in range(20):
        fields = {**BARE, "nodeAffinity": naming(["n1"], ["n2"])}
        assert placing.place(worlds.make_pod(number, fields)) in {"n1", "n2"}

    assert placing.engine.fallbacks == {NAMED_NODES: 20}


def test_nodes_that_are_not_named_are_not_asked(monkeypatch):
    placing = worlds.Placing([NODE] * 9)
    asked = []
    ask_taints = pod_class._Questions.ask_taints
    monkeypatch.setattr(
        pod_class._Questions,
        "ask_taints",
        lambda self, info: (asked.append(info.name), ask_taints(self, info))[1],
    )

    for number in range(20):
        placing.place(worlds.make_pod(number, {**BARE, "nodeAffinity": naming(["n1"])}))

    assert placing.engine.searches_count == 20 - named_search.NAMERS_COUNT_MIN
    assert set(asked) == {"n1"}
