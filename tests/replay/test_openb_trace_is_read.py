"""Reading the openb CSV files: what counts, and which message a bad file gives."""

from pathlib import Path

import pytest

from kcore.errors import ManifestError
from kcore.replay.openb import PodKind, TraceNode, read_trace

NODES = "sn,cpu_milli,memory_mib,gpu,model\nnode-b,64000,1024,2,P100\nnode-a,32000,512,0,\n"
PODS = (
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos\n"
    "pod-2,1000,10,1,460.0,V100M32|P100,LS\n"
    "pod-1,2000,20,2,1000,,LS\n"
    "pod-0,500,5,0,,,BE\n"
)


def write(folder: Path, nodes: str = NODES, pods: str = PODS) -> tuple[Path, Path]:
    """Both files of a trace."""
    paths = folder / "nodes.csv", folder / "pods.csv"
    paths[0].write_text(nodes)
    paths[1].write_text(pods)
    return paths


def test_nodes_without_gpus_are_left_out_and_pods_come_by_name(tmp_path: Path) -> None:
    """Columns that say nothing about placement are skipped."""
    trace = read_trace(*write(tmp_path))
    assert trace.nodes == (TraceNode("node-b", 64000, 1024, 2, "P100"),)
    assert trace.pods == (
        PodKind(500, 5, 0, 0, ()),
        PodKind(2000, 20, 2, 1000, ()),
        PodKind(1000, 10, 1, 460, ("P100", "V100M32")),
    )
    assert trace.capacity_gpu_milli == 2000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1000,10", "x,10", "pods.csv:2: cpu_milli: invalid value 'x': must be a number"),
        ("1000,10", "-1,10", "pods.csv:2: cpu_milli: invalid value '-1': must be a whole number"),
        ("2,1000,,", "2,500,,", "pods.csv:3: gpu_milli: invalid value '500': must be 1000, or"),
        ("num_gpu,", "gpus,", "pods.csv:1: no column num_gpu"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_column(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """The message names file, line, column and rule."""
    paths = write(tmp_path, pods=PODS.replace(old, new, 1))
    with pytest.raises(ManifestError) as caught:
        read_trace(*paths)
    assert message in str(caught.value)


def test_a_missing_or_empty_file_is_refused(tmp_path: Path) -> None:
    """So is a trace without any GPU."""
    nodes, pods = write(tmp_path)
    with pytest.raises(ManifestError, match=r"none\.csv: cannot be read"):
        read_trace(tmp_path / "none.csv", pods)
    nodes.write_text(NODES.replace(",2,P100", ",0,"))
    with pytest.raises(ManifestError, match="no node with a GPU"):
        read_trace(nodes, pods)
