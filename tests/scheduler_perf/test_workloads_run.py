"""Workloads play through API server, store and scheduler, and are measured."""

from pathlib import Path

import pytest

from kcore.errors import NotModelledError
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler_perf.config import Workload, read_config
from kcore.scheduler_perf.execution import Execution, Outcome, WorkloadStuckError

OWN = Path(__file__).parents[2] / "benchmarks" / "scheduler_perf" / "performance-config.yaml"
POD = """
apiVersion: v1
kind: Pod
metadata: {generateName: pod-}
spec:
  containers:
  - name: c
    image: i
    resources: {requests: {cpu: CPU}}
"""


class TickingClock:
    """A millisecond passes with each look, however busy the machine is."""

    def __init__(self) -> None:
        self._now_ns = 0

    def now_ns(self) -> int:
        self._now_ns += 1_000_000
        return self._now_ns


def run(workload: Workload, engine: str = "packed") -> Outcome:
    """One run with upstream's defaults."""
    options = SchedulerOptions(engine=engine)
    return Execution(workload, options, TickingClock(), lambda _: None).run()


def written(folder: Path, operations: str, cpu: str = "100m") -> Workload:
    """A workload of these operations; its pod template is `pod.yaml`."""
    (folder / "pod.yaml").write_text(POD.replace("CPU", cpu))
    lines = "\n".join(f"  {line}" for line in operations.strip().splitlines())
    config = folder / "performance-config.yaml"
    config.write_text(
        "- name: Case\n  defaultPodTemplatePath: pod.yaml\n  workloadTemplate:\n"
        f"{lines}\n  workloads:\n  - name: One\n"
    )
    return read_config(config)[0]


@pytest.mark.parametrize("workload", [one for one in read_config(OWN) if "short" in one.labels])
def test_the_small_workloads_of_this_repository(workload: Workload) -> None:
    """Every measured pod is counted once."""
    outcome = run(workload, "paranoid")
    expected = {
        "Basic/20Nodes": [100],
        "AntiAffinityUnderChurn/20Nodes": [5, 5],
        "Volumes/20Nodes": [40],
        "Devices/20Nodes": [20],
    }
    assert [one.scheduled for one in outcome.collectors] == expected[workload.full_name]
    for collector in outcome.collectors:
        data = collector.data()
        assert data["Average"] > 0
        assert 0 < data["Perc50"] <= data["Perc90"] <= data["Perc95"] <= data["Perc99"]
        assert collector.item(workload.full_name).labels["Metric"] == "SchedulingThroughput"


def test_barriers_deletions_and_metrics_over_several_operations(tmp_path: Path) -> None:
    """Gone pods count; pods of other namespaces do not."""
    workload = written(
        tmp_path,
        """
- opcode: createNodes
  count: 3
- opcode: startCollectingMetrics
  name: both
  namespaces: [a, b]
- opcode: createPods
  count: 10
  namespace: a
  skipWaitToCompletion: true
- opcode: createPods
  count: 5
  namespace: c
- opcode: barrier
  stageRequirement: Scheduled
- opcode: deletePods
  namespace: a
  deletePodsPerSecond: 1000
- opcode: createPods
  count: 7
  namespace: b
- opcode: sleep
  duration: 10ms
- opcode: stopCollectingMetrics
""",
    )
    (collector,) = run(workload).collectors
    assert (collector.name, collector.scheduled) == ("both", 17)


def test_pods_that_can_never_be_scheduled_end_the_run_with_their_reason(tmp_path: Path) -> None:
    """Not a hang."""
    workload = written(
        tmp_path, "- opcode: createNodes\n  count: 2\n- opcode: createPods\n  count: 1", cpu="64"
    )
    with pytest.raises(WorkloadStuckError) as caught:
        run(workload)
    assert "Case/One: 1 pods cannot be scheduled" in str(caught.value)
    assert "2 Insufficient cpu" in str(caught.value)


def test_what_is_not_modelled_is_named(tmp_path: Path) -> None:
    """Gang scheduling is not."""
    workload = written(tmp_path, "- opcode: createPodGroups\n  count: 1")
    with pytest.raises(NotModelledError, match=r"gang scheduling .* needed by createPodGroups"):
        run(workload)


def test_a_claim_is_completed_when_the_scheduler_has_promised_a_volume(tmp_path: Path) -> None:
    """Claims that wait for their first consumer are bound as in upstream's harness."""
    objects = {
        "class": """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: late}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
""",
        "volume": """
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume}
spec:
  storageClassName: late
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  hostPath: {path: /data}
""",
        "claim": """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claim, namespace: space}
spec:
  storageClassName: late
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Gi}}
""",
    }
    for name, text in objects.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    workload = written(
        tmp_path,
        """
- opcode: createNodes
  count: 2
- opcode: createAny
  templatePath: class.yaml
- opcode: createAny
  templatePath: volume.yaml
- opcode: createAny
  templatePath: claim.yaml
  namespace: space
- opcode: createPods
  count: 1
  namespace: space
  collectMetrics: true
""",
    )
    pod = (tmp_path / "pod.yaml").read_text()
    uses = "  volumes: [{name: v, persistentVolumeClaim: {claimName: claim}}]\n"
    (tmp_path / "pod.yaml").write_text(pod + uses)
    execution = Execution(workload, SchedulerOptions(), TickingClock(), lambda _: None)
    client = execution._world.client

    outcome = execution.run()

    assert [one.scheduled for one in outcome.collectors] == [1]
    assert (
        client.get("persistentvolumeclaims", "claim", "space").at("spec", "volumeName") == "volume"
    )
