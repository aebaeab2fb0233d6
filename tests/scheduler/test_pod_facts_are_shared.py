"""What pods of one template share says of each of them what its own object says."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.pod_info import PodInfo, PodInfos

ATTRIBUTES = (
    "claims_count",
    "demands_nodes",
    "form",
    "has_affinity",
    "host_ports",
    "image_names",
    "is_finished",
    "is_terminating",
    "key",
    "labels",
    "name",
    "names_nodes",
    "namespace",
    "node_name",
    "nominated_node_name",
    "preferred_affinity",
    "preferred_anti_affinity",
    "priority",
    "requests",
    "required_affinity",
    "required_anti_affinity",
    "required_nodes",
    "scheduler_name",
    "uid",
)
TERM = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "web"}}}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
RESOURCES = {"requests": {"cpu": "2"}}

CONTAINERS = st.sampled_from(
    (
        {"name": "c", "image": "web"},
        {"name": "c", "image": "web:1", "resources": {"requests": {"cpu": "1"}}},
        {"name": "c", "ports": [{"containerPort": 80, "hostPort": 80}]},
    )
)
SPECS = st.fixed_dictionaries(
    {"containers": st.lists(CONTAINERS, min_size=1, max_size=2)},
    optional={
        "priority": st.integers(0, 1),
        "schedulerName": st.just("other"),
        "nodeSelector": st.just({"disk": "ssd"}),
        "affinity": st.sampled_from(
            ({"podAntiAffinity": {REQUIRED: [TERM]}}, {"podAffinity": {REQUIRED: [TERM]}})
        ),
        "volumes": st.integers(0, 1).map(
            lambda n: [{"name": "v", "persistentVolumeClaim": {"claimName": f"claim-{n}"}}]
        ),
    },
)
STATUSES = st.sampled_from(
    (
        None,
        {"phase": "Pending"},
        {"phase": "Succeeded"},
        {"nominatedNodeName": "n"},
        {"containerStatuses": [{"name": "c", "resources": RESOURCES}]},
        {"containerStatuses": [{"name": "c", "allocatedResources": {"cpu": "3"}}]},
        {"resources": RESOURCES},
    )
)


def built(number, namespace, spec, status, labels=None, is_terminating=False):
    metadata = {"name": f"p{number}", "namespace": namespace, "uid": f"u{number}"}
    if labels is not None:
        metadata["labels"] = labels
    if is_terminating:
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    pod = {"metadata": metadata, "spec": spec}
    return freeze(pod if status is None else {**pod, "status": status})


def seen(info):
    return {name: getattr(info, name) for name in ATTRIBUTES}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(("a", "b")), SPECS, STATUSES, STATUSES, st.booleans(), st.booleans()
        ),
        max_size=8,
    )
)
def test_views_say_what_a_fresh_one_says(pods):
    infos = PodInfos()
    for number, (namespace, spec, status, later_status, is_placed, is_read) in enumerate(pods):
        pod = built(number, namespace, spec, status)
        info = infos.of(pod)
        if is_read:
            assert seen(info) == seen(PodInfo(pod))
        if is_placed:
            info = info.on_node("node")
            assert info.pod == built(number, namespace, {**spec, "nodeName": "node"}, status)
            assert seen(info) == seen(PodInfo(info.pod))
        newer = built(number, namespace, info.spec, later_status, {"v": "2"}, is_terminating=True)
        later = infos.later(info, newer)
        assert later.pod is newer
        assert seen(later) == seen(PodInfo(newer))
