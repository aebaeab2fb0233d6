"""A saved cluster comes back with its objects, time and nodes; a damaged file is refused whole."""

import json

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


def _with_header(path, change):
    first, _, rest = path.read_bytes().partition(b"\n")
    header = json.loads(first)
    change(header)
    path.write_bytes(json.dumps(header).encode() + b"\n" + rest)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("seed", lambda header: header.pop("seed")),
        ("seed", lambda header: header.update(seed=True)),
        ("startNs", lambda header: header.update(startNs=-1)),
        ("nowNs", lambda header: header.update(nowNs=2**63 - 1)),
        ("nowNs", lambda header: header.update(nowNs=0)),
        ("nodes", lambda header: header.update(nodes=None)),
        ("nodes[1]", lambda header: header["nodes"].append(3) or header["nodes"].pop(1)),
        ("nodes[0].name", lambda header: header["nodes"][0].update(name="A_b")),
        ("nodes[0].running", lambda header: header["nodes"][0].update(running=None)),
        ("nodes[0].labels", lambda header: header["nodes"][0].update(labels={"a": 1})),
        ("nodes[0].taints[0]", lambda header: header["nodes"][0].update(taints=[None])),
        ("nodes[0].shape.cpu", lambda header: header["nodes"][0]["shape"].update(cpu="many")),
        ("nodes[0].shape.x", lambda header: header["nodes"][0]["shape"].update(x=1)),
        ("nodes[0].shape.memory", lambda header: header["nodes"][0]["shape"].pop("memory")),
        ("used twice", lambda header: header["nodes"].append(header["nodes"][0])),
    ],
)
def test_a_wrong_header_names_its_field(saved, field, change) -> None:
    _, path = saved
    _with_header(path, change)
    with pytest.raises(kcore.ManifestError) as caught:
        kcore.Cluster.load(path)
    assert f"{path}:1: " in str(caught.value)
    assert field in str(caught.value)


def test_flipped_bits_and_cut_ends_are_refused_or_harmless(saved, tmp_path) -> None:
    _, path = saved
    data, broken = path.read_bytes(), tmp_path / "broken.json"
    header_size = data.index(b"\n")
    for place in [*range(0, header_size, 7), *range(header_size, len(data), len(data) // 40)]:
        for damaged in (data[:place], data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]):
            broken.write_bytes(damaged)
            try:
                kcore.Cluster.load(broken)
            except kcore.ManifestError:
                continue
            assert place < header_size
            assert len(damaged) == len(data)
