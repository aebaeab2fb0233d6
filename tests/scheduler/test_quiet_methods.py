"""Methods that say nothing are not called for each pod; overrides of them are."""

from functools import wraps

import kcore
from kcore.machinery.frozen import EMPTY_MAP, freeze
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.binding_chain import BindingChain
from kcore.scheduler.framework.quiet import (
    all_fields,
    fields_heard,
    has_last_word,
    is_quiet,
    may_speak,
    quiet,
    speaking,
)
from kcore.scheduler.framework.status import SKIP, unresolvable
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.plugins.default_binder import DefaultBinder
from kcore.scheduler.plugins.dynamic_resources import DynamicResources
from kcore.scheduler.plugins.scheduling_gates import SchedulingGates
from kcore.scheduler.plugins.volume_binding import VolumeBinding
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


def test_fields_of_several_points():
    assert all_fields([("a", "b"), (), ("b", "c")]) == ("a", "b", "c")
    assert all_fields([("a",), None]) is None
    assert may_speak(("a", "b"), freeze({"b": None}))
    assert not may_speak(("a",), freeze({"b": None}))
    assert may_speak(None, EMPTY_MAP)


def chain(*, pre_bind=(), bind=(), permit=()):
    return BindingChain([], permit, pre_bind, bind, [])


def test_the_binder_alone_is_called_where_nobody_else_speaks():
    binder, volumes = DefaultBinder(EMPTY_MAP), VolumeBinding(EMPTY_MAP)
    plain = PodInfo(freeze(pod("web"))).facts
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    info = PodInfo(freeze(pod("web")).set(("spec", "volumes"), freeze([claim])))
    whole = chain(pre_bind=[volumes], bind=[binder])
    assert whole.way_for(plain) == binder.bind
    assert whole.way_for(info.facts) == whole.bind

    class Permitting:
        name = "Permitting"

        def permit(self, state, pod, node_name):
            return None

    asked = chain(permit=[Permitting()], bind=[binder])
    assert asked.way_for(plain) == asked.bind
    assert chain().way_for(plain)(None, PodInfo(freeze(pod("web"))), "node-1") is not None


def test_a_binder_that_may_step_aside_has_not_the_last_word():
    class Aside(DefaultBinder):
        def bind(self, state, pod, node_name):
            return SKIP

    binder, aside = DefaultBinder(EMPTY_MAP), Aside(EMPTY_MAP)
    assert has_last_word(binder.bind)
    assert not has_last_word(aside.bind)
    plain = PodInfo(freeze(pod("web"))).facts
    both = chain(bind=[aside, binder])
    assert both.way_for(plain) == both.bind
    assert chain(bind=[binder, aside]).way_for(plain) == binder.bind


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
