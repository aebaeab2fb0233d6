"""What a deletion decides before anything is written."""

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.delete_options import read_delete_options
from kcore.apiserver.deletion import before_delete
from kcore.apiserver.endpoint import build_endpoint
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.request import DeleteOptions
from kcore.machinery.timestamps import parse_time

NOW_NS = parse_time("2026-01-01T12:00:00Z")


def pod(metadata=None, node="n", phase="Running", grace_s=30):
    return freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p", "uid": "u", "generation": 1, **(metadata or {})},
            "spec": {"nodeName": node, "terminationGracePeriodSeconds": grace_s},
            "status": {"phase": phase},
        }
    )


def going(grace_s, deadline):
    return {"deletionGracePeriodSeconds": grace_s, "deletionTimestamp": deadline}


def decided(obj, **options):
    endpoint = build_endpoint(default_scheme().by_kind("v1", obj["kind"]))
    return before_delete(endpoint, obj, DeleteOptions(**options), NOW_NS)


@pytest.mark.parametrize(
    ("obj", "asked_s", "grace_s", "deadline"),
    [
        (pod(), None, 30, "2026-01-01T12:00:30Z"),
        (pod(), 5, 5, "2026-01-01T12:00:05Z"),
        (pod(), -1, 1, "2026-01-01T12:00:01Z"),
        (pod(grace_s=-7), None, 1, "2026-01-01T12:00:01Z"),
        (pod(node=""), 5, 0, "2026-01-01T12:00:00Z"),
        (pod(phase="Failed"), 5, 0, "2026-01-01T12:00:00Z"),
    ],
)
def test_pods_get_a_deadline(obj, asked_s, grace_s, deadline):
    found = decided(obj, grace_period_s=asked_s)

    assert (found.graceful, found.pending, found.grace_period_s) == (True, False, grace_s)
    assert found.obj["metadata"]["deletionTimestamp"] == deadline
    assert found.obj["metadata"]["generation"] == 2


@pytest.mark.parametrize(("asked_s", "left_s"), [(None, 30), (30, 30), (60, 60)])
def test_a_deadline_is_not_put_off(asked_s, left_s):
    obj = pod(going(30, "2026-01-01T12:00:10Z"))

    found = decided(obj, grace_period_s=asked_s)

    assert (found.obj, found.pending, found.grace_period_s) == (obj, True, left_s)


def test_a_deadline_moves_forward_but_not_into_the_past():
    sooner = decided(pod(going(30, "2026-01-01T12:00:29Z")), grace_period_s=5)
    past = decided(pod(going(30, "2026-01-01T12:00:10Z")), grace_period_s=5)

    assert sooner.obj["metadata"]["deletionTimestamp"] == "2026-01-01T12:00:04Z"
    assert past.obj["metadata"]["deletionTimestamp"] == "2026-01-01T12:00:00Z"
    assert past.obj["metadata"]["deletionGracePeriodSeconds"] == 1


def test_other_kinds_know_no_grace():
    obj = freeze({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})

    found = decided(obj, grace_period_s=60)

    assert (found.obj, found.graceful, found.pending) == (obj, False, False)


def test_preconditions_come_first():
    with pytest.raises(ApiError) as caught:
        decided(pod(), uid="other")

    assert caught.value.code == 409


def test_options_are_read():
    body = {
        "gracePeriodSeconds": 0,
        "orphanDependents": False,
        "dryRun": ["All"],
        "preconditions": {"uid": "u", "resourceVersion": "1"},
    }

    assert read_delete_options(freeze(body)) == DeleteOptions(0, "Background", "u", "1", True)
    assert read_delete_options(None) == DeleteOptions()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"propagationPolicy": "X"},
            'propagationPolicy: Unsupported value: "X": supported values: "Foreground", '
            '"Background", "Orphan", "nil"',
        ),
        (
            {"propagationPolicy": "Orphan", "orphanDependents": True},
            'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation '
            "cannot be both set",
        ),
        (
            {"dryRun": ["Some"]},
            'dryRun: Unsupported value: ["Some"]: supported values: "All"',
        ),
        (
            {"ignoreStoreReadErrorWithClusterBreakingPotential": True, "gracePeriodSeconds": 1},
            "ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: cannot be set "
            "together with .gracePeriodSeconds",
        ),
    ],
)
def test_options_are_refused(body, message):
    with pytest.raises(ApiError) as caught:
        read_delete_options(freeze(body))

    assert caught.value.message == f'DeleteOptions.meta.k8s.io "" is invalid: {message}'
