"""`kcore import` takes objects from etcd snapshots and JSON lines; `kcore export` writes lines."""

import json

import pytest

from kcore.cluster import Cluster
from kcore.machinery.frozen import freeze
from kcore.machinery.protobuf import encode
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import DeleteRangeRequest, PutRequest
from kcore.store.etcd.server import EtcdServer
from tests.store.etcd_snapshot.writing import snapshot_of

BORN = "2026-03-01T10:00:00Z"


def object_of(kind, name, namespace="", api_version="v1", **fields):
    metadata = {"name": name, "uid": f"uid-{kind}-{name}", "creationTimestamp": BORN}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


NODE = object_of(
    "Node",
    "worker",
    status={"capacity": {"cpu": "3", "memory": "5Gi", "pods": "11", "example.com/gpu": "2"}},
)
SETTINGS = object_of("ConfigMap", "settings", "default", data={"color": "blue"})
DEFINITION = object_of(
    "CustomResourceDefinition",
    "widgets.ex.io",
    api_version="apiextensions.k8s.io/v1beta1",
    spec={
        "group": "ex.io",
        "names": {"kind": "Widget", "plural": "widgets", "singular": "widget"},
        "scope": "Namespaced",
        "validation": {"openAPIV3Schema": {"type": "object"}},
        "additionalPrinterColumns": [{"name": "Color", "type": "string", "JSONPath": ".color"}],
        "version": "v1",
    },
    status={"conditions": [{"type": "Established", "status": "True"}]},
)
WIDGET = object_of("Widget", "w", "default", "ex.io/v1", color="red")


def as_json(obj):
    return json.dumps(obj).encode()


def as_protobuf(obj):
    return encode(freeze(obj))


@pytest.fixture
def snapshot(tmp_path):
    server = EtcdServer(VirtualClock())
    values = {
        b"/registry/namespaces/default": as_protobuf(object_of("Namespace", "default")),
        b"/registry/minions/worker": as_protobuf(NODE),
        b"/registry/configmaps/default/settings": as_json(SETTINGS),
        b"/registry/apiextensions.k8s.io/customresourcedefinitions/widgets.ex.io": as_json(
            DEFINITION
        ),
        b"/registry/ex.io/widgets/default/w": as_json(WIDGET),
        b"/registry/secrets/default/s": b"k8s:enc:aescbc:v1:key1:\x00\x01",
        b"/registry/ranges/serviceips": as_json(object_of("RangeAllocation", "r")),
        b"/registry/masterleases/10.0.0.1": as_json({"apiVersion": "v1", "kind": "Endpoints"}),
        b"compact_rev_key": b"17",
        b"/registry/configmaps/default/gone": as_json(object_of("ConfigMap", "gone", "default")),
    }
    for key, value in values.items():
        server.put(PutRequest(key, value))
    server.delete_range(DeleteRangeRequest(b"/registry/configmaps/default/gone"))
    path = tmp_path / "snapshot.db"
    path.write_bytes(snapshot_of(server))
    return path


@pytest.fixture
def imported(kcore, snapshot, tmp_path):
    state = tmp_path / "state"
    outcome = kcore("import", "--etcd-snapshot", snapshot, "--out", state)
    assert outcome.code == 0, outcome.err
    return state, outcome


def test_objects_of_both_encodings_are_there(kcore, imported):
    state, outcome = imported

    assert "5 objects at revision 12" in outcome.out
    got = json.loads(kcore("get", "configmap", "settings", "-s", state, "-o", "json").out)
    assert got["data"] == {"color": "blue"}
    assert got["metadata"]["resourceVersion"] == "4"
    assert got["metadata"]["uid"] == "uid-ConfigMap-settings"
    node = json.loads(kcore("get", "node", "worker", "-s", state, "-o", "json").out)
    assert node["status"]["capacity"]["example.com/gpu"] == "2"
    assert kcore("get", "configmap", "gone", "-s", state).code == 1


def test_custom_kinds_are_served_by_their_stored_definitions(kcore, imported):
    state, _ = imported

    assert json.loads(kcore("get", "widgets", "w", "-s", state, "-o", "json").out)["color"] == "red"
    definition = json.loads(kcore("get", "crd", "widgets.ex.io", "-s", state, "-o", "json").out)
    (version,) = definition["spec"]["versions"]
    assert version["name"] == "v1"
    assert version["schema"] == {"openAPIV3Schema": {"type": "object"}}
    assert version["additionalPrinterColumns"][0]["jsonPath"] == ".color"


@pytest.mark.parametrize(
    "line",
    [
        "/registry/secrets/default/s: encrypted by provider 'aescbc'; its key is not here",
        "/registry/ranges/serviceips: v1 RangeAllocation is not served",
        "/registry/masterleases/10.0.0.1: has no name: a record of the API server, not an object",
        "compact_rev_key: is no key of the API server",
    ],
)
def test_what_is_left_out_is_named(imported, line):
    _, outcome = imported

    assert "4 records left out:" in outcome.err
    assert f"  {line}\n" in outcome.err


def test_the_imported_cluster_runs_on(imported):
    cluster = Cluster.load(imported[0])
    assert cluster.now_ns == 1_772_359_200_000_000_000, "when the youngest object was written"
    cluster.settle()

    node = cluster.client.get("nodes", "worker")
    assert node.status.capacity.cpu == "3"
    ready = [one for one in node.status.conditions if one.type == "Ready"]
    assert ready[0].status == "True"


def test_lines_out_and_in_again(kcore, imported, tmp_path):
    state, _ = imported
    lines, again = tmp_path / "lines.jsonl", tmp_path / "again"

    assert kcore("export", "-s", state, "-o", lines).out == f"5 objects in {lines}\n"
    assert kcore("import", lines, "--out", again).code == 0
    assert kcore("export", "-s", again).out == lines.read_text()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-1], "byte {length}: the file is cut off"),
        (lambda data: data[:-32], "byte {length}: no SHA-256 at the end"),
        (lambda data: data[:5000] + b"!" + data[5001:], "the SHA-256 here does not match"),
    ],
)
def test_damage_is_refused_and_nothing_is_written(kcore, snapshot, tmp_path, damage, message):
    data = damage(snapshot.read_bytes())
    snapshot.write_bytes(data)
    outcome = kcore("import", "--etcd-snapshot", snapshot, "--out", tmp_path / "none")

    assert outcome.code == 1
    assert outcome.err.startswith(f"kcore: {snapshot}: byte ")
    assert message.format(length=len(data)) in outcome.err
    assert not (tmp_path / "none").exists()


def test_a_database_without_digest_is_taken_when_asked_for(kcore, snapshot, tmp_path):
    snapshot.write_bytes(snapshot.read_bytes()[:-32])
    state = tmp_path / "state"

    assert kcore("import", "--etcd-snapshot", snapshot, "-o", state, "--skip-hash-check").code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}\n{\n", "line 2, byte 3: no JSON"),
        ("\n[1]\n", "line 2, byte 1: no JSON object"),
        (json.dumps(SETTINGS) + "\n" + json.dumps(SETTINGS) + "\n", "is there twice"),
    ],
)
def test_bad_lines_are_named(kcore, tmp_path, text, message):
    path = tmp_path / "lines.jsonl"
    path.write_text(text)
    outcome = kcore("import", path, "--out", tmp_path / "none")

    assert outcome.code == 1
    assert str(path) in outcome.err
    assert message in outcome.err


def test_one_source_is_needed(kcore, tmp_path):
    outcome = kcore("import", "--out", tmp_path / "none")

    assert outcome.code == 1
    assert "name either a file of JSON lines or --etcd-snapshot FILE" in outcome.err
