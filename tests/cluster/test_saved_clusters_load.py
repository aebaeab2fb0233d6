"""A saved cluster comes back with its objects, time and nodes; a damaged file is refused whole."""

import pytest

import kcore
from kcore.testing.builders import deployment


@pytest.fixture
def saved(tmp_path):
    cluster = kcore.Cluster(nodes=2, seed=3)
    cluster.apply(deployment("web"))
    cluster.settle()
    path = tmp_path / "state.json"
    cluster.save(path)
    return cluster, path


def test_objects_time_and_nodes_come_back(saved) -> None:
    cluster, path = saved
    loaded = kcore.Cluster.load(path)
    assert list(loaded.objects()) == list(cluster.objects())
    assert (loaded.now_ns, loaded.elapsed_ns) == (cluster.now_ns, cluster.elapsed_ns)
    assert loaded.settle().settled
    assert len(loaded.client.list("pods")) == 3


def test_a_loaded_cluster_goes_on_from_there(saved) -> None:
    _, path = saved
    loaded = kcore.Cluster.load(path)
    loaded.client.deployments.scale("web", 5)
    assert loaded.settle().settled
    assert len(loaded.client.list("pods")) == 5
    assert {pod.spec.nodeName for pod in loaded.client.list("pods")} <= {"node-1", "node-2"}


def test_a_stopped_node_stays_stopped(saved, tmp_path) -> None:
    cluster, _ = saved
    cluster.fail_node("node-1")
    path = tmp_path / "later.json"
    cluster.save(path)
    loaded = kcore.Cluster.load(path)
    loaded.run_for("2m")
    ready = {
        node.metadata.name: next(c.status for c in node.status.conditions if c.type == "Ready")
        for node in loaded.client.list("nodes")
    }
    assert ready == {"node-1": "Unknown", "node-2": "True"}


def test_saving_twice_gives_the_same_bytes(saved, tmp_path) -> None:
    cluster, path = saved
    again = tmp_path / "again.json"
    cluster.save(again)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(tmp_path.iterdir()) == [again, path]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "not a saved cluster"),
        (lambda data: b"{}\n", "not a saved cluster"),
        (lambda data: data[: len(data) // 2], "line"),
        (lambda data: data.replace(b"registry.example", b"registry.EXAMPLE", 1), "checksum"),
        (lambda data: data.replace(b'"version":1', b'"version":9', 1), "version 9"),
    ],
)
def test_damaged_files_are_refused(saved, tmp_path, damage, words) -> None:
    _, path = saved
    broken = tmp_path / "broken.json"
    broken.write_bytes(damage(path.read_bytes()))
    with pytest.raises(kcore.ManifestError, match=words):
        kcore.Cluster.load(broken)


def test_a_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(kcore.ManifestError, match=r"nothing.json: No such file"):
        kcore.Cluster.load(tmp_path / "nothing.json")
