"""Grace periods: a bound pod is marked and waits for its kubelet, everything else goes at once."""

import pytest


def mark(obj):
    metadata = obj["metadata"]
    return metadata.get("deletionGracePeriodSeconds"), metadata.get("deletionTimestamp")


def test_a_bound_pod_waits_for_its_grace_period(door, make):
    door.create("pods", make.pod("p", "n1"))

    answered = door.delete("pods", "p")

    assert mark(answered) == (30, "2026-01-01T00:00:30Z")
    assert door.get("pods", "p") == answered


def test_grace_can_only_be_shortened(door, make):
    door.create("pods", make.pod("p", "n1"))
    first = door.delete("pods", "p")

    assert door.delete("pods", "p") == first
    assert mark(door.delete("pods", "p", grace_period_s=10)) == (10, "2026-01-01T00:00:10Z")
    assert mark(door.delete("pods", "p", grace_period_s=20)) == (10, "2026-01-01T00:00:10Z")


def test_grace_zero_marks_and_removes(door, make):
    created = door.create("pods", make.pod("p", "n1"))
    stream = door.watch("pods", resource_version=created["metadata"]["resourceVersion"])

    answered = door.delete("pods", "p", grace_period_s=0)

    assert mark(answered) == (0, "2026-01-01T00:00:00Z")
    assert [kind for kind, _, _ in make.events_of(stream)] == ["MODIFIED", "DELETED"]
    assert door.refusal(door.get, "pods", "p").code == 404


@pytest.mark.parametrize("grace_period_s", [None, 60])
def test_an_unbound_pod_goes_at_once(door, make, grace_period_s):
    door.create("pods", make.pod("p"))

    assert mark(door.delete("pods", "p", grace_period_s=grace_period_s))[0] == 0
    assert door.names("pods") == []


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_finished_pod_goes_at_once(door, make, phase):
    door.create("pods", make.pod("p", "n1"))
    door.patch("pods", "p", {"status": {"phase": phase}}, subresource="status")

    door.delete("pods", "p", grace_period_s=60)

    assert door.names("pods") == []


@pytest.mark.parametrize(("own", "asked", "grace"), [(7, None, 7), (-1, None, 1), (45, -1, 1)])
def test_the_pods_own_period_and_negative_ones(door, make, own, asked, grace):
    body = make.pod("p", "n1")
    body["spec"]["terminationGracePeriodSeconds"] = own
    door.create("pods", body)

    assert mark(door.delete("pods", "p", grace_period_s=asked))[0] == grace


def test_a_pod_with_a_finalizer_stays_after_grace_zero(door, make):
    door.create("pods", make.pod("p", "n1", finalizers=["e.io/f"]))

    door.delete("pods", "p", grace_period_s=0)

    assert mark(door.get("pods", "p"))[0] == 0
    door.patch("pods", "p", {"metadata": {"finalizers": None}})
    assert door.names("pods") == []


def test_a_pod_still_in_its_grace_period_survives_its_last_finalizer(door, make):
    door.create("pods", make.pod("p", "n1", finalizers=["e.io/f"]))
    door.delete("pods", "p")

    door.patch("pods", "p", {"metadata": {"finalizers": None}})

    assert door.names("pods") == ["p"]
