"""Heartbeats, conditions and zones, as tables."""

import pytest

from kcore.controllers.node_lifecycle.plan import (
    NodeLifecycleOptions,
    eviction_key,
    eviction_period_ns,
    observe,
    silenced,
    unready_pod,
    with_condition_taints,
    with_eviction_taint,
    with_legacy_labels,
    zone_state,
)
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import EPOCH_NS, SECOND_NS

OPTIONS = NodeLifecycleOptions()
CREATED = "2026-01-01T00:00:00Z"


def node(conditions=None, taints=(), labels=None, **spec):
    rows = {"Ready": "True"} if conditions is None else conditions
    status = [
        {"type": kind, "status": value, "lastHeartbeatTime": CREATED}
        for kind, value in rows.items()
    ]
    return freeze(
        {
            "metadata": {"name": "a", "creationTimestamp": CREATED, "labels": labels or {}},
            "spec": {**({"taints": list(taints)} if taints else {}), **spec},
            "status": {"conditions": status},
        }
    )


def lease(second):
    return freeze({"spec": {"renewTime": f"2026-01-01T00:00:{second:02d}.000000Z"}})


def at(seconds):
    return EPOCH_NS + seconds * SECOND_NS


def taint(key, effect):
    return {"key": f"node.kubernetes.io/{key}", "effect": effect, "timeAdded": CREATED}


def test_only_news_is_a_sign_of_life():
    health = observe(node(), lease(0), None, at(0))
    same = observe(node(), lease(0), health, at(30))
    renewed = observe(node(), lease(40), same, at(40))
    older = observe(node(), lease(20), renewed, at(45))
    status = node().set(("status", "conditions", 0, "lastHeartbeatTime"), "2026-01-01T00:05:00Z")

    assert (health.probe_ns, same.probe_ns, renewed.probe_ns) == (at(0), at(0), at(40))
    assert older.probe_ns == at(40)
    assert older.renewed == renewed.renewed
    assert observe(node(), None, renewed, at(50)).probe_ns == at(40)
    assert observe(status, lease(40), renewed, at(50)).probe_ns == at(50)


@pytest.mark.parametrize(
    ("conditions", "seconds", "silent"),
    [
        ({"Ready": "True"}, 50, False),
        ({"Ready": "True"}, 51, True),
        ({}, 60, False),
        ({}, 61, True),
    ],
)
def test_how_long_silence_is_borne(conditions, seconds, silent):
    health = observe(node(conditions), None, None, at(0))

    assert (silenced(node(conditions), health, OPTIONS, at(seconds)) is not None) is silent


def test_what_a_silent_node_is_said_to_be():
    known = node({"Ready": "True", "MemoryPressure": "False"})
    health = observe(known, None, None, at(0))

    rows = silenced(known, health, OPTIONS, at(60)).status.conditions

    assert [(row.type, row.status, row.reason, row.message) for row in rows] == [
        ("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
        ("MemoryPressure", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."),
        ("DiskPressure", "Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status."),
        ("PIDPressure", "Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status."),
    ]
    assert {row.lastTransitionTime for row in rows} == {"2026-01-01T00:01:00Z"}
    assert rows[2].lastHeartbeatTime == CREATED
    again = known.set(("status", "conditions"), rows)
    assert silenced(again, health, OPTIONS, at(70)) is None


@pytest.mark.parametrize(
    ("conditions", "spec", "keys"),
    [
        ({"Ready": "True"}, {}, []),
        ({"Ready": "False"}, {}, ["not-ready"]),
        ({"Ready": "Unknown"}, {}, ["unreachable"]),
        ({"Ready": "True", "MemoryPressure": "True"}, {}, ["memory-pressure"]),
        ({"Ready": "True", "MemoryPressure": "Unknown"}, {}, []),
        (
            {"Ready": "False", "DiskPressure": "True", "PIDPressure": "True"},
            {},
            ["not-ready", "disk-pressure", "pid-pressure"],
        ),
        ({"Ready": "True", "NetworkUnavailable": "True"}, {}, ["network-unavailable"]),
        ({"Ready": "True"}, {"unschedulable": True}, ["unschedulable"]),
    ],
)
def test_conditions_mean_taints(conditions, spec, keys):
    stale = taint("not-ready", "NoSchedule")
    foreign = [{"key": "team", "effect": "NoSchedule"}, taint("unreachable", "NoExecute")]

    changed = with_condition_taints(node(conditions, [*foreign, stale], **spec), at(0))

    wanted = [f"node.kubernetes.io/{key}" for key in keys]
    held = node(conditions, [*foreign, stale], **spec) if changed is None else changed
    assert list(held.spec.taints[:2]) == foreign
    assert sorted(row.key for row in held.spec.taints[2:]) == sorted(wanted)
    assert with_condition_taints(held, at(9)) is None


def test_without_any_taint_the_field_goes():
    changed = with_condition_taints(node(taints=[taint("not-ready", "NoSchedule")]), at(0))

    assert "taints" not in changed.spec


@pytest.mark.parametrize(
    ("status", "key"), [("True", None), ("False", "not-ready"), ("Unknown", "unreachable")]
)
def test_readiness_means_an_eviction_taint(status, key):
    held = node({"Ready": status})
    wanted = eviction_key(held)

    changed = with_eviction_taint(held, wanted, at(0))

    assert wanted == (key and f"node.kubernetes.io/{key}")
    assert changed == (key and held.set(("spec", "taints"), [taint(key, "NoExecute")]))


def test_one_eviction_taint_replaces_the_other():
    held = node({"Ready": "False"}, [taint("unreachable", "NoExecute")])

    changed = with_eviction_taint(held, eviction_key(held), at(0))

    assert [row.key for row in changed.spec.taints] == ["node.kubernetes.io/not-ready"]


def test_old_label_names_follow_the_new_ones():
    labels = {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"}
    changed = with_legacy_labels(node(labels=labels))

    assert changed.metadata.labels == {
        **labels,
        "beta.kubernetes.io/os": "linux",
        "beta.kubernetes.io/arch": "arm64",
    }
    assert with_legacy_labels(changed) is None
    assert with_legacy_labels(node()) is None


def test_only_a_ready_pod_is_made_unready():
    ready = freeze({"status": {"conditions": [{"type": "Ready", "status": "True"}]}})

    told = unready_pod(ready, at(60))

    assert told.status.conditions[0] == {
        "type": "Ready",
        "status": "False",
        "lastTransitionTime": "2026-01-01T00:01:00Z",
    }
    assert unready_pod(told, at(70)) is None
    assert unready_pod(freeze({"status": {}}), at(0)) is None


@pytest.mark.parametrize(
    ("good", "bad", "state"),
    [
        (0, 0, "Normal"),
        (5, 0, "Normal"),
        (0, 1, "FullDisruption"),
        (1, 2, "Normal"),
        (1, 3, "PartialDisruption"),
        (5, 6, "Normal"),
        (9, 11, "PartialDisruption"),
    ],
)
def test_zone_states(good, bad, state):
    assert zone_state([True] * good + [False] * bad, OPTIONS) == state


@pytest.mark.parametrize(
    ("state", "count", "seconds"),
    [
        ("Normal", 10, 10),
        ("FullDisruption", 10, 10),
        ("PartialDisruption", 50, None),
        ("PartialDisruption", 51, 100),
    ],
)
def test_how_fast_a_zone_is_emptied(state, count, seconds):
    assert eviction_period_ns(state, count, OPTIONS) == (seconds and seconds * SECOND_NS)
