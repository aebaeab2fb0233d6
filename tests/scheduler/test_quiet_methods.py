"""Methods that say nothing are not called for each pod; overrides of them are."""

from functools import wraps

import kcore
from kcore.machinery.frozen import EMPTY_MAP, freeze
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.quiet import fields_heard, is_quiet, quiet, speaking
from kcore.scheduler.framework.status import unresolvable
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.plugins.dynamic_resources import DynamicResources
from kcore.scheduler.plugins.scheduling_gates import SchedulingGates
from kcore.scheduler.pod_info import PodInfo
from kcore.testing.builders import pod


def test_quiet_methods_of_built_in_plugins_return_none():
    quiet_names = []
    for name in REGISTRY.names:
        plugin = REGISTRY.build(name, EMPTY_MAP)
        for attribute in ("pre_enqueue", "reserve", "unreserve", "permit", "pre_bind", "post_bind"):
            method = getattr(plugin, attribute, None)
            if method is not None and is_quiet(method):
                arguments_count = method.__func__.__code__.co_argcount - 1
                assert method(*[None] * arguments_count) is None
                quiet_names.append(f"{name}.{attribute}")
    assert "DynamicResources.reserve" in quiet_names
    assert not any(one.endswith("SchedulingGates.pre_enqueue") for one in quiet_names)


def test_overrides_and_wrappers_speak():
    class Loud(DynamicResources):
        def reserve(self, state, pod, node_name):
            return None

        @wraps(DynamicResources.pre_bind)
        def pre_bind(self, *arguments):
            return None

    loud, silent = Loud(EMPTY_MAP), DynamicResources(EMPTY_MAP)
    assert speaking([loud, silent], "reserve") == [loud]
    assert speaking([loud, silent], "pre_bind") == [loud]
    assert speaking([loud, silent], "unreserve") == []


def test_functions_can_be_marked():
    assert is_quiet(quiet(lambda: None))
    assert not is_quiet(lambda: None)


def test_an_override_is_asked_about_each_pod():
    asked = []

    class Loud(DynamicResources):
        def pre_bind(self, state, pod, node_name):
            asked.append((pod.name, node_name))

    registry = REGISTRY.with_plugin("DynamicResources", Loud)
    options = SchedulerOptions(registry=registry)
    nodes = (kcore.NodeSpec("node-1"),)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=nodes, scheduler=options))
    cluster.apply(pod("web"))
    cluster.settle()
    assert asked == [("web", "node-1")]


def test_gates_are_quiet_about_pods_without_gates():
    plugins = [SchedulingGates(EMPTY_MAP), DynamicResources(EMPTY_MAP)]
    assert fields_heard(plugins, "pre_enqueue") == ("schedulingGates",)
    info = PodInfo(freeze(pod("web")))
    assert plugins[0].pre_enqueue(None, info) is None
    gates = freeze([{"name": "later"}])
    gated = PodInfo(info.pod.set(("spec", "schedulingGates"), gates))
    assert plugins[0].pre_enqueue(None, gated) is not None

    class Loud(SchedulingGates):
        def pre_enqueue(self, handle, pod):
            return super().pre_enqueue(handle, pod)

    assert fields_heard([*plugins, Loud(EMPTY_MAP)], "pre_enqueue") is None
    assert fields_heard([], "pre_enqueue") == ()


def test_an_own_gate_is_asked_about_each_pod():
    class Own(SchedulingGates):
        def pre_enqueue(self, handle, pod):
            return None if pod.name == "free" else unresolvable("not yet")

    registry = REGISTRY.with_plugin("SchedulingGates", Own)
    options = SchedulerOptions(registry=registry)
    nodes = (kcore.NodeSpec("node-1"),)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=nodes, scheduler=options))
    cluster.apply([pod("free"), pod("kept")])
    cluster.settle()
    found = [cluster.client.get("pods", name, "default") for name in ("free", "kept")]
    assert [one.spec.get("nodeName") for one in found] == ["node-1", None]
