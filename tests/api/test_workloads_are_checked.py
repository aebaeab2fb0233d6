"""Rules of deployments, replica sets and replication controllers."""

import pytest

from tests.api.answers import deployment, new_object, problems, update_problems

CONTAINERS = [{"name": "a", "image": "nginx"}]


def template(restart_policy="Always", **labels):
    spec = {"containers": CONTAINERS, "restartPolicy": restart_policy}
    return {"metadata": {"labels": labels or {"app": "a"}}, "spec": spec}


def test_a_complete_deployment_has_no_problems():
    assert problems(deployment()) == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            deployment(selector={"matchLabels": {"app": "b"}}),
            [
                'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not '
                "match template `labels`"
            ],
        ),
        (
            deployment(selector={}),
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
        ),
        (
            deployment(replicas=-1),
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
        ),
        (
            deployment(strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}),
            [
                "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy "
                "`type` is 'Recreate'"
            ],
        ),
        (
            deployment(strategy={"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}),
            [
                "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when "
                "`maxSurge` is 0"
            ],
        ),
        (
            deployment(template=template("Never")),
            [
                'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: '
                '"Always"'
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == expected


def test_the_selector_of_a_deployment_stays():
    selector = {"matchLabels": {"app": "a", "tier": "b"}}
    new = deployment(selector=selector, template=template(app="a", tier="b"))

    assert update_problems(new, deployment()) == [
        'spec.selector: Invalid value: {"matchLabels":{"app":"a","tier":"b"}}: field is immutable'
    ]


def test_a_replica_set_needs_labels_that_its_selector_chooses():
    spec = {"selector": {"matchLabels": {"app": "b"}}, "template": template()}

    assert problems(new_object("apps/v1", "ReplicaSet", spec=spec)) == [
        'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match '
        "template `labels`"
    ]


def test_a_replication_controller_takes_its_selector_from_its_template():
    controller = new_object("v1", "ReplicationController", spec={"template": template()})

    assert problems(controller) == []
