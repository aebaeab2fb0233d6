"""From a CustomResourceDefinition to objects that are decoded, validated, converted and deleted."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.request import APPLY_PATCH, Request, WriteOptions

CRDS = "customresourcedefinitions.apiextensions.k8s.io"
WIDGETS = "widgets.ex.io"
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "default": 1, "maximum": 9},
                "tags": {
                    "type": "array",
                    "x-kubernetes-list-type": "set",
                    "items": {"type": "string"},
                },
                "replicas": {"type": "integer"},
            },
        },
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    },
}
SUBRESOURCES = {
    "status": {},
    "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
}


def definition(*versions, schema=SCHEMA):
    rows = [
        {
            "name": name,
            "served": True,
            "storage": name == versions[0],
            "subresources": SUBRESOURCES,
            "schema": {"openAPIV3Schema": schema},
        }
        for name in versions
    ]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": WIDGETS},
        "spec": {
            "group": "ex.io",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget"},
            "versions": rows,
        },
    }


def widget(name="w", version="v1", **spec):
    return {
        "apiVersion": f"ex.io/{version}",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": spec,
    }


@pytest.fixture
def served(door):
    door.create(CRDS, definition("v1", "v2"))
    return door


def in_version(door, version, verb="get", name="w", **fields):
    request = Request(verb, "widgets", "ex.io", version, "default", name, **fields)
    return door.server.handle(request)


def test_a_definition_is_established_and_its_kind_served(served):
    found = served.get(CRDS, WIDGETS)

    assert found.at("status", "acceptedNames", "kind") == "Widget"
    conditions = {each["type"]: each["status"] for each in found["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert served.server.scheme.by_kind("ex.io/v2", "Widget") is not None
    assert served.server.scheme.by_name("widgets.ex.io").gvk.version == "v2"


def test_objects_get_defaults_and_lose_what_is_unknown(served):
    response = served.send("create", WIDGETS, body=widget(version="v2", odd=1))

    assert response.body["spec"] == {"size": 1}
    assert response.warnings == ('unknown field "spec.odd"',)
    assert "status" not in response.body
    assert response.body["metadata"]["generation"] == 1


def test_strict_decoding_refuses_what_is_unknown(served):
    options = {"field_validation": "Strict"}

    refusal = served.refusal(served.create, WIDGETS, widget(version="v2", odd=1), **options)

    assert refusal.message == (
        'Widget in version "v2" cannot be handled as a Widget: strict decoding error: '
        'unknown field "spec.odd"'
    )


def test_objects_are_held_to_the_schema(served):
    refusal = served.refusal(served.create, WIDGETS, widget(version="v2", size=10, tags=["a", "a"]))

    assert (refusal.code, refusal.message) == (
        422,
        'Widget.ex.io "w" is invalid: [spec.size: Invalid value: 10: spec.size in body should be '
        'less than or equal to 9, spec.tags[1]: Duplicate value: "a"]',
    )


def test_every_version_shows_the_same_object(served):
    served.create(WIDGETS, widget(version="v2", size=2))
    stream = in_version(served, "v1", "watch", name="").stream

    assert in_version(served, "v1").body["apiVersion"] == "ex.io/v1"
    assert in_version(served, "v2").body["apiVersion"] == "ex.io/v2"
    listed = in_version(served, "v1", "list", name="").body
    assert (listed["apiVersion"], listed["items"][0]["apiVersion"]) == ("ex.io/v1", "ex.io/v1")
    assert stream.next().object["apiVersion"] == "ex.io/v1"
    assert next(iter(stream.view.list()))["apiVersion"] == "ex.io/v1"
    kept = next(iter(served.server.context.storage.objects(WIDGETS)))
    assert kept["apiVersion"] == "ex.io/v1"


def test_owners_keep_their_version(served):
    served.server.track_managed_fields()
    for version, manager, tag in (("v1", "one", "a"), ("v2", "two", "b")):
        options = WriteOptions(field_manager=manager)
        body = freeze(widget(version=version, tags=[tag]))
        fields = {"body": body, "patch_type": APPLY_PATCH, "write_options": options}
        in_version(served, version, "patch", **fields)

    found = served.get(WIDGETS, "w")
    owners = found["metadata"]["managedFields"]
    assert list(found["spec"]["tags"]) == ["a", "b"]
    assert [(each["manager"], each["apiVersion"]) for each in owners] == [
        ("one", "ex.io/v1"),
        ("two", "ex.io/v2"),
    ]


def test_status_and_scale_have_doors_of_their_own(served):
    served.create(WIDGETS, widget(version="v2", replicas=3))
    served.patch(
        WIDGETS, "w", {"status": {"phase": "Up"}, "spec": {"size": 9}}, subresource="status"
    )

    scaled = served.send("get", WIDGETS, "w", subresource="scale").body
    found = served.get(WIDGETS, "w")

    assert scaled["spec"]["replicas"] == 3
    assert (found["status"], found["spec"]["size"]) == ({"phase": "Up"}, 1)
    refusal = served.refusal(
        served.patch, WIDGETS, "w", {"status": {"phase": 1}}, subresource="status"
    )
    assert "status.phase: Invalid value" in refusal.message
    assert "phase in body must be of type string" in refusal.message


def test_with_its_definition_go_its_objects(served):
    served.create(WIDGETS, widget(version="v2"))

    shown = served.delete(CRDS, WIDGETS)

    assert shown is not None
    assert served.refusal(served.get, CRDS, WIDGETS).code == 404
    assert served.refusal(served.get, WIDGETS, "w").code == 404
    assert list(served.server.context.storage.objects(WIDGETS)) == []
    assert served.server.scheme.by_kind("ex.io/v1", "Widget") is None


def test_a_definition_that_goes_is_shown_terminating_first(served):
    shown = served.delete(CRDS, WIDGETS)

    assert shown["metadata"]["finalizers"] == ["customresourcecleanup.apiextensions.k8s.io"]
    assert shown["status"]["conditions"][-1]["type"] == "Terminating"
    assert served.refusal(served.get, CRDS, WIDGETS).code == 404


def test_a_new_schema_holds_from_the_next_request_on(served):
    served.create(WIDGETS, widget(version="v2", size=5))
    stricter = {
        **SCHEMA,
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer", "maximum": 2}}}
        },
    }
    changed = served.get(CRDS, WIDGETS)
    for place in (0, 1):
        changed = changed.set(("spec", "versions", place, "schema", "openAPIV3Schema"), stricter)
    served.update(CRDS, changed)

    # What was there already may stay; a new value may not.
    served.patch(WIDGETS, "w", {"metadata": {"labels": {"a": "b"}}})
    assert served.refusal(served.patch, WIDGETS, "w", {"spec": {"size": 4}}).code == 422


def test_forks_have_their_own_definitions(door):
    fork = door.fork()
    fork.create(CRDS, definition("v1"))

    fork.create(WIDGETS, widget())

    assert door.refusal(door.get, WIDGETS, "w").code == 404
