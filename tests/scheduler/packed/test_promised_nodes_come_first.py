"""A pod is tried on the node that it was promised before any other, in both engines."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Found
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.sampling import TieRule
from tests.scheduler.packed import worlds

NODES_COUNT = 120


def node(cpu):
    return {
        "labels": {},
        "taints": [],
        "cordoned": False,
        "room": {"cpu": cpu, "memory": "4Gi", "pods": "110"},
        "images": [],
    }


def pod(number, *, priority=0, promised=None):
    fields = {
        "cpu": "1", "memory": None, "gpu": None, "storage": None, "port": 0, "image": "i",
        "labels": {}, "namespace": "default", "priority": priority, "tolerations": [],
        "nodeSelector": None,
    }  # fmt: skip
    made = worlds.make_pod(number, fields)
    return made if promised is None else made.set(("status", "nominatedNodeName"), promised)


def placing(*, full=()):
    nodes = [node("500m" if row in full else "2") for row in range(NODES_COUNT)]
    return worlds.Placing(nodes, percentage=50, tie_rule=TieRule.FIRST)


def test_a_promised_node_with_room_is_taken_without_a_search():
    world = placing()

    found = world.find(PodInfo(pod(1, promised="n70")))

    assert isinstance(found, Found)
    assert (found.node_name, found.next_start_index) == ("n70", 0)
    assert not world.engine.fallbacks


def test_a_search_after_a_full_promised_node_counts_it_as_visited():
    """It stops after a hundred candidates, and the promised node beyond them was visited, too."""
    world = placing(full=[110])

    found = world.find(PodInfo(pod(1, promised="n110")))

    assert found.next_start_index == 101
    assert not world.engine.fallbacks


def test_a_full_promised_node_is_told_of_first():
    world = placing(full=range(NODES_COUNT))

    found = world.find(PodInfo(pod(1, promised="n7")))

    assert list(found.diagnosis.node_statuses)[:3] == ["n7", "n0", "n1"]


def test_a_promise_that_is_greater_than_columns_takes_the_readable_way():
    world = placing()
    waiting = pod(1, priority=5).set(
        ("spec", "containers"),
        [{"name": "c", "resources": {"requests": {"memory": str(2**53)}}}],
    )
    world.world.nominated.nominate(PodInfo(freeze(waiting)), "n3")
    wanting = pod(2).set(
        ("spec", "containers"), [{"name": "c", "resources": {"requests": {"memory": "1Gi"}}}]
    )

    found = world.find(PodInfo(freeze(wanting)))

    assert isinstance(found, Found)
    assert world.engine.fallbacks
