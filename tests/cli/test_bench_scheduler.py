"""`kcore bench scheduler`: table, perf-dash JSON, choice of workloads, refusals."""

import json
from pathlib import Path

import pytest

from kcore.cli.main import main

OWN = str(Path(__file__).parents[2] / "benchmarks" / "scheduler_perf" / "performance-config.yaml")
ONE = ["bench", "scheduler", "--config", OWN, "--workload", "Basic/20Nodes"]


def test_json_and_data_items_are_perf_dashs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same in the file as on standard output."""
    path = tmp_path / "items.json"
    assert main([*ONE, "-o", "json", "--data-items", str(path)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report == json.loads(path.read_text())
    (item,) = report["dataItems"]
    assert report["version"] == "v1"
    assert item["unit"] == "pods/s"
    assert item["labels"]["Name"] == "BenchmarkPerfScheduling/Basic/20Nodes/namespace-2"
    assert list(item["data"]) == ["Average", "Perc50", "Perc90", "Perc95", "Perc99"]


def test_the_table_names_workload_and_pods(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each collector."""
    assert main(ONE) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split()[:3] == ["WORKLOAD", "PODS", "AVERAGE"]
    assert row.split()[:2] == ["Basic/20Nodes/namespace-2", "100"]


def test_core_only_measures_decisions(capsys: pytest.CaptureFixture[str]) -> None:
    """All pods count; what needs the API is refused by name."""
    assert main([*ONE, "--core-only", "--engine", "paranoid"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == [
        "Basic/20Nodes/namespace-2",
        "100",
    ]
    churning = ["--workload", "AntiAffinityUnderChurn/20Nodes"]
    assert main(["bench", "scheduler", "--config", OWN, *churning, "--core-only"]) == 2
    assert "--core-only has no pods in the API for churn" in capsys.readouterr().err


def test_seconds_may_be_of_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    """The same items, whatever the measure."""
    assert main([*ONE, "--clock", "cpu", "-o", "json"]) == 0
    (item,) = json.loads(capsys.readouterr().out)["dataItems"]
    assert item["data"]["Average"] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--config", OWN, "--workload", "None/*"], "--workload None/*: no such workload among 5"),
        (["--config", OWN, "--filter", "nightly"], "--filter nightly: no such workload among 5"),
        (["--config", "none.yaml"], "none.yaml: cannot be read"),
        (["--config", OWN, "--plot", "x.svg"], "--plot x.svg"),
    ],
)
def test_bad_options_are_refused(
    capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    """Before anything runs."""
    assert main(["bench", "scheduler", *options]) == 1
    assert message in capsys.readouterr().err


def test_a_workload_that_cannot_run_is_named_and_the_others_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2."""
    config = tmp_path / "performance-config.yaml"
    config.write_text(
        "- name: Gangs\n  workloadTemplate:\n  - opcode: createPodGroups\n    count: 1\n"
        "  workloads:\n  - {name: One, labels: [performance]}\n"
    )
    assert main(["bench", "scheduler", "--config", str(config)]) == 2
    captured = capsys.readouterr()
    assert "Gangs/One" in captured.out
    assert "not run" in captured.out
    assert "Gangs/One: gang scheduling (PodGroup), needed by createPodGroups" in captured.err
