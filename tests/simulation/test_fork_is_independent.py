"""A fork shares the past; whatever happens to it, its parent stays bit-identical."""

import kcore
from kcore.machinery.frozen import dumps
from kcore.testing.builders import deployment


def picture(cluster: kcore.Cluster) -> list[bytes]:
    return [dumps(obj) for obj in cluster.objects()]


def test_the_parent_does_not_notice_its_fork() -> None:
    parent = kcore.Cluster(nodes=3, seed=1)
    parent.apply(deployment("web"))
    parent.settle()
    before = (parent.trace.digest, parent.now_ns, picture(parent))

    fork = parent.fork()
    fork.apply(deployment("web", replicas=7))
    fork.client.delete("nodes", "node-1")
    fork.fail_node("node-2")
    fork.run_for("10m")

    assert (parent.trace.digest, parent.now_ns, picture(parent)) == before
    assert picture(fork) != before[2]


def test_the_fork_does_not_notice_its_parent() -> None:
    parent = kcore.Cluster(nodes=3, seed=1)
    parent.apply(deployment("web"))
    parent.settle()
    fork = parent.fork()
    before = (fork.trace.digest, fork.now_ns, picture(fork))
    parent.client.delete("deployments", "web", "default")
    parent.settle()
    assert (fork.trace.digest, fork.now_ns, picture(fork)) == before


def test_a_fork_left_alone_does_what_the_parent_would_have_done() -> None:
    parent = kcore.Cluster(nodes=3, seed=5)
    parent.apply([deployment("web"), deployment("api", replicas=2)])
    for _ in range(150):
        parent.step()
    fork = parent.fork()
    fork.settle()
    parent.settle()
    assert fork.trace.digest == parent.trace.digest
    assert picture(fork) == picture(parent)


def test_forking_in_the_middle_of_a_rollout_at_every_tenth_step() -> None:
    parent = kcore.Cluster(nodes=3, seed=2)
    parent.apply(deployment("web"))
    parent.settle()
    parent.apply(deployment("web", image="registry.example/web:2"))
    ends = set()
    for _ in range(8):
        fork = parent.fork()
        assert fork.settle().settled
        ends.add(fork.trace.digest)
        for _ in range(10):
            parent.step()
    assert parent.settle().settled
    ends.add(parent.trace.digest)
    assert len(ends) == 1
