"""Unknown fields: dropped, warned about, or refused, as the request wishes."""

BODY = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "dat": {"k": "v"}}


def test_warn_is_the_default(door):
    response = door.send("create", "configmaps", body=BODY)

    assert response.warnings == ('unknown field "dat"',)
    assert "dat" not in response.body


def test_strict_refuses_and_keeps_nothing(door):
    refusal = door.refusal(door.create, "configmaps", BODY, field_validation="Strict")

    assert refusal.code == 400
    assert refusal.message == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
        'strict decoding error: unknown field "dat"'
    )
    assert door.refusal(door.get, "configmaps", "a").code == 404


def test_ignore_says_nothing(door):
    created = door.create("configmaps", BODY, field_validation="Ignore")

    assert "dat" not in created


def test_a_wrong_type_is_refused_in_any_mode(door, make):
    body = make.deployment("d")
    body["spec"]["replicas"] = "two"

    refusal = door.refusal(door.create, "deployments.apps", body, field_validation="Ignore")

    assert refusal.code == 400
    assert "DeploymentSpec.spec.replicas of type int32" in refusal.message


def test_a_patch_to_a_wrong_type_is_unprocessable(door, make):
    door.create("deployments.apps", make.deployment("d"))

    refusal = door.refusal(door.patch, "deployments.apps", "d", {"spec": {"replicas": "two"}})

    assert (refusal.code, refusal.reason) == (422, "Invalid")
    assert refusal.message.startswith(' "" is invalid: patch: Invalid value: ')


def test_unchanged_fields_of_a_stored_object_are_still_checked_by_name(door):
    """Decoding skips what is identical to the stored object, not what is new beside it."""
    created = door.create("configmaps", {**BODY, "data": {"k": "v"}})

    response = door.send("update", "configmaps", "a", body=created.set("bogus", 1))

    assert response.warnings == ('unknown field "bogus"',)
    assert response.body == created
