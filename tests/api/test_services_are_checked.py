"""Rules of services."""

import pytest

from tests.api.answers import problems, service, update_problems


def test_a_complete_service_has_no_problems():
    assert problems(service()) == []


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (service(ports=[]), ["spec.ports: Required value"]),
        (
            service(ports=[{"port": 80}, {"port": 81}]),
            ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
        ),
        (
            service(ports=[{"port": 70000, "targetPort": 80}]),
            [
                "spec.ports[0].port: Invalid value: 70000: must be between 1 and 65535, inclusive",
            ],
        ),
        (
            service(type="Nope"),
            [
                'spec.type: Unsupported value: "Nope": supported values: "ClusterIP", '
                '"ExternalName", "LoadBalancer", "NodePort"'
            ],
        ),
        (service(type="ExternalName", ports=[]), ["spec.externalName: Required value"]),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == expected


def test_a_service_without_cluster_ip_needs_no_ports():
    assert problems(service(clusterIP="None", clusterIPs=["None"], ports=[])) == []


def test_a_cluster_ip_stays():
    old = service(clusterIP="10.0.0.1", clusterIPs=["10.0.0.1"])
    new = service(clusterIP="10.0.0.2", clusterIPs=["10.0.0.2"])

    assert update_problems(new, old) == [
        'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'
    ]
