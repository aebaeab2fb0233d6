"""Whatever a user applies, scales and deletes: the end has replicas == ready, nothing orphaned,
no node over-committed, and a second look changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

import kcore
from kcore.api.core_v1.pod_resources import effective_requests
from kcore.machinery.quantity import parse_milli, parse_value
from kcore.testing.builders import deployment

NAMES = st.sampled_from(["web", "api", "jobs"])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("apply"), NAMES, st.integers(0, 4)),
        st.tuples(st.just("image"), NAMES, st.integers(1, 3)),
        st.tuples(st.just("scale"), NAMES, st.integers(0, 5)),
        st.tuples(st.just("delete"), NAMES, st.just(0)),
        st.tuples(st.just("delete-pod"), NAMES, st.integers(0, 3)),
        st.tuples(st.just("run"), st.just(""), st.integers(0, 80)),
    ),
    min_size=1,
    max_size=8,
)


def play(cluster: kcore.Cluster, operations: list[tuple[str, str, int]]) -> dict[str, int]:
    """Play the operations; return the replicas each surviving Deployment should have."""
    wanted: dict[str, int] = {}
    for operation, name, number in operations:
        if operation == "apply":
            cluster.apply(deployment(name, replicas=number))
            wanted[name] = number
        elif operation == "run":
            for _ in range(number):
                cluster.step()
        elif operation == "delete-pod":
            pods = cluster.client.list("pods", "default", label_selector=f"app={name}")
            for pod in pods[:number]:
                cluster.client.delete("pods", pod.metadata.name, "default")
        elif name not in wanted:
            continue
        elif operation == "scale":
            cluster.client.deployments.scale(name, number)
            wanted[name] = number
        elif operation == "image":
            path = ("spec", "template", "spec", "containers", 0, "image")
            current = cluster.client.deployments.get(name)
            cluster.client.update(current.set(path, f"registry.example/{name}:{number}"))
        else:
            cluster.client.deployments.delete(name)
            del wanted[name]
    return wanted


@given(operations=OPERATIONS, seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_every_series_of_operations_settles(
    operations: list[tuple[str, str, int]], seed: int
) -> None:
    cluster = kcore.Cluster(nodes=2, seed=seed)
    wanted = play(cluster, operations)
    result = cluster.settle()
    assert result.settled, result.unmet
    check_replicas(cluster, wanted)
    check_owners(cluster)
    check_capacity(cluster)
    before = cluster.snapshot()
    cluster.settle()
    assert before.diff(cluster.snapshot()) == []


def check_replicas(cluster: kcore.Cluster, wanted: dict[str, int]) -> None:
    found = {obj.metadata.name: obj for obj in cluster.client.list("deployments")}
    assert found.keys() == wanted.keys()
    for name, count in wanted.items():
        assert found[name].at("status", "readyReplicas", default=0) == count
        pods = cluster.client.list("pods", "default", label_selector=f"app={name}")
        assert len(pods) == count


def check_owners(cluster: kcore.Cluster) -> None:
    uids = {obj.metadata.uid for obj in cluster.objects()}
    for obj in cluster.objects():
        for owner in obj.at("metadata", "ownerReferences", default=()):
            assert owner.uid in uids, f"{obj.kind} {obj.metadata.name} is an orphan"


def check_capacity(cluster: kcore.Cluster) -> None:
    for node in cluster.client.list("nodes"):
        used = {"cpu": 0, "memory": 0}
        for pod in cluster.client.list(
            "pods", field_selector=f"spec.nodeName={node.metadata.name}"
        ):
            for name in used:
                used[name] += effective_requests(pod).get(name, 0)
        assert used["cpu"] <= parse_milli(node.status.allocatable["cpu"])
        assert used["memory"] <= parse_value(node.status.allocatable["memory"])
