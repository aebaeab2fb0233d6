"""Applying says what became of each object, and of each refusal where and why."""

import pytest

import kcore
from kcore.testing.builders import deployment, pod, service

MIXED = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: fine
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: Not_Fine
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: typo
spec:
  replicsa: 3
  selector: {matchLabels: {app: x}}
  template:
    metadata: {labels: {app: x}}
    spec:
      containers:
      - name: x
        image: x
        prots: []
"""


@pytest.fixture
def cluster() -> kcore.Cluster:
    return kcore.Cluster(nodes=1)


def test_kubectls_three_words(cluster) -> None:
    words = []
    for replicas in (1, 1, 2):
        (applied,) = cluster.apply(deployment("web", replicas=replicas)).applied
        words.append(str(applied))
    assert words == [
        "deployment.apps/web created",
        "deployment.apps/web unchanged",
        "deployment.apps/web configured",
    ]


def test_fields_of_others_survive_and_removed_fields_go(cluster) -> None:
    first = deployment("web").set(("metadata", "labels", "mine"), "1")
    cluster.apply(first)
    patch = {"metadata": {"labels": {"theirs": "2"}}}
    cluster.client.patch("deployments", "web", patch, "default")
    cluster.apply(first.remove(("metadata", "labels", "mine")))
    labels = cluster.client.deployments.get("web").metadata.labels
    assert labels == {"app": "web", "theirs": "2"}


def test_every_refusal_has_file_line_object_and_field(cluster, tmp_path) -> None:
    path = tmp_path / "mixed.yaml"
    path.write_text(MIXED)
    with pytest.raises(kcore.ApplyError) as caught:
        cluster.apply(path)
    report = caught.value.report
    assert [str(applied) for applied in report.applied] == ["configmap/fine created"]
    where = [(error.line, error.field) for error in report.errors]
    assert where == [
        (9, "metadata.name"),
        (16, "spec.replicsa"),
        (24, "spec.template.spec.containers[0].prots"),
    ]
    assert str(report.errors[1]).startswith(f"{path}:16: Deployment 'typo': spec.replicsa: ")


def test_atomic_applies_all_or_nothing(cluster) -> None:
    before = cluster.snapshot()
    with pytest.raises(kcore.ApplyError) as caught:
        cluster.apply(MIXED, atomic=True)
    assert caught.value.report.applied == ()
    assert len(caught.value.report.errors) == 3
    assert before.diff(cluster.snapshot()) == []


def test_everything_that_can_be_applied(cluster, tmp_path) -> None:
    (tmp_path / "a.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}")
    (tmp_path / "b.json").write_text('{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b"}}')
    assert len(cluster.apply(tmp_path).applied) == 2
    assert len(cluster.apply(str(tmp_path / "a.yaml")).applied) == 1
    assert len(cluster.apply([pod("one"), service("two")]).applied) == 2
    assert len(cluster.apply(kcore.thaw(pod("three"))).applied) == 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("missing.yaml", "no such file"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x", "<text>:4: .*tab"),
        ("kind: Pod\nmetadata: {name: x}\n", "apiVersion: required"),
        ("a: 1\na: 2\n", '<text>:2: key "a" already set'),
        ([3], "<object 1>: an API object must be a mapping"),
        ("# nothing\n", "no object"),
    ],
)
def test_what_cannot_be_read_applies_nothing(cluster, source, words) -> None:
    with pytest.raises(kcore.ManifestError, match=words):
        cluster.apply(source)


def test_an_unknown_namespace_is_named(cluster) -> None:
    with pytest.raises(kcore.ApplyError, match='namespaces "nowhere" not found'):
        cluster.apply(pod("web", namespace="nowhere"))
