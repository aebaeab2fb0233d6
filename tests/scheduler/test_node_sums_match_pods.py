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


SPECS = st.fixed_dictionaries(
    {
        "gpu": st.sampled_from([None, "1"]),
        "port": st.sampled_from([None, 80]),
        "claim": st.booleans(),
        "affinity": st.sampled_from([None, "podAffinity", "podAntiAffinity"]),
    }
)


def pod_of(number, fields):
    container = {"name": "c", "resources": {"requests": {"cpu": "1"}}}
    if fields["gpu"] is not None:
        container["resources"]["requests"]["example.com/gpu"] = fields["gpu"]
    if fields["port"] is not None:
        container["ports"] = [{"hostPort": fields["port"]}]
    spec = {"containers": [container], "priority": number}
    if fields["claim"]:
        spec["volumes"] = [{"persistentVolumeClaim": {"claimName": "c"}}]
    if fields["affinity"] is not None:
        term = {"topologyKey": "zone", "labelSelector": {}}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        spec["affinity"] = {fields["affinity"]: required}
    metadata = {"name": f"p{number}", "namespace": "ns", "uid": f"u{number}"}
    return PodInfo(freeze({"metadata": metadata, "spec": spec}))


def frame_of(info):
    """All that a version is but its crowd and what follows from that."""
    return (
        id(info.facts),
        id(info.images),
        dict(info.scalars),
        info.used_ports,
        info.pods_with_affinity,
        info.pods_with_required_anti_affinity,
        info.claims_count,
    )


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from(["plus", "minus", "newer", "node", "images"]), SPECS),
        max_size=12,
    )
)
def test_versions_of_one_frame_differ_in_their_crowds_alone(steps):
    node = freeze({"metadata": {"name": "n"}})
    info = NodeInfo(node)
    frames = [(info.frame, frame_of(info))]
    for number, (step, fields) in enumerate(steps):
        last = info.pods[-1] if info.pods else None
        if step == "plus" or (last is None and step in ("minus", "newer")):
            info = info.with_pod(pod_of(number, fields))
        elif step == "minus":
            info = info.without_pod(last)
        elif step == "newer":
            info = info.with_newer(last, last.later(last.pod))
        elif step == "node":
            info = info.with_node(node)
        else:
            info = info.with_images({})
        info.check_invariants()
        frames.append((info.frame, frame_of(info)))
    for frame, content in frames:
        assert all(other == content for known, other in frames if known is frame)
    plain = info.with_pod(pod(99, {"cpu": "1"}))
    assert plain.frame is info.frame
    assert plain.without_pod(plain.pods[-1]).frame is info.frame
    assert plain.with_newer(plain.pods[-1], plain.pods[-1]).frame is info.frame


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
