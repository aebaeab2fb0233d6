"""A namespace gets its default objects, and is emptied before it goes."""

from kcore.runtime.clock import SECOND_NS
from tests.controllers.hollow_world import HollowWorld, deployment


def namespaced(obj, namespace="shop"):
    return {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}


def world_with_namespace():
    world = HollowWorld()
    metadata = {"name": "shop"}
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    world.settle()
    return world


def conditions(world):
    namespace = world.get("namespaces", "shop", "")
    return {c["type"]: (c["status"], c["message"]) for c in namespace["status"]["conditions"]}


def test_every_namespace_has_a_default_account_and_the_root_certificate():
    world = world_with_namespace()

    assert world.get("serviceaccounts", "default", "shop") is not None
    assert world.get("configmaps", "kube-root-ca.crt", "shop") is not None


def test_default_objects_come_back():
    world = world_with_namespace()
    world.client.delete("serviceaccounts", "default", "shop")
    world.client.patch("configmaps", "kube-root-ca.crt", {"data": {"ca.crt": "x"}}, "shop")
    world.settle()

    assert world.get("serviceaccounts", "default", "shop") is not None
    restored = world.get("configmaps", "kube-root-ca.crt", "shop")
    assert restored["data"]["ca.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_deleted_namespace_is_emptied_and_goes():
    world = world_with_namespace()
    world.client.create(namespaced(deployment()))
    world.settle()
    begin_ns = world.clock.now_ns()
    world.client.delete("namespaces", "shop")
    world.settle(4)
    assert len(world.objects("pods", "shop")) == 3
    world.settle()

    assert world.get("namespaces", "shop", "") is None
    assert world.objects("pods", "shop") == []
    assert world.clock.now_ns() - begin_ns >= 5 * SECOND_NS


def test_content_with_a_finalizer_holds_it_and_is_named():
    world = world_with_namespace()
    held = {"name": "held", "namespace": "shop", "finalizers": ["example.com/x"]}
    world.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    world.client.delete("namespaces", "shop")
    world.settle(6)

    assert conditions(world)["NamespaceContentRemaining"] == (
        "True",
        "Some resources are remaining: configmaps. has 1 resource instances",
    )
    assert conditions(world)["NamespaceFinalizersRemaining"] == (
        "True",
        "Some content in the namespace has finalizers remaining: "
        "example.com/x in 1 resource instances",
    )
    patch = {"metadata": {"finalizers": None}}
    world.client.patch("configmaps", "held", patch, "shop")
    world.settle()
    assert world.get("namespaces", "shop", "") is None
