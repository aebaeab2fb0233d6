"""Upstream's configuration files: parameters, labels, thresholds, and what is refused."""

from pathlib import Path

import pytest

from kcore.errors import ManifestError
from kcore.scheduler_perf.config import LabelFilter, Workload, read_config

CONFIG = """
- name: Case
  defaultPodTemplatePath: ../templates/pod.yaml
  featureGates: {A: true, B: true}
  workloadTemplate:
  - opcode: createNodes
    countParam: $nodes
  - opcode: createPods
    countParam: $pods
    countMultiplierParam: $times
    templateParams: {cpu: $cpu|50m}
    collectMetrics: true
  workloads:
  - name: Small
    labels: [integration-test, short]
    params: {nodes: 5, pods: 4, times: 3}
  - name: Large
    labels: [performance]
    featureGates: {B: false}
    threshold: {misc: 680}
    params: {nodes: 5000, pods: 10, times: 1, cpu: 1}
"""


def read(folder: Path, text: str = CONFIG) -> list[Workload]:
    """The workloads of this text."""
    path = folder / "performance-config.yaml"
    path.write_text(text)
    return read_config(path)


def test_parameters_are_filled_in(tmp_path: Path) -> None:
    """Counts, multipliers, and defaults after a bar."""
    small, large = read(tmp_path)
    assert small.full_name == "Case/Small"
    assert [one.count() for one in small.operations] == [5, 12]
    assert small.operations[1].fields["templateParams"] == {"cpu": "50m"}
    assert large.operations[1].fields["templateParams"] == {"cpu": 1}
    assert small.operations[1].flag("collectMetrics")
    assert (small.threshold, large.threshold) == (None, 680.0)
    assert large.feature_gates == {"A": True, "B": False}


def test_labels_choose_workloads(tmp_path: Path) -> None:
    """All that are wanted, none that are not."""
    workloads = read(tmp_path)

    def chosen(text: str) -> list[str]:
        return [one.name for one in workloads if LabelFilter.parse(text).accepts(one)]

    assert chosen("performance") == ["Large"]
    assert chosen("integration-test,short") == ["Small"]
    assert chosen("-short") == ["Large"]
    assert chosen("+short, -performance") == ["Small"]
    assert chosen("") == ["Small", "Large"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("opcode: createNodes", "opcode: createClouds", "unknown opcode 'createClouds': known are"),
        ("collectMetrics: true", "collectMetric: true", "unknown field 'collectMetric'"),
        ("  workloads:", "  workload:", "unknown field 'workload'"),
        ("- name: Case", "- title: Case", "a test case must be a mapping with a name"),
        ("threshold: {misc", "thresholds: {misc", "unknown field 'thresholds'"),
    ],
)
def test_what_it_does_not_know_is_refused_by_name(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """With file and test case."""
    with pytest.raises(ManifestError) as caught:
        read(tmp_path, CONFIG.replace(old, new, 1))
    assert "performance-config.yaml" in str(caught.value)
    assert message in str(caught.value)


def test_an_undefined_parameter_is_an_error_when_it_is_needed(tmp_path: Path) -> None:
    """Upstream's files leave parameters out that a workload does not use."""
    small, _ = read(tmp_path, CONFIG.replace("nodes: 5,", "", 1))
    with pytest.raises(ManifestError, match=r"createNodes: count: must be a whole number"):
        small.operations[0].count()


def test_a_file_that_is_no_list_is_refused(tmp_path: Path) -> None:
    """And one that is not there."""
    with pytest.raises(ManifestError, match="must be a list of test cases"):
        read(tmp_path, "a: 1")
    with pytest.raises(ManifestError, match="cannot be read"):
        read_config(tmp_path / "none.yaml")
