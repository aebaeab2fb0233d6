"""Whatever is refused, lost or crashed on the way, the world ends as it would have without."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kcore
from kcore.errors import internal_error, too_many_requests
from kcore.testing.builders import deployment, service

ACTORS = ("kube-controller-manager", "kube-scheduler", "kubelet")


def end_state(cluster: kcore.Cluster) -> dict[str, int]:
    pods = cluster.client.list("pods")
    slices = cluster.client.list("endpointslices", "default", label_selector="!endpoints")
    return {
        "pods": len(pods),
        "ready": sum(pod.status.phase == "Running" for pod in pods),
        "replicasets": len(cluster.client.list("replicasets")),
        "endpoints": sum(len(obj.get("endpoints") or ()) for obj in slices),
    }


def run(*faults: kcore.Fault, seed: int = 1) -> kcore.Cluster:
    cluster = kcore.Cluster(nodes=3, seed=seed)
    for fault in faults:
        cluster.faults.inject(fault)
    cluster.apply([deployment("web"), service("web")])
    result = cluster.settle()
    assert result.settled, result.unmet
    return cluster


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, int]:
    return end_state(run())


@pytest.mark.parametrize("call", ["create/pods", "create/replicasets.apps", "update/*", "watch/*"])
@pytest.mark.parametrize("effect", list(kcore.Effect))
def test_one_fault_at_each_kind_of_call(undisturbed, call, effect) -> None:
    error = internal_error("by order") if effect is kcore.Effect.REFUSE else None
    fault = kcore.Fault(f"kube-controller-manager/{call}", effect, first=2, error=error)
    assert end_state(run(fault)) == undisturbed


def test_a_lost_bind_response_binds_once(undisturbed) -> None:
    fault = kcore.Fault("kube-scheduler/create/pods/binding", kcore.Effect.DROP_RESPONSE)
    assert end_state(run(fault)) == undisturbed


def test_a_held_pod_watch_makes_no_extra_pods(undisturbed) -> None:
    cluster = kcore.Cluster(nodes=3, seed=1)
    cluster.faults.hold("kube-controller-manager/watch/pods")
    cluster.apply([deployment("web"), service("web")])
    cluster.run_for("1m")
    assert len(cluster.client.list("pods")) == 3
    cluster.faults.release("kube-controller-manager/watch/pods")
    assert cluster.settle().settled
    assert end_state(cluster) == undisturbed


@given(
    faults=st.lists(
        st.builds(
            lambda actor, verb, effect, first, count: kcore.Fault(
                f"{actor}/{verb}/*",
                effect,
                first,
                count,
                too_many_requests("busy") if effect is kcore.Effect.REFUSE else None,
            ),
            st.sampled_from(ACTORS),
            st.sampled_from(["create", "update", "patch"]),
            st.sampled_from(list(kcore.Effect)),
            st.integers(1, 12),
            st.integers(1, 3),
        ),
        max_size=4,
    ),
    seed=st.integers(0, 100),
)
@settings(max_examples=30)
def test_any_few_faults(undisturbed, faults, seed) -> None:
    assert end_state(run(*faults, seed=seed)) == undisturbed


@pytest.mark.parametrize("seed", [1, 2])
def test_crashes_leave_nobody_unheard(seed) -> None:
    cluster = kcore.Cluster(nodes=3, seed=seed)
    for call in ("kube-controller-manager/create/pods", "kube-scheduler/create/pods/binding"):
        cluster.faults.inject(kcore.Fault(call, kcore.Effect.CRASH, first=2))
    cluster.apply([deployment("web"), service("web")])
    worlds = [cluster, cluster.fork()]
    for _ in range(400):
        for world in worlds:
            world.step()
            world._world.loop.check_invariants()
    assert end_state(worlds[0]) == end_state(worlds[1])
