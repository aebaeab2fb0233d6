"""A user's plugin takes part at any extension point; mistakes about it are named."""

import runpy
from dataclasses import dataclass
from pathlib import Path

import pytest

import kcore
from kcore.config import scheduler_options
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.events import NODE, Action, ClusterEvent, EventRegistration
from kcore.scheduler.framework.interfaces import PASSED, PostFilterResult
from kcore.scheduler.framework.status import unresolvable, unschedulable, waiting
from kcore.testing.builders import pod

EXAMPLE = Path(__file__).parents[2] / "examples" / "scheduler_plugin.py"
HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
WITH_MINE = HEAD + "profiles: [{plugins: {multiPoint: {enabled: [{name: Mine, weight: 2}]}}}]"


def cluster_with(plugin, config=WITH_MINE, nodes=2):
    registry = REGISTRY.with_plugin("Mine", lambda args: plugin)
    specs = tuple(kcore.NodeSpec(f"node-{number}") for number in range(1, nodes + 1))
    options = scheduler_options(config, registry=registry)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=specs, scheduler=options))
    cluster.settle()
    return cluster


class Everywhere:
    """Takes part everywhere and writes down where it was asked."""

    name = "Mine"

    def __init__(self):
        self.seen = []

    def _note(self, point):
        if point not in self.seen:
            self.seen.append(point)

    def pre_enqueue(self, handle, pod):
        self._note("preEnqueue")

    def pre_filter(self, state, pod, nodes):
        self._note("preFilter")
        return PASSED

    def filter(self, state, pod, node):
        self._note("filter")
        return unschedulable("node(s) were asked for too much") if pod.name == "big" else None

    def post_filter(self, state, pod, diagnosis):
        self._note("postFilter")
        return PostFilterResult(unschedulable("mine found nothing"))

    def pre_score(self, state, pod, nodes):
        self._note("preScore")

    def score(self, state, pod, node):
        self._note("score")
        return 100 if node.name == "node-2" else 0

    def reserve(self, state, pod, node_name):
        self._note("reserve")

    def unreserve(self, state, pod, node_name):
        self._note("unreserve")

    def permit(self, state, pod, node_name):
        self._note("permit")
        return unschedulable("not today") if pod.name == "refused" else None

    def pre_bind(self, state, pod, node_name):
        self._note("preBind")

    def post_bind(self, state, pod, node_name):
        self._note("postBind")


def condition(cluster, name):
    value = cluster.client.get("pods", name, "default")
    return next(one.message for one in value.status.conditions if one.type == "PodScheduled")


def test_every_extension_point_is_asked_in_order():
    plugin = Everywhere()
    cluster = cluster_with(plugin)
    cluster.apply(pod("web"))
    cluster.settle()

    assert cluster.client.get("pods", "web", "default").spec.nodeName == "node-2"
    order = "preEnqueue preFilter filter preScore score reserve permit preBind postBind"
    assert plugin.seen == order.split()


def test_refusals_are_told_with_the_pod():
    plugin = Everywhere()
    cluster = cluster_with(plugin)
    cluster.apply(pod("big"))
    cluster.apply(pod("refused"))
    cluster.settle()

    assert condition(cluster, "big").startswith(
        "0/2 nodes are available: 2 node(s) were asked for too much. "
    )
    assert "mine found nothing" in condition(cluster, "big")
    assert condition(cluster, "refused") == "not today"
    assert {"postFilter", "unreserve"} <= set(plugin.seen)


class Together:
    """Permit: holds a pod until a node carries the label `open`."""

    name = "Mine"

    def permit(self, state, pod, node_name):
        nodes = state.handle.snapshot.nodes
        return None if any(node.labels.get("open") for node in nodes) else waiting("not open")

    def events_to_register(self):
        return (EventRegistration(ClusterEvent(NODE, Action.UPDATE_NODE_LABEL)),)


def test_a_held_pod_keeps_its_promise_and_goes_on_after_an_event():
    cluster = cluster_with(Together())
    cluster.apply(pod("web"))
    cluster.settle()
    held = cluster.client.get("pods", "web", "default")
    assert held.spec.nodeName is None
    promised = held.status.nominatedNodeName
    assert promised in {"node-1", "node-2"}

    cluster.client.patch("nodes", "node-1", {"metadata": {"labels": {"open": "yes"}}})
    cluster.settle()

    assert cluster.client.get("pods", "web", "default").spec.nodeName == promised


class NeverHelped:
    """Refuses everything and says that only node labels matter."""

    name = "Mine"

    def __init__(self):
        self.asked = 0

    def filter(self, state, pod, node):
        self.asked += 1
        return unresolvable("no")

    def events_to_register(self):
        return (EventRegistration(ClusterEvent(NODE, Action.UPDATE_NODE_LABEL)),)


def test_only_registered_events_make_a_pod_try_again():
    plugin = NeverHelped()
    cluster = cluster_with(plugin)
    cluster.apply(pod("web"))
    cluster.settle()
    before = plugin.asked

    taint = {"key": "k", "effect": "PreferNoSchedule"}
    cluster.client.patch("nodes", "node-1", {"spec": {"taints": [taint]}})
    cluster.settle()
    assert plugin.asked == before

    cluster.client.patch("nodes", "node-1", {"metadata": {"labels": {"a": "b"}}})
    cluster.settle()
    assert plugin.asked == before + 2


@dataclass(frozen=True)
class Args:
    count: int
    label: str = "x"
    names: tuple[str, ...] = ()

    def __post_init__(self):
        if self.count < 0:
            raise ValueError(f"count: Invalid value: {self.count}: must not be negative")


class Typed:
    name = "Mine"

    def __init__(self, args):
        self.args = args


def typed(args):
    registry = REGISTRY.with_plugin("Mine", Typed, args_type=Args)
    config = HEAD + (
        "profiles:\n- plugins: {multiPoint: {enabled: [{name: Mine}]}}\n"
        f"  pluginConfig: [{{name: Mine, args: {args}}}]\n"
    )
    options = scheduler_options(config, registry=registry)
    return kcore.Cluster(config=kcore.ClusterConfig(scheduler=options))


def test_args_arrive_as_their_type():
    registry = REGISTRY.with_plugin("Mine", Typed, args_type=Args)

    plugin = registry.build("Mine", kcore.freeze({"count": 3, "names": ["a", "b"]}))

    assert plugin.args == Args(3, names=("a", "b"))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ("{count: 1, colour: y}", 'strict decoding error: unknown field "colour"'),
        ("{}", "count: Required value"),
        ("{count: many}", "count: Invalid value: 'many': must be an integer"),
        ("{count: true}", "count: Invalid value: True: must be an integer"),
        ("{count: 1, label: 5}", "label: Invalid value: 5: must be a string"),
        ("{count: -1}", "count: Invalid value: -1: must not be negative"),
    ],
)
def test_wrong_args_are_named(args, words):
    with pytest.raises(kcore.ManifestError) as caught:
        typed(args)

    assert f'initializing plugin "Mine": {words}' in str(caught.value)


def test_the_example_runs(capsys):
    example = runpy.run_path(str(EXAMPLE))

    assert example["main"]() == 0
    places = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert places["solver"] == "many"
    assert places["orphan"] == "(waits for a scheduler)"
    assert len({places[f"packed-{number}"] for number in range(3)}) == 1
