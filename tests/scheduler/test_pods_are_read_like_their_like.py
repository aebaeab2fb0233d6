"""What `PodInfos` takes over from pods that are alike is what reading the pod anew would say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.pod_info import PodInfo, PodInfos

PRIORITIES = st.sampled_from([None, 0, 5])
CLAIMS = st.sampled_from([None, "a", "b"])
REQUESTS = st.sampled_from(["100m", "200m", "1"])
LABELS = st.sampled_from([None, {}, {"app": "web"}, {"app": "db"}])
CONDITIONS = [{"type": "PodScheduled", "status": "True"}]
INFEASIBLE = [{"type": "PodResizePending", "status": "True", "reason": "Infeasible"}]
RESIZED = [{"name": "c", "resources": {"requests": {"cpu": "3"}}}]
RUNNING = [{"name": "c", "ready": True}]
FIELDS = {
    "phase": st.sampled_from(["Pending", "Running", "Failed"]),
    "nominatedNodeName": st.sampled_from(["", "n1", "n2"]),
}
STATUSES = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            **FIELDS,
            "conditions": st.sampled_from([CONDITIONS, []]),
            "containerStatuses": st.just(RUNNING),
        },
    ),
    st.fixed_dictionaries(
        {"containerStatuses": st.just(RESIZED)},
        optional={**FIELDS, "conditions": st.sampled_from([CONDITIONS, INFEASIBLE, []])},
    ),
)
KINDS = st.tuples(PRIORITIES, REQUESTS, CLAIMS, LABELS, st.sampled_from(["", "a", "b"]))
SEEN = ("name", "namespace", "key", "uid", "labels", "priority", "node_name", "spec", "pod")
FOLLOWS = ("form", "requests", "nominated_node_name", "is_terminating", "is_finished")
FACTS = ("scheduler_name", "claims_count", "has_affinity", "host_ports", "image_names")


def pod(number, kind, status=None, node_name=None, changes=()):
    priority, cpu, claim, labels, namespace = kind
    container = {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}}
    spec = {"containers": [container]}
    if priority is not None:
        spec["priority"] = priority
    if claim is not None:
        spec["volumes"] = [{"name": "v", "persistentVolumeClaim": {"claimName": claim}}]
    if node_name is not None:
        spec["nodeName"] = node_name
    metadata = {
        "name": f"p{number}",
        "namespace": namespace,
        "uid": f"u{number}",
        "resourceVersion": f"{number}",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        **dict(changes),
    }
    if labels is not None:
        metadata["labels"] = labels
    made = {"metadata": metadata, "spec": spec}
    return freeze(made if status is None else {**made, "status": status})


def same(info, obj):
    expected = PodInfo(obj)
    for name in (*SEEN, *FOLLOWS, *FACTS):
        assert getattr(info, name) == getattr(expected, name), name
    assert info.pod == obj


@settings(max_examples=60)
@given(st.lists(st.tuples(KINDS, st.none() | STATUSES), min_size=1, max_size=3), st.data())
def test_any_mixture_of_crowds(crowds, data):
    infos = PodInfos()
    picks = data.draw(st.lists(st.integers(0, len(crowds) - 1), min_size=30, max_size=60))
    for number, pick in enumerate(picks):
        kind, status = crowds[pick]
        obj = pod(number, kind, status, node_name=data.draw(st.sampled_from([None, None, "n1"])))
        same(infos.of(obj), obj)


@given(KINDS, st.none() | STATUSES, st.none() | STATUSES, LABELS, st.booleans(), st.booleans())
def test_later_versions(kind, before, after, labels, is_leaving, has_node):
    infos = PodInfos()
    old = pod(1, kind, before, "n1" if has_node else None)
    info = infos.of(old)
    changes = {"resourceVersion": "9"}
    if is_leaving:
        changes["deletionTimestamp"] = "2026-01-01T00:00:01Z"
    new = pod(1, (*kind[:3], labels, kind[4]), after, "n1" if has_node else None, changes)
    later = infos.later(info, new)
    same(later, new)
    same(infos.later(later, old), old)
    same(info, old)


@given(KINDS, st.none() | STATUSES, st.sampled_from(["n1", ""]))
def test_a_placed_twin_and_its_confirmation(kind, status, node_name):
    infos = PodInfos()
    waiting = infos.of(pod(1, kind, status))
    placed = waiting.on_node(node_name)
    same(placed, pod(1, kind, status, node_name))
    assert (placed.requests, placed.facts) == (waiting.requests, waiting.facts)
    told = {**(status or {}), "conditions": CONDITIONS}
    confirmed = pod(1, kind, told, node_name, {"resourceVersion": "2"})
    later = infos.later(placed, confirmed)
    same(later, confirmed)
    assert later.facts is placed.facts


def test_one_of_a_crowd_is_taken_for_all():
    infos = PodInfos()
    seen = [infos.of(pod(number, (None, "1", None, None, "a"))) for number in range(40)]
    assert len({id(info.facts) for info in seen}) == 1
    assert len({id(info.requests) for info in seen}) == 1
    assert all(info.spec is info.pod["spec"] for info in seen)


def test_a_pod_without_a_uid_goes_by_its_key():
    infos = PodInfos()
    for number in range(40):
        obj = pod(number, (None, "1", None, None, "a"), changes={"uid": ""})
        assert infos.of(obj).uid == f"a/p{number}"
