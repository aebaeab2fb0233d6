"""A user's plugin takes part in a packed search: asked about candidates, in its turn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import NotFound
from kcore.scheduler.builtin import DEFAULT_PLUGINS, REGISTRY
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.profile import MULTI_POINT, EnabledPlugin, PluginSet, Profile
from kcore.scheduler.framework.row_plugins import RowFilter, RowScore
from kcore.scheduler.framework.scores import default_normalize
from kcore.scheduler.framework.status import SKIP, failed, unresolvable, unschedulable
from tests.scheduler.packed import worlds


class Odd:
    """Dislikes nodes with odd numbers, in every way there is."""

    name = "Odd"

    def __init__(self):
        self.asked = []

    def pre_filter(self, state, pod, nodes):
        kind = pod.labels.get("tier")
        if kind == "a":
            return PreFilterResult(SKIP)
        if kind == "b":
            return PreFilterResult(node_names=frozenset({"n1", "n2"}))
        return PASSED

    def filter(self, state, pod, node):
        self.asked.append(node.name)
        if pod.priority and node.name == "n3":
            return failed("cannot say")
        if node.name in ("n1", "n5"):
            return unschedulable("node(s) were odd")
        return unresolvable("node(s) were very odd") if node.name == "n7" else None

    def pre_score(self, state, pod, nodes):
        return SKIP if pod.namespace == "other" else None

    def score(self, state, pod, node):
        return len(node.pods) * 10

    def normalize(self, state, pod, nodes, scores):
        return default_normalize(scores, reverse=True)


def placing(nodes, plugins, plugin):
    profile = Profile(plugins={MULTI_POINT: PluginSet(enabled=plugins)})
    registry = REGISTRY.with_plugin("Odd", lambda args: plugin)
    return worlds.Placing(nodes, profile, registry=registry)


class ByRows(RowFilter, RowScore):
    """Answers for many nodes at once."""

    name = "Odd"

    def __init__(self):
        self.rows_asked = []

    def filter_rows(self, state, pod, nodes):
        self.rows_asked.append(len(nodes))
        free = nodes.capacity("example.com/gpu") - nodes.used("example.com/gpu")
        return (free > 0) | (nodes.pods_count() < 2)

    def score_rows(self, state, pod, nodes):
        in_z1 = nodes.label(worlds.ZONE) == "z1"
        return 50 * in_z1 + nodes.used("cpu") * 50 // (nodes.capacity("cpu") + 1)


MINE = EnabledPlugin("Odd", 2)


@settings(max_examples=40, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=2, max_size=8),
    pods=st.lists(worlds.pods, min_size=1, max_size=6),
    is_first=st.booleans(),
)
def test_it_changes_the_outcome_in_the_same_way(nodes, pods, is_first):
    plugins = (MINE, *DEFAULT_PLUGINS) if is_first else (*DEFAULT_PLUGINS, MINE)
    world = placing(nodes, plugins, Odd())
    for number, fields in enumerate(pods):
        world.place(worlds.make_pod(number, fields))


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=2, max_size=8),
    pods=st.lists(worlds.pods, min_size=1, max_size=6),
    is_first=st.booleans(),
)
def test_answers_by_rows_are_those_node_by_node(nodes, pods, is_first):
    plugins = (MINE, *DEFAULT_PLUGINS) if is_first else (*DEFAULT_PLUGINS, MINE)
    world = placing(nodes, plugins, ByRows())
    for number, fields in enumerate(pods):
        world.place(worlds.make_pod(number, fields))


def test_rows_are_asked_about_at_once():
    plugin = ByRows()
    world = placing([CALM] * 5, (*DEFAULT_PLUGINS, MINE), plugin)
    engine = super(type(world.engine), world.engine)
    container = {"name": "c", "resources": {"requests": {"cpu": "1m"}}}
    pod = world.infos.of(freeze({"metadata": {"name": "p"}, "spec": {"containers": [container]}}))

    engine.find(*world.arguments(pod))

    assert plugin.rows_asked == [5]


CALM = {
    "labels": {},
    "taints": [],
    "cordoned": False,
    "room": {"cpu": "1", "memory": "1Gi", "pods": "9"},
    "images": [],
}


@pytest.mark.parametrize("is_first", [True, False])
def test_it_is_asked_once_about_each_node_it_must_decide(is_first):
    plugin = Odd()
    plugins = (MINE, *DEFAULT_PLUGINS) if is_first else (*DEFAULT_PLUGINS, MINE)
    world = placing([CALM, CALM], plugins, plugin)
    engine = super(type(world.engine), world.engine)
    container = {"name": "c", "resources": {"requests": {"cpu": "5"}}}
    pod = world.infos.of(freeze({"metadata": {"name": "p"}, "spec": {"containers": [container]}}))

    found = engine.find(*world.arguments(pod))

    assert isinstance(found, NotFound)
    assert plugin.asked == (["n0", "n1"] if is_first else [])
