"""Timelines: every pod's life, without gaps, drawn into a page or a picture."""

from itertools import pairwise

import pytest

import kcore as library
from kcore.cli.timeline import PodLives
from tests.cli.conftest import WEB


@pytest.fixture
def lives():
    cluster = library.Cluster(nodes=2, seed=1)
    cluster.settle()
    recorded = PodLives(cluster)
    cluster.apply(WEB)
    cluster.settle()
    victim = cluster.client.list("pods", "default")[0].metadata.name
    cluster.client.delete("pods", victim, "default")
    cluster.settle()
    return cluster, recorded


def test_a_life_has_no_gaps_and_ends_running(lives):
    _, recorded = lives
    by_pod = {}
    for segment in recorded.segments():
        by_pod.setdefault(segment.pod, []).append(segment)

    assert len(by_pod) == 3  # two, and the one that replaced the deleted one
    for segments in by_pod.values():
        for earlier, later in pairwise(segments):
            assert earlier.end_ns == later.start_ns


def test_a_deleted_pod_ends_and_the_others_go_on(lives):
    cluster, recorded = lives
    ends = {}
    for segment in recorded.segments():
        ends[segment.pod] = (segment.end_ns, segment.state)
    alive = {f"default/{pod.metadata.name}" for pod in cluster.client.list("pods", "default")}

    for pod, (end_ns, state) in ends.items():
        if pod in alive:
            assert (end_ns, state) == (cluster.now_ns, "Running")
        else:
            assert end_ns <= cluster.now_ns
            assert state != "Running"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "start"), [("lives.html", b"<!doctype html>"), ("lives.png", b"\x89PNG")]
)
def test_run_draws_a_file(kcore, web, tmp_path, name, start):
    path = tmp_path / name

    outcome = kcore("run", web, "--timeline", path)

    assert outcome.code == 0
    content = path.read_bytes()
    assert content.startswith(start)
    assert len(content) > 5_000


@pytest.mark.slow
def test_a_page_names_every_pod_and_node(kcore, web, tmp_path):
    path = tmp_path / "lives.html"
    kcore("run", web, "--timeline", path, "--nodes", 1)

    text = path.read_text(encoding="utf-8")
    assert text.count(r"default\u002fweb-") >= 2
    assert "node-1" in text
