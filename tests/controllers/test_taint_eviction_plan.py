"""How long a pod may stay, as a table."""

import pytest

from kcore.controllers.taint_eviction.plan import (
    Eviction,
    eviction_taints,
    plan_eviction,
    with_disruption,
)
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import EPOCH_NS, SECOND_NS

BAD = {"key": "bad", "effect": "NoExecute"}
WORSE = {"key": "worse", "effect": "NoExecute"}


def pod(*tolerations):
    return freeze({"metadata": {"generation": 1}, "spec": {"tolerations": list(tolerations)}})


def tolerating(key, seconds=None):
    limit = {} if seconds is None else {"tolerationSeconds": seconds}
    return {"key": key, "operator": "Exists", "effect": "NoExecute", **limit}


def at(seconds):
    return EPOCH_NS + seconds * SECOND_NS


@pytest.mark.parametrize(
    ("tolerations", "taints", "stay"),
    [
        ([], [], None),
        ([], [BAD], 0),
        ([tolerating("bad")], [BAD], None),
        ([tolerating("bad", 20)], [BAD], 20),
        ([tolerating("bad", 0)], [BAD], 0),
        ([tolerating("bad", -5)], [BAD], 0),
        ([tolerating("bad", 20)], [BAD, WORSE], 0),
        ([tolerating("bad", 20), tolerating("worse", 5)], [BAD, WORSE], 5),
        ([tolerating("bad", 20), tolerating("worse")], [BAD, WORSE], 20),
        ([tolerating("bad"), tolerating("worse")], [BAD, WORSE], None),
    ],
)
def test_stays(tolerations, taints, stay):
    planned = plan_eviction(pod(*tolerations), [freeze(row) for row in taints], None, at(0))

    assert planned == (None if stay is None else Eviction(at(0), at(stay)))


def test_a_planned_eviction_is_not_put_off():
    planned = Eviction(at(0), at(20))

    assert plan_eviction(pod(tolerating("bad", 20)), [freeze(BAD)], planned, at(15)) == planned


def test_but_it_may_become_immediate_or_void():
    planned, taints = Eviction(at(0), at(20)), [freeze(BAD), freeze(WORSE)]

    assert plan_eviction(pod(tolerating("bad", 20)), taints, planned, at(15)).due_ns == at(15)
    assert plan_eviction(pod(tolerating("bad")), taints[:1], planned, at(15)) is None
    assert plan_eviction(pod(tolerating("bad", 20)), [], planned, at(15)) is None


def test_other_effects_evict_nobody():
    rows = [{"key": "t", "effect": effect} for effect in ("NoSchedule", "PreferNoSchedule")]

    assert eviction_taints(freeze({"spec": {"taints": [*rows, BAD]}})) == [BAD]


def test_the_pod_says_why():
    told = with_disruption(with_disruption(pod(), at(0)), at(60))

    assert list(told.status.conditions) == [
        {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "DeletionByTaintManager",
            "message": "Taint manager: deleting due to NoExecute taint",
            "lastProbeTime": None,
            "lastTransitionTime": "2026-01-01T00:01:00Z",
            "observedGeneration": 1,
        }
    ]
