"""A kind that a scheme gained at run time is served by the generic rules."""

import pytest

from kcore.machinery.request import STRATEGIC_MERGE_PATCH
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.scheme import ResourceInfo

WIDGETS = ResourceInfo(
    gvk=GroupVersionKind("example.com", "v1", "Widget"),
    resource="widgets",
    singular="widget",
    namespaced=True,
    verbs=("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"),
    subresources=("status",),
)
RESOURCE = "widgets.example.com"


def widget(**fields):
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w"},
        "spec": {"size": 1, "anything": {"goes": [1.5, None]}},
        **fields,
    }


@pytest.fixture
def served(door):
    assert door.refusal(door.create, RESOURCE, widget()).code == 404
    door.server.use_scheme(door.server.scheme.with_resource(WIDGETS))
    return door


def test_content_passes_through_and_generation_counts(served):
    created = served.create(RESOURCE, widget())
    updated = served.update(RESOURCE, created.set(("spec", "size"), 2))

    assert created["spec"] == widget()["spec"]
    assert created["metadata"]["generation"] == 1
    assert updated["metadata"]["generation"] == 2


def test_an_update_needs_the_version_it_saw(served):
    served.create(RESOURCE, widget())

    refusal = served.refusal(served.update, RESOURCE, widget())

    assert (refusal.code, refusal.reason) == (422, "Invalid")


def test_status_has_its_own_door_that_leaves_metadata_alone(served):
    created = served.create(RESOURCE, widget(status={"seen": True}))
    report = created.set("status", {"ready": 1}).set(("metadata", "labels"), {"a": "b"})

    updated = served.update(RESOURCE, report, subresource="status")

    assert created["status"] == {}
    assert updated["status"] == {"ready": 1}
    assert "labels" not in updated["metadata"]


def test_merge_patches_work_and_strategic_ones_do_not(served):
    served.create(RESOURCE, widget())

    assert served.patch(RESOURCE, "w", {"spec": {"size": 9}})["spec"]["size"] == 9
    refusal = served.refusal(served.patch, RESOURCE, "w", {}, patch_type=STRATEGIC_MERGE_PATCH)
    assert (refusal.code, refusal.reason) == (415, "UnsupportedMediaType")


def test_metadata_must_be_an_object(served):
    refusal = served.refusal(served.create, RESOURCE, widget(metadata="w"))

    assert (refusal.code, refusal.reason) == (400, "BadRequest")


def test_it_is_listed_watched_and_deleted(served):
    stream = served.watch(RESOURCE, resource_version_match="NotOlderThan")
    served.create(RESOURCE, widget())
    served.delete(RESOURCE, "w")

    kinds = [event.type for event in iter(stream.next, None)]
    assert kinds == ["ADDED", "DELETED"]
    assert served.list(RESOURCE)["kind"] == "WidgetList"
