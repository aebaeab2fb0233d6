"""Kinds of networks, access and disruption: one rule each, and what of them can change."""

import pytest

from tests.api.answers import new_object, problems, update_problems

RBAC = "rbac.authorization.k8s.io"
TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            new_object(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                spec={
                    "podSelector": {},
                    "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}],
                },
            ),
            'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/33": must be a valid '
            "CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
        ),
        (
            new_object(
                "networking.k8s.io/v1", "IngressClass", namespace="", spec={"controller": "none"}
            ),
            'spec.controller: Invalid value: "none": must be a domain-prefixed path (such as '
            '"acme.io/foo")',
        ),
        (
            new_object("networking.k8s.io/v1", "IPAddress", name="10.0.0.1", namespace="", spec={}),
            "spec.parentRef: Required value",
        ),
        (
            new_object(
                "networking.k8s.io/v1",
                "ServiceCIDR",
                namespace="",
                spec={"cidrs": ["10.0.0.0/8", "11.0.0.0/8"]},
            ),
            'spec.cidrs: Invalid value: ["10.0.0.0/8","11.0.0.0/8"]: may specify no more than one '
            "IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
        ),
        (
            new_object(
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                spec={"minReplicas": 3, "maxReplicas": 2, "scaleTargetRef": TARGET},
            ),
            "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`",
        ),
        (
            new_object("policy/v1", "PodDisruptionBudget", spec={"minAvailable": "101%"}),
            'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
        ),
        (
            new_object(f"{RBAC}/v1", "Role", rules=[{"verbs": ["get"], "nonResourceURLs": ["/x"]}]),
            'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to '
            "non-resource URLs",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == [expected]


def test_a_binding_keeps_its_role():
    first, second = (
        new_object(
            f"{RBAC}/v1", "RoleBinding", roleRef={"apiGroup": RBAC, "kind": "Role", "name": name}
        )
        for name in ("a", "b")
    )

    assert update_problems(second, first) == [
        'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role",'
        '"Name":"b"}: field is immutable'
    ]
