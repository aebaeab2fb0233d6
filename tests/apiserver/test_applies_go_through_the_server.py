"""Server-side apply through the API: create, change, conflict, subresources, no-ops, tracking."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.request import APPLY_PATCH, WriteOptions


def apply(door, obj, manager="gitops", *, force=False, resource="deployments.apps", **fields):
    options = WriteOptions(field_manager=manager, force=force)
    return door.send(
        "patch",
        resource,
        obj["metadata"]["name"],
        body=obj,
        patch_type=APPLY_PATCH,
        write_options=options,
        **fields,
    )


def deployment(**spec):
    labels = {"app": "web"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "image": "i:1"}]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **spec},
    }


def piece(**spec):
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": spec,
    }


def managers(obj):
    return [entry["manager"] for entry in obj.at("metadata", "managedFields", default=[])]


def test_apply_creates_and_changes(door):
    created = apply(door, deployment(replicas=2))
    changed = apply(door, deployment(replicas=3))

    assert (created.code, changed.code) == (201, 200)
    assert changed.body["spec"]["replicas"] == 3
    assert changed.body["metadata"]["generation"] == 2
    assert managers(changed.body) == ["gitops"]


def test_applying_the_same_writes_nothing(door):
    created = apply(door, deployment(replicas=2)).body
    revision = door.store.revision

    assert apply(door, deployment(replicas=2)).body is created
    assert door.store.revision == revision


def test_a_field_left_out_falls_back_to_its_default(door):
    apply(door, deployment(replicas=2, minReadySeconds=5))

    body = apply(door, deployment()).body

    assert body["spec"]["replicas"] == 1
    assert "minReadySeconds" not in body["spec"]


def test_another_managers_field_is_a_conflict_unless_forced(door):
    apply(door, deployment(replicas=2))

    with pytest.raises(ApiError, match=r'conflict with "gitops": \.spec\.replicas') as caught:
        apply(door, piece(replicas=5), "scaler")
    forced = apply(door, piece(replicas=5), "scaler", force=True).body

    assert caught.value.code == 409
    assert forced["spec"]["replicas"] == 5
    assert sorted(managers(forced)) == ["gitops", "scaler"]


def test_ordinary_writes_to_an_applied_object_own_what_they_change(door):
    apply(door, deployment(replicas=2))
    options = WriteOptions(field_manager="tool")
    door.send(
        "patch",
        "deployments.apps",
        "web",
        body={"spec": {"replicas": 7}},
        patch_type="application/merge-patch+json",
        write_options=options,
    )

    with pytest.raises(ApiError, match='conflict with "tool" using apps/v1'):
        apply(door, deployment(replicas=2))


def test_scaling_an_applied_object_owns_the_replicas(door):
    apply(door, deployment(replicas=2))
    door.send(
        "patch",
        "deployments.apps",
        "web",
        subresource="scale",
        body={"spec": {"replicas": 4}},
        patch_type="application/merge-patch+json",
        write_options=WriteOptions(field_manager="scaler"),
    )

    with pytest.raises(ApiError, match='"scaler" with subresource "scale"'):
        apply(door, deployment(replicas=2))


def test_status_is_applied_apart(door):
    apply(door, deployment())
    status = {**piece(), "status": {"replicas": 3}}
    status.pop("spec")

    body = apply(door, status, "controller", subresource="status").body

    assert body["status"]["replicas"] == 3
    entry = body["metadata"]["managedFields"][0]
    assert (entry["manager"], entry["subresource"]) == ("controller", "status")


def test_applying_status_creates_nothing(door):
    with pytest.raises(ApiError) as caught:
        apply(door, {**piece(), "status": {}}, subresource="status")

    assert caught.value.code == 404


def test_unknown_fields_and_other_kinds_are_refused(door):
    with pytest.raises(ApiError, match=r"\.spec\.bogus: field not declared in schema"):
        apply(door, deployment(bogus=1))
    with pytest.raises(ApiError, match="invalid object type: /v1, Kind=Pod"):
        apply(door, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}})


def test_objects_are_tracked_from_creation_when_the_server_is_told_so(door):
    plain = door.create("configmaps", config_map("a"))
    door.server.track_managed_fields()
    tracked = door.create("configmaps", config_map("b"))

    assert managers(plain) == []
    assert tracked["metadata"]["managedFields"][0]["fieldsV1"] == {"f:data": {".": {}, "f:k": {}}}


def config_map(name):
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"k": "v"}}
