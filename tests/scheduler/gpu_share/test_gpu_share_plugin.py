"""Pods that share GPUs in a whole cluster: devices are written down, and never given twice."""

from collections import Counter

import pytest

import kcore
from kcore.config import ClusterConfig, node_specs, scheduler_options
from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.scheduler.gpu_share.devices import GpuRequestError, gpus_of, usage

CONFIGURATION = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
  plugins:
    multiPoint:
      enabled: [{name: GpuShare, weight: 1000}]
  pluginConfig:
  - name: GpuShare
    args: ARGS
"""
FGD = (
    "{policy: FGD, typicalPods: "
    "[{cpu: 100, gpus: 1, milli: 500, share: 0.5}, {gpus: 1, share: 0.5}]}"
)
GPUS = "alibabacloud.com/"


def cluster(args: str) -> kcore.Cluster:
    """Two nodes with two and four GPUs under this plugin configuration."""
    options = scheduler_options(CONFIGURATION.replace("ARGS", args))
    config = ClusterConfig(nodes=node_specs(2), scheduler=options)
    world = kcore.Cluster(config=config)
    world.settle()
    for node, gpus in zip(world.client.list("nodes"), (2, 4), strict=True):
        patch = {
            "capacity": {f"{GPUS}gpu-count": str(gpus)},
            "allocatable": {f"{GPUS}gpu-count": str(gpus)},
        }
        name = node["metadata"]["name"]
        world.client.patch("nodes", name, {"status": patch}, subresource="status")
        world.client.patch(
            "nodes", name, {"metadata": {"labels": {f"{GPUS}gpu-card-model": f"M{gpus}"}}}
        )
    return world


def pod(name: str, milli: int, count: int = 1, model: str = "") -> dict:
    """A pod that asks for GPUs."""
    annotations = {f"{GPUS}gpu-milli": str(milli), f"{GPUS}gpu-count": str(count)}
    if model:
        annotations[f"{GPUS}gpu-card-model"] = model
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }


def held(world: kcore.Cluster) -> Counter:
    """Milli by (node, device)."""
    total: Counter = Counter()
    for one in world.client.list("pods"):
        node = one.at("spec", "nodeName")
        if node:
            annotations = one["metadata"]["annotations"]
            for index in annotations[f"{GPUS}gpu-index"].split("-"):
                total[node, index] += int(annotations[f"{GPUS}gpu-milli"])
    return total


@pytest.mark.parametrize(
    "args",
    [
        f"{{policy: {one}}}"
        for one in ("Random", "DotProd", "GpuClustering", "GpuPacking", "BestFit")
    ]
    + [FGD],
)
def test_devices_are_written_down_and_never_given_twice(args: str) -> None:
    """Whatever the policy: six GPUs take twelve halves, and the thirteenth waits."""
    world = cluster(args)
    for number in range(13):
        world.apply(pod(f"half-{number}", 500))
    world.settle()
    assert sorted(held(world).values()) == [1000] * 6
    waiting = [one for one in world.client.list("pods") if not one.at("spec", "nodeName")]
    assert len(waiting) == 1
    message = waiting[0]["status"]["conditions"][0]["message"]
    assert "2 Insufficient alibabacloud.com/gpu-milli" in message


def test_models_and_whole_gpus() -> None:
    """A pod that wants four whole GPUs of the other model fits nowhere."""
    world = cluster("{policy: BestFit}")
    world.apply(pod("four", 1000, 4))
    world.apply(pod("small", 300, model="M2"))
    world.apply(pod("none", 1000, 4, model="M2"))
    world.settle()
    placed = {one["metadata"]["name"]: one for one in world.client.list("pods")}
    assert placed["four"]["metadata"]["annotations"][f"{GPUS}gpu-index"] == "0-1-2-3"
    assert placed["small"]["spec"]["nodeName"] != placed["four"]["spec"]["nodeName"]
    assert placed["none"].at("spec", "nodeName") is None


def test_a_request_that_cannot_be_met_is_refused_with_its_reason() -> None:
    """By the scheduler, in the pod's condition."""
    world = cluster("{policy: BestFit}")
    world.apply(pod("odd", 1500))
    world.settle()
    (odd,) = world.client.list("pods")
    assert "whole GPUs (1 to 8), or a part of one" in odd["status"]["conditions"][0]["message"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ("{policy: Best}", "policy: must be one of Random"),
        ("{policy: FGD}", "typicalPods: Required value"),
        (
            "{policy: FGD, typicalPods: [{cpus: 1}]}",
            "typicalPods[0]: must be an object with fields",
        ),
        ("{police: FGD}", 'unknown field "police"'),
    ],
)
def test_bad_args_are_refused(args: str, message: str) -> None:
    """When the configuration is used."""
    with pytest.raises(ManifestError) as caught:
        cluster(args)
    assert message in str(caught.value)


def test_annotations_are_read_as_the_extender_writes_them() -> None:
    """Devices that are written down count there; others where they fit best."""
    whole = freeze(pod("a", 1000, 2))
    assert gpus_of(whole) == (2, 1000)
    assert gpus_of(freeze({"metadata": {}})) == (0, 0)
    written = freeze(pod("b", 400)).set(("metadata", "annotations", f"{GPUS}gpu-index"), "2")
    assert usage([written, freeze(pod("c", 400)), freeze(pod("d", 1000))], 4) == (
        [0, 1000, 200, 1000],
        0b11,
    )
    with pytest.raises(GpuRequestError, match="must be a whole number"):
        gpus_of(freeze({"metadata": {"annotations": {f"{GPUS}gpu-count": "x"}}}))
