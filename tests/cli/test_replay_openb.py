"""`kcore replay openb`: table, JSON, plots and refusals."""

import json
from pathlib import Path

import pytest

from kcore.cli.main import main

NODES = "sn,cpu_milli,memory_mib,gpu,model\n" + "".join(
    f"node-{number},64000,512000,{2 if number % 2 else 8},T4\n" for number in range(10)
)
PODS = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n" + "".join(
    f"pod-{number:03},{1000 + number % 3 * 2000},1024,1,{(1000, 460, 700)[number % 3]},\n"
    for number in range(60)
)


@pytest.fixture
def trace(tmp_path: Path) -> list[str]:
    """Options that name a small trace."""
    (tmp_path / "nodes.csv").write_text(NODES)
    (tmp_path / "pods.csv").write_text(PODS)
    return ["--nodes", str(tmp_path / "nodes.csv"), "--pods", str(tmp_path / "pods.csv")]


def test_json_has_figures_for_each_policy(
    trace: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Names as given, in the order given, each once."""
    options = ["--policy", "fgd", "--policy", "Random", "--seeds", "2", "-o", "json"]
    assert main(["replay", "openb", *trace, *options]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == ["FGD", "Random"]
    for figures in report.values():
        assert figures["seeds"] == 2
        assert 0 < figures["gpuAllocationPercent"] <= 100
        assert figures["gpuAllocationPercent"] == figures["gpuAllocationPercentByLoad"]["100"]
        assert 0 <= figures["fragmentationPercent"] <= 100


def test_the_table_has_a_row_for_each_policy(
    trace: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """All six when none is named."""
    assert main(["replay", "openb", *trace, "--seeds", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("POLICY")
    assert [line.split()[0] for line in lines[1:]] == [
        "Random", "DotProd", "GpuClustering", "GpuPacking", "BestFit", "FGD",
    ]  # fmt: skip


def test_a_plot_is_drawn(trace: list[str], tmp_path: Path) -> None:
    """A picture of both curves."""
    pytest.importorskip("matplotlib", reason="the extra `plots` is not installed")
    picture = tmp_path / "curves.png"
    assert main(["replay", "openb", *trace, "--seeds", "1", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--policy", "Best"], "--policy Best: must be one of Random, DotProd"),
        (["--plot", "curves.svg"], "--plot curves.svg: the file must end in .html or .png"),
        (["--seeds", "0"], "--seeds"),
    ],
)
def test_bad_options_are_refused(
    trace: list[str], capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    """Before anything runs."""
    assert main(["replay", "openb", *trace, *options]) == 1
    assert message in capsys.readouterr().err
