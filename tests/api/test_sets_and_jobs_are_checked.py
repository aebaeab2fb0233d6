"""Sets of pods, jobs and claims: one rule each, and what of them can change."""

import pytest

from tests.api.answers import new_object, problems, update_problems

SELECTOR = {"matchLabels": {"a": "b"}}
TEMPLATE = {
    "metadata": {"labels": {"a": "b"}},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}
SET = {"selector": SELECTOR, "template": TEMPLATE, "serviceName": "s"}
JOB_TEMPLATE = {"spec": {**TEMPLATE["spec"], "restartPolicy": "Never"}}
CLAIM = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "2Gi"}}}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            new_object("apps/v1", "StatefulSet", spec={**SET, "podManagementPolicy": "Some"}),
            "spec.podManagementPolicy: Invalid value: \"Some\": must be 'OrderedReady' or "
            "'Parallel'",
        ),
        (
            new_object("apps/v1", "DaemonSet", spec={**SET, "updateStrategy": {"type": "Never"}}),
            'spec.updateStrategy: Unsupported value: {"Type":"Never","RollingUpdate":null}: '
            'supported values: "RollingUpdate", "OnDelete"',
        ),
        (
            new_object("apps/v1", "ControllerRevision", revision=-1, data={"a": 1}),
            "revision: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            new_object(
                "batch/v1",
                "CronJob",
                spec={
                    "schedule": "every day",
                    "jobTemplate": {"spec": {"template": JOB_TEMPLATE}},
                },
            ),
            'spec.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: '
            "[every day]",
        ),
        (
            new_object(
                "v1",
                "PersistentVolumeClaim",
                spec={**CLAIM, "accessModes": ["ReadWriteOncePod", "ReadOnlyMany"]},
            ),
            "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == [expected]


def test_a_set_keeps_the_name_of_its_service():
    old = new_object("apps/v1", "StatefulSet", spec=SET)
    new = new_object("apps/v1", "StatefulSet", spec={**SET, "serviceName": "other"})

    assert update_problems(new, old) == [
        'spec.serviceName: Invalid value: "other": field is immutable'
    ]


def test_a_claim_shrinks_no_further_than_what_it_has():
    status = {"phase": "Bound", "capacity": {"storage": "2Gi"}}
    spec = {**CLAIM, "volumeName": "v"}
    old = new_object("v1", "PersistentVolumeClaim", spec=spec, status=status)
    smaller = {**spec, "resources": {"requests": {"storage": "1Gi"}}}
    new = new_object("v1", "PersistentVolumeClaim", spec=smaller, status=status)

    assert update_problems(new, old) == [
        "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
    ]
