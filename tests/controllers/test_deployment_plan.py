"""Which ReplicaSet gets how many replicas: tables, no cluster."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.controllers.deployment.plan import (
    max_surge,
    max_unavailable,
    plan_rolling,
    plan_scaling,
    resolve_fenceposts,
    total_replicas,
)
from kcore.machinery.frozen import freeze


def deployment(replicas, surge=1, unavailable=0, kind="RollingUpdate"):
    strategy = {"type": kind}
    if kind == "RollingUpdate":
        strategy["rollingUpdate"] = {"maxSurge": surge, "maxUnavailable": unavailable}
    return freeze({"spec": {"replicas": replicas, "strategy": strategy}, "status": {}})


def replica_set(name, replicas, available=None, size=None, most=None):
    annotations = {}
    if size is not None:
        annotations["deployment.kubernetes.io/desired-replicas"] = str(size)
        annotations["deployment.kubernetes.io/max-replicas"] = str(most or size)
    available = replicas if available is None else available
    return freeze(
        {
            "metadata": {
                "name": name,
                "uid": name,
                "creationTimestamp": f"2026-01-01T00:00:0{name[-1]}Z",
                "annotations": annotations,
            },
            "spec": {"replicas": replicas},
            "status": {"replicas": replicas, "availableReplicas": available},
        }
    )


def sizes(scales):
    return [(scale.replica_set["metadata"]["name"], scale.replicas) for scale in scales]


@pytest.mark.parametrize(
    ("surge", "unavailable", "wanted", "resolved"),
    [
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        (0, 0, 5, (0, 1)),
        ("1%", "1%", 10, (1, 0)),
        (0, "1%", 10, (0, 1)),
        (None, None, 2, (0, 1)),
    ],
)
def test_surge_rounds_up_unavailability_down_and_never_both_are_zero(
    surge, unavailable, wanted, resolved
):
    assert resolve_fenceposts(surge, unavailable, wanted) == resolved


@pytest.mark.parametrize(
    ("wanted", "new", "old", "available_new", "available_old", "expected"),
    [
        # the new one grows into the surge first
        (10, 0, 10, 0, 10, [("new2", 3)]),
        # then old pods go, as availability allows: 10 - 2
        (10, 3, 10, 0, 10, [("old1", 8)]),
        (10, 3, 8, 0, 8, [("new2", 5)]),
        # nothing may go while the new pods are not available
        (10, 5, 8, 0, 8, []),
        (10, 5, 8, 5, 8, [("old1", 3)]),
        # old pods that do not work go whatever the new ones do
        (10, 3, 10, 0, 4, [("old1", 8)]),
        # the new one is too large after a scale down
        (2, 5, 3, 5, 3, [("new2", 2)]),
        # a status from before the last scaling is not counted on
        (10, 10, 3, 10, 5, []),
    ],
)
def test_one_step_of_a_rolling_update(wanted, new, old, available_new, available_old, expected):
    scales = plan_rolling(
        deployment(wanted, 3, 2),
        replica_set("new2", new, available_new),
        [replica_set("old1", old, available_old)],
    )

    assert sizes(scales) == expected


def test_scaling_in_the_middle_of_a_rollout_is_shared_in_proportion():
    # The example of upstream's documentation: 10 replicas, surge 3: old 8, new 5; scaled to 15.
    new = replica_set("new2", 5, 0, size=10, most=13)
    old = replica_set("old1", 8, 8, size=10, most=13)

    assert sizes(plan_scaling(deployment(15, 3, 2), new, [old])) == [("old1", 11), ("new2", 7)]


def test_scaling_without_a_rollout_concerns_the_one_active_replica_set():
    assert sizes(plan_scaling(deployment(5), replica_set("new2", 3), [])) == [("new2", 5)]
    assert sizes(plan_scaling(deployment(5), None, [replica_set("old1", 3)])) == [("old1", 5)]


def test_a_saturated_new_replica_set_makes_the_old_ones_go():
    new = replica_set("new2", 5, 5, size=5)
    olds = [replica_set("old1", 2), replica_set("old0", 0)]

    assert sizes(plan_scaling(deployment(5), new, olds)) == [("old1", 0)]


@given(
    wanted=st.integers(0, 12),
    surge=st.integers(0, 5),
    unavailable=st.integers(0, 5),
    new=st.tuples(st.integers(0, 12), st.integers(0, 12)),
    olds=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=3),
)
@settings(max_examples=200)
def test_every_step_keeps_both_bounds(wanted, surge, unavailable, new, olds):
    spec = deployment(wanted, surge, unavailable)
    new = replica_set("new9", new[0], min(new))
    olds = [replica_set(f"old{i}", n, min(n, m)) for i, (n, m) in enumerate(olds)]
    scales = plan_rolling(spec, new, olds)
    after = {obj["metadata"]["uid"]: obj["spec"]["replicas"] for obj in [new, *olds]}
    for scale in scales:
        after[scale.replica_set["metadata"]["uid"]] = scale.replicas

    before = total_replicas([new, *olds])
    assert sum(after.values()) <= max(before, wanted + max_surge(spec))
    lost = sum(
        max(0, min(obj["status"]["availableReplicas"], obj["spec"]["replicas"]) - size)
        for obj in olds
        if (size := after[obj["metadata"]["uid"]]) < obj["spec"]["replicas"]
    )
    available = sum(obj["status"]["availableReplicas"] for obj in [new, *olds])
    if sizes(scales) != [("new9", wanted)] and lost:
        assert available - lost >= wanted - max_unavailable(spec)
