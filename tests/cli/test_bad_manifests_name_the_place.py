"""A bad manifest ends in a message with file, line, object and field, and with exit code 1."""

import pytest

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web
"""


def written(tmp_path, text):
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    return path


CASES = {
    "tab": ("a:\n\tb: 1\n", ["bad.yaml:2", "tab"]),
    "duplicate key": (
        DEPLOYMENT.replace("  replicas: 2\n", "  replicas: 2\n  replicas: 3\n"),
        ["bad.yaml:7", "replicas"],
    ),
    "unknown kind": (
        DEPLOYMENT.replace("kind: Deployment", "kind: Deploymint"),
        ["bad.yaml:", "Deploymint"],
    ),
    "unknown field": (
        DEPLOYMENT.replace("replicas: 2", "replicsa: 2"),
        ["bad.yaml:6", "Deployment 'web'", "spec.replicsa", "unknown field"],
    ),
    "wrong type": (
        DEPLOYMENT.replace("replicas: 2", "replicas: two"),
        ["bad.yaml:6", "Deployment 'web'", "spec.replicas", "cannot unmarshal string"],
    ),
    "invalid name": (
        DEPLOYMENT.replace("  name: web\nspec", "  name: Web_1\nspec"),
        ["bad.yaml:4", "Deployment 'Web_1'", "metadata.name", "RFC 1123"],
    ),
    "selector does not match": (
        DEPLOYMENT.replace("labels: {app: web}", "labels: {app: shop}"),
        ["bad.yaml:", "Deployment 'web'", "spec.template.metadata.labels"],
    ),
    "no kind": ("apiVersion: v1\nmetadata: {name: a}\n", ["bad.yaml:", "kind"]),
    "empty file": ("", ["bad.yaml"]),
    "only a comment": ("# nothing here\n", ["bad.yaml"]),
    "not a map": ("- 1\n- 2\n", ["bad.yaml:1"]),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("options", [(), ("--atomic",)], ids=["plain", "atomic"])
def test_the_message_names_the_place(kcore, tmp_path, case, options):
    text, words = CASES[case]

    outcome = kcore("run", written(tmp_path, text), *options)

    assert outcome.code == 1
    assert outcome.out == ""
    assert [word for word in words if word not in outcome.err] == []
    assert "Traceback" not in outcome.err


def test_a_missing_file_is_named(kcore, tmp_path):
    outcome = kcore("run", tmp_path / "missing.yaml")

    assert outcome.code == 1
    assert f"{tmp_path / 'missing.yaml'}: no such file" in outcome.err


def test_a_folder_without_manifests_is_named(kcore, tmp_path):
    outcome = kcore("run", tmp_path)

    assert outcome.code == 1
    assert str(tmp_path) in outcome.err


def two_objects(tmp_path):
    good = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: good}\n"
    return written(tmp_path, good + "---\n" + DEPLOYMENT.replace("replicas: 2", "replicas: -1"))


def test_without_atomic_the_message_says_what_was_applied(kcore, tmp_path):
    outcome = kcore("run", two_objects(tmp_path))

    assert outcome.code == 1
    assert "bad.yaml:10: Deployment 'web': spec.replicas" in outcome.err
    assert "configmap/good created" in outcome.err
    assert "1 objects applied" in outcome.err


def test_with_atomic_nothing_is_applied(kcore, tmp_path):
    outcome = kcore("run", two_objects(tmp_path), "--atomic")

    assert outcome.code == 1
    assert "bad.yaml:10: Deployment 'web': spec.replicas" in outcome.err
    assert "0 objects applied" in outcome.err
    assert "created" not in outcome.err


def test_an_unreadable_second_file_stops_everything_before_it_starts(kcore, tmp_path, web):
    outcome = kcore("run", web, written(tmp_path, "a:\n\tb: 1\n"))

    assert outcome.code == 1
    assert "bad.yaml:2" in outcome.err
    assert "created" not in outcome.err
