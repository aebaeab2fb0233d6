"""`kcore get`, `describe` and `explain-pod` on what `kcore run --save` wrote."""

import json

import pytest


@pytest.fixture
def state(kcore, web, tmp_path):
    path = tmp_path / "state.json"
    assert kcore("run", web, "--nodes", 2, "--save", path).code == 0
    return path


def test_get_lists_in_kubectls_columns(kcore, state):
    lines = kcore("get", "pods", "--state", state).out.splitlines()

    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert [line.split()[1:4] for line in lines[1:]] == [["1/1", "Running", "0"]] * 2


@pytest.mark.parametrize("word", ["deploy", "deployment", "Deployment", "deployments.apps"])
def test_get_takes_what_kubectl_takes(kcore, state, word):
    assert kcore("get", word, "web", "-s", state, "-o", "name").out == "deployment.apps/web\n"


def test_get_one_object_as_json(kcore, state):
    outcome = kcore("get", "deploy", "web", "-s", state, "-o", "json")

    assert json.loads(outcome.out)["spec"]["replicas"] == 2


def test_get_all_namespaces_shows_them(kcore, state):
    lines = kcore("get", "configmaps", "-A", "-s", state).out.splitlines()

    assert lines[0].split()[0] == "NAMESPACE"


def test_get_with_a_selector(kcore, state):
    assert len(kcore("get", "pods", "-l", "app=web", "-s", state).out.splitlines()) == 3
    outcome = kcore("get", "pods", "-l", "app=shop", "-s", state)
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "No resources found in default namespace.\n"


def test_get_several_resources(kcore, state):
    out = kcore("get", "deployments,pods", "-s", state).out

    assert out.index("UP-TO-DATE") < out.index("RESTARTS")


def test_get_all_is_a_category(kcore, state):
    out = kcore("get", "all", "-s", state, "-o", "name").out.split()

    assert "deployment.apps/web" in out
    assert any(name.startswith("pod/web-") for name in out)
    assert "configmap/settings" not in out


def test_the_state_may_be_named_by_the_environment(kcore, state, monkeypatch):
    monkeypatch.setenv("KCORE_STATE", str(state))

    assert kcore("get", "deploy", "-o", "name").out == "deployment.apps/web\n"


def test_describe_tells_of_replicas_conditions_and_events(kcore, state):
    out = kcore("describe", "deployment", "web", "-s", state).out

    assert "2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in out
    assert "MinimumReplicasAvailable" in out
    assert "ScalingReplicaSet" in out


def test_describe_a_pod(kcore, state):
    name = kcore("get", "pods", "-s", state, "-o", "name").out.split()[0].removeprefix("pod/")

    out = kcore("describe", "pod", name, "-s", state).out

    assert "example.com/web:1" in out
    assert "cpu=100m" in out
    assert "Scheduled" in out


def test_describe_a_node(kcore, state):
    out = kcore("describe", "node", "node-1", "-s", state).out

    assert "KubeletReady" in out
    assert "Allocated resources:" in out


def test_explain_pod_names_the_nodes(kcore, state):
    name = kcore("get", "pods", "-s", state, "-o", "name").out.split()[0].removeprefix("pod/")

    outcome = kcore("explain-pod", name, "-s", state)

    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].startswith(f"Pod default/{name} is on node-")
    assert lines[2].split() == ["NODE", "VERDICT", "SCORE", "WHAT", "WOULD", "HELP"]
    assert [line.split()[0] for line in lines[3:]] == ["node-1", "node-2"]


def test_explain_pod_says_what_would_help(kcore, tmp_path):
    manifest, path = tmp_path / "big.yaml", tmp_path / "state.json"
    container = '{name: c, image: i, resources: {requests: {cpu: "100"}}}'
    spec = f"{{containers: [{container}]}}"
    manifest.write_text(f"{{apiVersion: v1, kind: Pod, metadata: {{name: big}}, spec: {spec}}}")
    assert kcore("run", manifest, "--nodes", 2, "--save", path).code == 2

    table = kcore("explain-pod", "big", "-s", path).out
    wide = kcore("explain-pod", "big", "-s", path, "-o", "wide").out
    document = json.loads(kcore("explain-pod", "big", "-s", path, "-o", "json").out)

    assert "0/2 nodes are available: 2 Insufficient cpu." in table
    assert "- needs 96 more cpu on node-1" in table
    assert "NodeResourcesFit" in wide
    assert "NodeResourcesFit" not in table
    assert document["feasible"] is False
    assert [node["node"] for node in document["nodes"]] == ["node-1", "node-2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["get", "pods", "nobody"], 'pods "nobody" not found'),
        (["get", "unicorns"], "unicorns"),
        (["describe", "pod", "nobody"], 'pods "nobody" not found'),
        (["explain-pod", "nobody"], 'pods "nobody" not found'),
    ],
)
def test_what_is_not_there_is_1(kcore, state, arguments, message):
    outcome = kcore(*arguments, "-s", state)

    assert outcome.code == 1
    assert message in outcome.err


def test_a_missing_or_damaged_state_is_named(kcore, state, tmp_path):
    missing = kcore("get", "pods", "-s", tmp_path / "none.json")
    assert missing.code == 1
    assert "none.json" in missing.err

    state.write_bytes(state.read_bytes()[:-40])
    damaged = kcore("get", "pods", "-s", state)
    assert damaged.code == 1
    assert "state.json" in damaged.err
