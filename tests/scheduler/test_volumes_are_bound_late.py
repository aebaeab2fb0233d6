"""A pod whose claim waits for its first consumer: node first, then volume, then binding."""

import pytest

import kcore
from kcore.config import ClusterConfig, node_specs
from kcore.scheduler.options import SchedulerOptions
from kcore.testing.builders import pod

CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "late"},
    "provisioner": "csi.example.com",
    "volumeBindingMode": "WaitForFirstConsumer",
}
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data", "namespace": "default"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "late",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}
VOLUME = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]


@pytest.fixture
def cluster():
    """Three nodes and all of upstream's default plugins."""
    config = ClusterConfig(nodes=node_specs(3), seed=1, scheduler=SchedulerOptions())
    cluster = kcore.Cluster(config=config)
    cluster.settle()
    return cluster


def selected_node(cluster):
    claim = cluster.client.get("persistentvolumeclaims", "data", "default")
    return claim.at("metadata", "annotations", "volume.kubernetes.io/selected-node")


def bind_claim(cluster, zone_node):
    """What the volume controller does for a provisioned volume."""
    hostname = {"key": "kubernetes.io/hostname", "operator": "In", "values": [zone_node]}
    cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": "pv-data"},
            "spec": {
                "capacity": {"storage": "1Gi"},
                "accessModes": ["ReadWriteOnce"],
                "storageClassName": "late",
                "csi": {"driver": "csi.example.com", "volumeHandle": "h"},
                "nodeAffinity": {
                    "required": {"nodeSelectorTerms": [{"matchExpressions": [hostname]}]}
                },
            },
        }
    )
    claim = cluster.client.get("persistentvolumeclaims", "data", "default")
    claim = claim.set(("spec", "volumeName"), "pv-data")
    path = ("metadata", "annotations", "pv.kubernetes.io/bind-completed")
    cluster.client.update(claim.set(path, "yes"))


def test_the_node_is_chosen_and_kept_until_the_claim_is_bound(cluster):
    cluster.apply([CLASS, CLAIM, pod("db", volumes=VOLUME)])
    cluster.run_for("1s")
    node = selected_node(cluster)
    waiting = cluster.client.get("pods", "db", "default")
    assert node in {"node-1", "node-2", "node-3"}
    assert waiting.spec.nodeName is None
    assert waiting.status.nominatedNodeName == node

    bind_claim(cluster, node)
    cluster.run_for("1s")

    assert cluster.client.get("pods", "db", "default").spec.nodeName == node


def test_a_missing_claim_keeps_the_pod_waiting_and_is_named(cluster, place):
    value = place("db", volumes=VOLUME)

    message = next(one.message for one in value.status.conditions if one.type == "PodScheduled")
    assert message.startswith('0/3 nodes are available: persistentvolumeclaim "data" not found.')

    cluster.apply([{**CLASS, "volumeBindingMode": "Immediate"}, CLAIM])
    cluster.settle()

    value = cluster.client.get("pods", "db", "default")
    message = next(one.message for one in value.status.conditions if one.type == "PodScheduled")
    assert "pod has unbound immediate PersistentVolumeClaims" in message
