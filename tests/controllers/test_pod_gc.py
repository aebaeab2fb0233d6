"""Pods nobody else would remove."""

from kcore.controllers.pod_gc import PodGCOptions, build_pod_gc_controller
from kcore.runtime.clock import SECOND_NS
from tests.controllers.hollow_world import HOLD, HollowWorld


def pod(name, node="", **metadata):
    spec = {"containers": [{"name": "c", "image": "i"}]}
    if node:
        spec["nodeName"] = node
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", **metadata},
        "spec": spec,
    }


def test_pods_of_a_node_that_is_gone_are_removed_after_quarantine():
    world = HollowWorld(nodes=2)
    world.settle()
    world.client.create(pod("a", "n1", annotations={HOLD: "true"}))
    world.client.create(pod("b", "n2"))
    world.settle()
    begin_ns = world.clock.now_ns()
    world.client.delete("nodes", "n1")
    world.settle(10)
    assert world.get("pods", "a") is not None
    world.settle()

    assert world.get("pods", "a") is None
    assert world.get("pods", "b") is not None
    assert world.clock.now_ns() - begin_ns == 40 * SECOND_NS


def test_a_node_that_comes_back_in_time_keeps_its_pods():
    world = HollowWorld(nodes=1)
    world.settle()
    world.client.create(pod("a", "n1", annotations={HOLD: "true"}))
    world.settle()
    node = world.get("nodes", "n1", "").remove(("metadata", "resourceVersion"))
    world.client.delete("nodes", "n1")
    world.settle(10)
    world.client.create(node.remove(("metadata", "uid")))
    world.settle()

    assert world.get("pods", "a") is not None


def test_ended_pods_above_the_threshold_go_oldest_first():
    def build(context):
        return [build_pod_gc_controller(context, PodGCOptions(terminated_count_max=2))]

    world = HollowWorld(nodes=1, build=build)
    for name in ("p1", "p2", "p3"):
        world.client.create(pod(name, "n1"))
        world.settle_and_wait(1)
    for obj in world.objects("pods"):
        world.kubelet.finish(obj, "Succeeded", 0)
    world.settle()

    assert [p["metadata"]["name"] for p in world.objects("pods")] == ["p2", "p3"]
