"""Decoding writes an object as upstream would: unknown fields go, zero values follow Go's tags."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode, is_typed, zero_object


def decoded(api_version, kind, **fields):
    obj = freeze({"apiVersion": api_version, "kind": kind, **fields})
    return decode(obj, api_version, kind)


def test_an_unknown_field_is_left_out_and_named():
    result = decoded("apps/v1", "Deployment", metadata={"name": "web"}, spec={"replicsa": 3})

    assert result.problems == ('unknown field "spec.replicsa"',)
    assert "replicsa" not in result.object["spec"]


def test_an_unknown_field_in_a_list_is_named_with_its_position():
    containers = [{"name": "a"}, {"name": "b", "imgae": "x"}]
    result = decoded("v1", "Pod", metadata={}, spec={"containers": containers})

    assert result.problems == ('unknown field "spec.containers[1].imgae"',)


def test_names_are_matched_exactly():
    assert decoded("v1", "Pod", spec={"NodeName": "a"}).problems == (
        'unknown field "spec.NodeName"',
    )


def test_null_is_the_zero_value():
    result = decoded("v1", "ConfigMap", metadata={"name": "a", "labels": None}, data=None)

    assert result.object == decoded("v1", "ConfigMap", metadata={"name": "a"}).object


def test_what_go_writes_without_omitempty_is_written():
    container = decoded("v1", "Pod", spec={"containers": [{"name": "a"}]}).object["spec"][
        "containers"
    ][0]

    assert container == {"name": "a", "resources": {}}
    assert decoded("v1", "Pod", spec={}).object["spec"] == {"containers": None}


def test_what_go_omits_when_empty_is_omitted():
    spec = {"containers": [], "nodeName": "", "nodeSelector": {}, "hostNetwork": False}

    assert decoded("v1", "Pod", spec=spec).object["spec"] == {"containers": []}


def test_a_pointer_keeps_its_zero():
    spec = decoded("apps/v1", "Deployment", spec={"replicas": 0}).object["spec"]

    assert spec["replicas"] == 0


@pytest.mark.parametrize(
    ("given", "written"), [("0.5", "500m"), (2, "2"), ("1024Mi", "1Gi"), (0.25, "250m")]
)
def test_quantities_are_written_canonically(given, written):
    container = {"name": "a", "resources": {"limits": {"cpu": given}}}
    pod = decoded("v1", "Pod", spec={"containers": [container]}).object

    assert pod["spec"]["containers"][0]["resources"]["limits"] == {"cpu": written}


def test_times_are_written_in_utc():
    metadata = {"creationTimestamp": "2026-01-01T02:00:00+02:00"}

    assert decoded("v1", "Pod", metadata=metadata).object["metadata"] == {
        "creationTimestamp": "2026-01-01T00:00:00Z"
    }


def test_a_kind_is_written_where_the_body_leaves_it_to_the_endpoint():
    obj = decode(freeze({"metadata": {"name": "a"}}), "v1", "ConfigMap").object

    assert (obj["apiVersion"], obj["kind"]) == ("v1", "ConfigMap")


def test_custom_kinds_pass_through():
    obj = freeze({"apiVersion": "example.com/v1", "kind": "Widget", "spec": {"anything": None}})

    assert decode(obj, "example.com/v1", "Widget").object is obj
    assert not is_typed(GroupVersionKind("example.com", "v1", "Widget"))
    assert zero_object("example.com/v1", "Widget") == {}


def test_the_zero_object_shows_what_is_always_written():
    assert zero_object("apps/v1", "Deployment")["spec"] == {
        "selector": None,
        "strategy": {},
        "template": {"metadata": {}, "spec": {"containers": None}},
    }
