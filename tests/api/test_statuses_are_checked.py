"""Statuses that do not add up are refused, as upstream refuses them."""

import pytest

from kcore.api.rules import rules_for
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze
from tests.api.answers import new_object


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (
            "Deployment",
            {"replicas": 1, "readyReplicas": 2},
            ["status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas"],
        ),
        (
            "ReplicaSet",
            {"replicas": 2, "readyReplicas": 1, "availableReplicas": 2},
            ["status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas"],
        ),
        (
            "DaemonSet",
            {"numberReady": -1},
            ["status.numberReady: Invalid value: -1: must be greater than or equal to 0"],
        ),
        ("StatefulSet", {"replicas": 2, "readyReplicas": 2}, []),
    ],
)
def test_parts_are_no_more_than_the_whole(kind, status, expected):
    old, new = (
        freeze(new_object("apps/v1", kind, spec={}, status=status)) for status in ({}, status)
    )
    errors = FieldErrors()

    rules_for("apps", kind).validate_status(new, old, errors)

    assert [str(error) for error in errors] == expected
