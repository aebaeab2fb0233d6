"""Pods come and go in any order: the node's sums are those of the pods that are there."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

AMOUNTS = st.dictionaries(
    st.sampled_from(["cpu", "memory", "ephemeral-storage", "example.com/gpu"]),
    st.sampled_from(["0", "1", "2", "3500m", "0.5m"]),
)


def pod(number, amounts):
    return PodInfo(
        freeze(
            {
                "metadata": {"name": f"p{number}", "namespace": "ns", "uid": f"u{number}"},
                "spec": {"containers": [{"name": "c", "resources": {"requests": amounts}}]},
            }
        )
    )


@settings(max_examples=100)
@given(st.lists(AMOUNTS, max_size=8), st.lists(st.integers(0, 7), max_size=8))
def test_sums_follow(amounts, removals):
    info = NodeInfo(freeze({"metadata": {"name": "n"}}))
    pods = [pod(number, one) for number, one in enumerate(amounts)]
    for one in pods:
        info = info.with_pod(one)
        info.check_invariants()
    for index in removals:
        known = info.find(f"u{index}")
        if known is not None:
            before = info
            info = info.without_pod(known)
            before.check_invariants()
            info.check_invariants()


def test_the_last_pod_moves_into_the_gap():
    info = NodeInfo()
    pods = [pod(number, {}) for number in range(4)]
    for one in pods:
        info = info.with_pod(one)

    assert [one.name for one in info.without_pod(pods[1]).pods] == ["p0", "p3", "p2"]


def test_rounding_happens_once():
    two = PodInfo(
        freeze(
            {
                "metadata": {"name": "p"},
                "spec": {
                    "containers": [
                        {"name": name, "resources": {"requests": {"cpu": "0.5m"}}}
                        for name in ("a", "b")
                    ]
                },
            }
        )
    )
    assert two.requests.wanted.milli_cpu == 1
