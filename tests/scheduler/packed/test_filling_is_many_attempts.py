"""Filling nodes with many pods at once ends where one attempt after the other does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import ManifestError
from kcore.scheduler.packed.filling import Filling
from kcore.scheduler.sampling import TieRule
from tests.scheduler.packed import worlds

calm_nodes = worlds.nodes.map(
    lambda fields: {
        **fields,
        "images": [],
        "taints": [one for one in fields["taints"] if one["effect"] != "PreferNoSchedule"],
    }
)
calm_pods = st.fixed_dictionaries(worlds.plain).map(
    lambda fields: {**fields, "port": 0, "namespace": "other"}
)


@settings(max_examples=40, deadline=None)
@given(
    nodes=st.lists(calm_nodes, min_size=1, max_size=6),
    pods=st.lists(calm_pods, min_size=1, max_size=12),
)
def test_same_places(nodes, pods):
    placing = worlds.Placing(nodes, percentage=100, tie_rule=TieRule.FIRST)
    filling = Filling(placing.runner, placing.world, placing.world.cache.refresh())
    made = [worlds.make_pod(number, fields) for number, fields in enumerate(pods)]

    at_once = filling.place([placing.infos.of(pod) for pod in made])

    assert at_once == [placing.place(pod) or "" for pod in made]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 80}, "it has host ports"),
        ({"namespace": "default", "labels": {"app": "a"}}, "its place depends on other pods"),
        (
            {"spread": [{"topologyKey": "z", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule"}]},
            "its place depends on other pods",
        ),
    ],
)
def test_pods_that_need_an_attempt_are_refused(change, words):
    node = {"labels": {}, "taints": [], "cordoned": False, "images": []}
    node["room"] = {"cpu": "1", "memory": "1Gi", "pods": "9"}
    placing = worlds.Placing([node])
    filling = Filling(placing.runner, placing.world, placing.world.cache.refresh())
    fields = {
        "cpu": "1",
        "memory": None,
        "gpu": None,
        "storage": None,
        "port": 0,
        "image": "i",
        "labels": {},
        "namespace": "other",
        "priority": 0,
        "tolerations": [],
        "nodeSelector": None,
    }
    pod = placing.infos.of(worlds.make_pod(1, {**fields, **change}))

    with pytest.raises(ManifestError, match=words) as caught:
        filling.place([pod])

    assert "p1" in str(caught.value)
