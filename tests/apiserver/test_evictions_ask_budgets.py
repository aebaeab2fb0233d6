"""/eviction: a deletion that a disruption budget may refuse."""

import pytest

EVICTION = {"apiVersion": "policy/v1", "kind": "Eviction"}


def evict(door, name="p", **fields):
    body = {**EVICTION, "metadata": {"name": name}}
    return door.create("pods", body, name=name, subresource="eviction", **fields)


def running(door, make, name, ready="True"):
    door.create("pods", make.pod(name, "n1", labels={"app": "x"}))
    status = {"phase": "Running", "conditions": [{"type": "Ready", "status": ready}]}
    door.patch("pods", name, {"status": status}, subresource="status")


def budget(door, name="b", status=None, **spec):
    body = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": "x"}}, "minAvailable": 1, **spec},
    }
    door.create("poddisruptionbudgets.policy", body)
    if status is not None:
        patch = {"status": {"observedGeneration": 1, **status}}
        door.patch("poddisruptionbudgets.policy", name, patch, subresource="status")


def is_going(door, name="p"):
    return "deletionTimestamp" in door.get("pods", name)["metadata"]


def test_without_a_budget_it_deletes_and_says_why(door, make):
    running(door, make, "p")

    answer = evict(door)

    assert (answer["status"], answer["code"]) == ("Success", 201)
    pod = door.get("pods", "p")
    assert pod["metadata"]["deletionGracePeriodSeconds"] == 30
    assert pod["status"]["conditions"][-1]["type"] == "DisruptionTarget"


@pytest.mark.parametrize(
    ("status", "why", "retry_s"),
    [
        (None, "The disruption budget b is still being processed by the server.", 10),
        (
            {"disruptionsAllowed": 0, "currentHealthy": 1, "desiredHealthy": 1, "expectedPods": 1},
            "The disruption budget b needs 1 healthy pods and has 1 currently",
            0,
        ),
        (
            {"disruptionsAllowed": 0, "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2},
            "The disruption budget b does not allow evicting pods currently",
            0,
        ),
    ],
)
def test_refusals(door, make, status, why, retry_s):
    running(door, make, "p")
    budget(door, status=status)

    refusal = door.refusal(evict, door)

    assert (refusal.code, refusal.reason) == (429, "TooManyRequests")
    assert refusal.message == "Cannot evict pod as it would violate the pod's disruption budget."
    details = refusal.to_status()["details"]
    assert details["causes"] == [{"reason": "DisruptionBudget", "message": why}]
    assert details.get("retryAfterSeconds", 0) == retry_s
    assert not is_going(door)


def test_an_allowed_eviction_is_charged_once(door, make):
    for name in ("p", "q"):
        running(door, make, name)
    healthy = {"currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}
    budget(door, status={"disruptionsAllowed": 1, **healthy})

    evict(door, "p")

    charged = door.get("poddisruptionbudgets.policy", "b")["status"]
    assert charged["disruptionsAllowed"] == 0
    assert charged["disruptedPods"] == {"p": "2026-01-01T00:00:00Z"}
    assert charged["conditions"][0]["reason"] == "InsufficientPods"
    assert door.refusal(evict, door, "q").code == 429
    assert is_going(door, "p")
    assert not is_going(door, "q")


def test_a_dry_run_charges_nothing(door, make):
    running(door, make, "p")
    budget(door, status={"disruptionsAllowed": 1, "currentHealthy": 2, "desiredHealthy": 1})

    evict(door, dry_run=True)

    assert door.get("poddisruptionbudgets.policy", "b")["status"]["disruptionsAllowed"] == 1
    assert not is_going(door)


def test_two_budgets_are_too_many(door, make):
    running(door, make, "p")
    budget(door, "b")
    budget(door, "c")

    refusal = door.refusal(evict, door)

    assert refusal.code == 500
    assert "more than one PodDisruptionBudget" in refusal.message


def test_pending_pods_are_nobodys_loss(door, make):
    door.create("pods", make.pod("p", "n1", labels={"app": "x"}))
    budget(door)

    evict(door)

    assert is_going(door)


@pytest.mark.parametrize(
    ("policy", "healthy", "allowed"),
    [
        (None, 1, False),
        (None, 2, True),
        ("IfHealthyBudget", 2, True),
        ("AlwaysAllow", 0, True),
    ],
)
def test_unready_pods_follow_the_budgets_policy(door, make, policy, healthy, allowed):
    running(door, make, "p", ready="False")
    spec = {} if policy is None else {"unhealthyPodEvictionPolicy": policy}
    status = {"disruptionsAllowed": 0, "currentHealthy": healthy, "desiredHealthy": 2}
    budget(door, status=status, **spec)

    if allowed:
        evict(door)
    else:
        assert door.refusal(evict, door).code == 429
    assert is_going(door) == allowed
