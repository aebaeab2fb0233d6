"""Claims and volumes in whole worlds: who gets which, and who waits."""

import pytest

import kcore
from kcore.scheduler.options import SchedulerOptions
from kcore.testing.builders import pod


def volume(name, size="1Gi", cls="", modes=("ReadWriteOnce",), **spec):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "labels": {"name": name}},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": list(modes),
            "storageClassName": cls,
            "hostPath": {"path": "/x"},
            **spec,
        },
    }


def claim(name, size="1Gi", cls="", modes=("ReadWriteOnce",), **spec):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "resources": {"requests": {"storage": size}},
            "accessModes": list(modes),
            "storageClassName": cls,
            **spec,
        },
    }


@pytest.fixture
def cluster():
    cluster = kcore.Cluster(nodes=2, seed=1)
    cluster.settle()
    return cluster


def apply(cluster, *objects):
    for obj in objects:
        cluster.apply(obj)
        cluster.settle()


def state(cluster):
    return {
        one.metadata.name: (one.at("spec", "volumeName"), one.at("status", "phase"))
        for one in cluster.objects("persistentvolumeclaims", "default")
    }


def phases(cluster):
    return {
        one.metadata.name: one.at("status", "phase") for one in cluster.objects("persistentvolumes")
    }


def test_a_claim_gets_the_smallest_volume_that_will_do(cluster):
    apply(cluster, volume("big", "9Gi"), volume("fit", "2Gi"), volume("tiny", "500Mi"))
    apply(cluster, claim("c"))

    assert state(cluster) == {"c": ("fit", "Bound")}
    assert phases(cluster) == {"big": "Available", "fit": "Bound", "tiny": "Available"}
    bound = cluster.client.get("persistentvolumeclaims", "c", "default")
    assert bound.status.capacity.storage == "2Gi"
    assert bound.metadata.annotations["pv.kubernetes.io/bind-completed"] == "yes"


@pytest.mark.parametrize(
    "wish",
    [
        {"size": "5Gi"},
        {"cls": "fast"},
        {"modes": ("ReadWriteMany",)},
        {"volumeMode": "Block"},
        {"selector": {"matchLabels": {"name": "other"}}},
    ],
    ids=["size", "class", "modes", "volume mode", "selector"],
)
def test_a_claim_that_no_volume_serves_waits_and_is_named(cluster, wish):
    apply(cluster, volume("v", "2Gi"), claim("c", **wish))

    assert state(cluster) == {"c": (None, "Pending")}
    assert phases(cluster) == {"v": "Available"}
    assert any("PersistentVolumeClaim default/c" in line for line in cluster.not_modelled())


def test_a_volume_that_comes_later_is_taken(cluster):
    apply(cluster, claim("c"), volume("v"))

    assert state(cluster) == {"c": ("v", "Bound")}


def test_a_reserved_volume_is_for_its_claim_alone(cluster):
    reference = {"namespace": "default", "name": "mine"}
    apply(cluster, volume("v", claimRef=reference), claim("other"), claim("mine"))

    assert state(cluster) == {"mine": ("v", "Bound"), "other": (None, "Pending")}


def test_two_claims_share_no_volume(cluster):
    for obj in (claim("a"), claim("b"), volume("v")):
        cluster.apply(obj)
    cluster.settle()

    assert sorted(name for name, _ in state(cluster).values() if name) == ["v"]


def test_a_volume_whose_claim_is_gone_is_released(cluster):
    apply(cluster, volume("v"), claim("a"))
    cluster.client.delete("persistentvolumeclaims", "a", "default")
    cluster.settle()

    assert state(cluster) == {}
    assert phases(cluster) == {"v": "Released"}


def test_a_deleted_volume_stays_while_it_is_bound(cluster):
    apply(cluster, volume("v"), claim("a"))
    cluster.client.delete("persistentvolumes", "v")
    cluster.settle()
    assert phases(cluster) == {"v": "Bound"}

    cluster.client.delete("persistentvolumeclaims", "a", "default")
    cluster.settle()

    assert phases(cluster) == {}


def test_a_claim_whose_volume_was_taken_away_is_lost(cluster):
    apply(cluster, volume("v"), claim("a"))
    cluster.client.delete("persistentvolumes", "v")
    cluster.client.patch("persistentvolumes", "v", {"metadata": {"finalizers": None}})
    cluster.settle()

    assert phases(cluster) == {}
    assert state(cluster) == {"a": ("v", "Lost")}


def test_a_deleted_claim_stays_while_a_pod_uses_it(cluster):
    mount = {"name": "data", "persistentVolumeClaim": {"claimName": "a"}}
    apply(cluster, volume("v"), claim("a"), pod("db", volumes=[mount]))
    value = cluster.client.get("persistentvolumeclaims", "a", "default")
    unused = next(one for one in value.status.conditions if one.type == "Unused")
    assert (unused.status, unused.reason) == ("False", "PodUsingPVC")

    cluster.client.delete("persistentvolumeclaims", "a", "default")
    cluster.settle()
    assert state(cluster) == {"a": ("v", "Bound")}

    cluster.client.delete("pods", "db", "default")
    cluster.settle()
    assert state(cluster) == {}


def test_a_namespace_with_claims_can_be_deleted(cluster):
    cluster.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    cluster.apply(claim("a"), namespace="shop")
    cluster.settle()
    cluster.client.delete("namespaces", "shop")
    cluster.settle()

    assert "shop" not in {one.metadata.name for one in cluster.objects("namespaces")}


def test_a_claim_that_waits_for_its_consumer_is_bound_where_the_pod_goes():
    specs = (kcore.NodeSpec("n1", zone="a"), kcore.NodeSpec("n2", zone="b"))
    config = kcore.ClusterConfig(nodes=specs, scheduler=SchedulerOptions())
    cluster = kcore.Cluster(config=config)
    cluster.settle()
    late = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": "late"},
        "provisioner": "kubernetes.io/no-provisioner",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    term = {
        "matchExpressions": [
            {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["b"]}
        ]
    }
    affinity = {"required": {"nodeSelectorTerms": [term]}}
    apply(cluster, late, volume("v", cls="late", nodeAffinity=affinity), claim("c", cls="late"))
    assert state(cluster) == {"c": (None, "Pending")}

    mount = {"name": "data", "persistentVolumeClaim": {"claimName": "c"}}
    apply(cluster, pod("db", volumes=[mount]))

    assert state(cluster) == {"c": ("v", "Bound")}
    assert cluster.client.get("pods", "db", "default").spec.nodeName == "n2"
