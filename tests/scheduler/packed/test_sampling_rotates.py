"""Large clusters: a search stops at enough candidates and the next one goes on from there."""

import random  # noqa: TID251

import pytest

from kcore.scheduler.sampling import TieRule
from tests.scheduler.packed import worlds

NODES_COUNT = 250


def random_node(chance):
    return {
        "labels": {
            worlds.ZONE: chance.choice(["z1", "z2", None]),
            "disk": chance.choice(["ssd", "3"]),
        },
        "taints": [{"key": "k", "effect": chance.choice(["NoSchedule", "PreferNoSchedule"])}]
        if chance.random() < 0.2
        else [],
        "cordoned": chance.random() < 0.1,
        "room": {
            "cpu": chance.choice(["1", "2", "4"]),
            "memory": chance.choice(["2Gi", "4Gi"]),
            "pods": "9",
        },
        "images": [],
    }


def random_pod(chance):
    selector = {"matchLabels": {"app": "a"}}
    constraint = {
        "topologyKey": worlds.ZONE,
        "whenUnsatisfiable": chance.choice(["DoNotSchedule", "ScheduleAnyway"]),
        "maxSkew": 1,
        "labelSelector": selector,
    }
    return {
        "cpu": chance.choice(["100m", "250m", "1"]),
        "memory": chance.choice(["64Mi", "1Gi"]),
        "gpu": None,
        "storage": None,
        "port": 0,
        "image": "i",
        "labels": {"app": chance.choice("ab")},
        "namespace": "default",
        "priority": 0,
        "tolerations": [],
        "nodeSelector": None,
        "spread": [constraint] if chance.random() < 0.3 else [],
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("percentage", [0, 100])
def test_candidates_and_starts_are_the_same(seed, percentage):
    chance = random.Random(seed)
    nodes = [random_node(chance) for _ in range(NODES_COUNT)]
    placing = worlds.Placing(nodes, percentage=percentage, tie_rule=TieRule.FIRST)
    starts = []
    for number in range(6):
        placing.place(worlds.make_pod(number, random_pod(chance)))
        starts.append(placing.start)

    assert placing.engine.fallbacks == {}
    assert len(set(starts)) > 1 or percentage == 100
