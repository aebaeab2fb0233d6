"""One rule each of the kinds with few rules, and the rules that all kinds share."""

import pytest

from tests.api.answers import new_object, problems, update_problems

TAINTED = {"taints": [{"key": "a", "effect": "Never"}]}
KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
    "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            new_object("v1", "Namespace", name="a.b", namespace=""),
            'metadata.name: Invalid value: "a.b": must not contain dots',
        ),
        (
            new_object("v1", "ConfigMap", data={"a/b": "x"}),
            f'data[a/b]: Invalid value: "a/b": {KEY_RULE}',
        ),
        (
            new_object("v1", "Secret", type="kubernetes.io/tls", data={"tls.crt": "eA=="}),
            "data[tls.key]: Required value",
        ),
        (
            new_object("v1", "Node", namespace="", spec=TAINTED),
            'metadata.taints[0].effect: Unsupported value: "Never": supported values: '
            '"NoSchedule", "PreferNoSchedule", "NoExecute"',
        ),
        (
            new_object("coordination.k8s.io/v1", "Lease", spec={"leaseDurationSeconds": 0}),
            "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
        ),
        (
            new_object("v1", "Event", involvedObject={"kind": "Pod", "namespace": "other"}),
            'involvedObject.namespace: Invalid value: "other": does not match event.namespace',
        ),
        (
            new_object("v1", "ConfigMap", metadata={"annotations": {"x": "y" * 300_000}}),
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == [expected]


def test_only_one_owner_controls():
    owners = [
        {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": name, "controller": True}
        for name in ("a", "b")
    ]
    (problem,) = problems(new_object("v1", "ConfigMap", metadata={"ownerReferences": owners}))

    assert problem.endswith(
        'Only one reference can have Controller set to true. Found "true" in references for '
        "Pod/a and Pod/b"
    )


@pytest.mark.parametrize("api_version", ["v1", "example.com/v1"])
def test_a_uid_stays_whatever_the_kind(api_version):
    old = new_object(api_version, "Secret")
    new = new_object(api_version, "Secret", metadata={"uid": "1"})

    assert update_problems(new, old) == [
        'metadata.uid: Invalid value: "1": field is immutable',
    ]


def test_an_immutable_config_map_stays():
    old = new_object("v1", "ConfigMap", immutable=True, data={"a": "1"})
    new = new_object("v1", "ConfigMap", immutable=True, data={"a": "2"})

    assert update_problems(new, old) == [
        "data: Forbidden: field is immutable when `immutable` is set"
    ]


def test_the_type_of_a_secret_stays():
    old, new = (new_object("v1", "Secret", type=name) for name in ("a", "b"))

    assert update_problems(new, old) == ['type: Invalid value: "b": field is immutable']


def test_names_of_custom_objects_follow_the_general_rule():
    (problem,) = problems(new_object("example.com/v1", "Widget", name="A", spec={"x": 1}))

    assert problem.startswith('metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain')
