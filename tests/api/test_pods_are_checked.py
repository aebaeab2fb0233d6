"""Rules of new pods, in upstream's words and order."""

import pytest

from tests.api.answers import pod, pod_with, problems

PROBE = {"httpGet": {"port": 80}, "tcpSocket": {"port": 80}}


def test_a_complete_pod_has_no_problems():
    assert problems(pod()) == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (pod(containers=[]), ["spec.containers: Required value"]),
        (
            pod(containers=[{"name": "a", "image": "x"}, {"name": "a", "image": ""}]),
            [
                "spec.containers[1].image: Required value",
                'spec.containers[1].name: Duplicate value: "a"',
            ],
        ),
        (
            pod(restartPolicy="Sometimes"),
            [
                'spec.restartPolicy: Unsupported value: "Sometimes": supported values: '
                '"Always", "OnFailure", "Never"'
            ],
        ),
        (
            pod_with(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
            [
                'spec.containers[0].resources.requests: Invalid value: "2": must be less than or '
                "equal to cpu limit of 1"
            ],
        ),
        (
            pod_with(volumeMounts=[{"name": "data", "mountPath": "/data"}]),
            ['spec.containers[0].volumeMounts[0].name: Not found: "data"'],
        ),
        (
            pod_with(ports=[{"containerPort": 0}]),
            ["spec.containers[0].ports[0].containerPort: Required value"],
        ),
        (
            pod_with(livenessProbe=PROBE),
            [
                "spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than "
                "1 handler type"
            ],
        ),
        (
            pod(tolerations=[{"key": "a", "operator": "Exists", "value": "b"}]),
            [
                'spec.tolerations[0].operator: Invalid value: "b": value must be empty when '
                "`operator` is 'Exists'"
            ],
        ),
        (
            pod(schedulingGates=[{"name": "a"}], nodeName="n"),
            ["spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"],
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == expected
