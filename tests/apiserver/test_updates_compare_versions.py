"""Updates: the version a write saw decides; none is good where the kind allows it."""

LEASE = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}


def lease(**metadata):
    return {**LEASE, "metadata": {"name": "l", **metadata}, "spec": {"holderIdentity": "x"}}


def test_the_latest_version_is_accepted_and_replaced(door, make):
    created = door.create("configmaps", make.config_map("a"))

    updated = door.update("configmaps", created.set("data", {"x": "1"}))

    assert updated["data"] == {"x": "1"}
    assert int(updated["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])


def test_an_old_version_is_a_conflict_and_writes_nothing(door, make):
    created = door.create("configmaps", make.config_map("a"))
    latest = door.update("configmaps", created.set("data", {"x": "1"}))

    refusal = door.refusal(door.update, "configmaps", created.set("data", {"x": "2"}))

    assert (refusal.code, refusal.reason) == (409, "Conflict")
    assert refusal.message == (
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    assert door.get("configmaps", "a") == latest


def test_no_version_is_unconditional(door, make):
    created = door.create("configmaps", make.config_map("a"))

    updated = door.update("configmaps", make.config_map("a", {"x": "3"}))

    assert updated["data"] == {"x": "3"}
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]


def test_some_kinds_insist_on_a_version(door):
    door.create("leases.coordination.k8s.io", lease())

    refusal = door.refusal(door.update, "leases.coordination.k8s.io", lease())

    assert (refusal.code, refusal.reason) == (422, "Invalid")
    assert "metadata.resourceVersion: Invalid value: 0: must be specified" in refusal.message


def test_a_version_that_is_no_number_is_a_server_error(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.update, "configmaps", make.config_map("a", resourceVersion="abc"))

    assert (refusal.code, refusal.message) == (
        500,
        'strconv.ParseUint: parsing "abc": invalid syntax',
    )


def test_another_uid_is_a_failed_precondition(door, make):
    uid = door.create("configmaps", make.config_map("a"))["metadata"]["uid"]

    refusal = door.refusal(door.update, "configmaps", make.config_map("a", uid="3" * 8))

    assert refusal.code == 409
    assert "Key: /registry/configmaps/default/a" in refusal.message
    assert refusal.message.endswith(f"UID in precondition: 33333333, UID in object meta: {uid}")


def test_an_update_that_changes_nothing_keeps_the_version_and_tells_nobody(door, make):
    created = door.create("configmaps", make.config_map("a", {"x": "1"}))
    stream = door.watch("configmaps", resource_version=created["metadata"]["resourceVersion"])

    updated = door.update("configmaps", make.config_map("a", {"x": "1"}))

    assert updated == created
    assert not stream.pending()
    assert stream.next() is None


def test_a_missing_object_is_not_found(door, make):
    refusal = door.refusal(door.update, "configmaps", make.config_map("a"))

    assert (refusal.code, refusal.message) == (404, 'configmaps "a" not found')


def test_some_kinds_are_created_by_an_update(door):
    response = door.send("update", "leases.coordination.k8s.io", "l", body=lease())

    assert response.code == 201
    assert response.body["metadata"]["uid"]


def test_creation_by_update_refuses_a_uid(door):
    refusal = door.refusal(door.update, "leases.coordination.k8s.io", lease(uid="1" * 8))

    assert refusal.code == 409
    assert refusal.message.endswith("UID in object meta: ")
