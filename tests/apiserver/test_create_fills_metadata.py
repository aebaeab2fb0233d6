"""A new object gets name, uid, time, version, generation and status from the server alone."""

import re

UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_the_server_fills_what_only_it_knows(door, make):
    created = door.create("configmaps", make.config_map("a", {"k": "v"}))

    metadata = created["metadata"]
    assert UID.fullmatch(metadata["uid"])
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert metadata["namespace"] == "default"
    assert metadata["resourceVersion"] == str(door.store.revision)
    assert "generation" not in metadata
    assert door.get("configmaps", "a") == created


def test_what_the_client_claims_is_ignored(door, make):
    claimed = make.config_map(
        "a",
        uid="22222222-2222-2222-2222-222222222222",
        creationTimestamp="2001-01-01T00:00:00Z",
        deletionTimestamp="2001-01-01T00:00:00Z",
        deletionGracePeriodSeconds=3,
        generation=7,
    )

    metadata = door.create("configmaps", claimed)["metadata"]

    assert metadata["uid"] != claimed["metadata"]["uid"]
    assert metadata["creationTimestamp"] == "2026-01-01T00:00:00Z"
    assert "deletionTimestamp" not in metadata
    assert "deletionGracePeriodSeconds" not in metadata
    assert metadata["generation"] == 7  # As upstream, for kinds without a generation.


def test_a_kind_with_generation_starts_at_one_with_an_empty_status(door, make):
    sent = {**make.deployment("d"), "status": {"replicas": 9}}

    created = door.create("deployments.apps", sent)

    assert created["metadata"]["generation"] == 1
    assert created["status"] == {}


def test_a_version_on_a_new_object_is_refused_unless_it_means_nothing(door, make):
    refusal = door.refusal(door.create, "configmaps", make.config_map("a", resourceVersion="1"))

    assert (refusal.code, refusal.reason) == (500, "")
    assert refusal.message == "resourceVersion should not be set on objects to be created"
    assert door.create("configmaps", make.config_map("b", resourceVersion="0"))
    assert door.create("configmaps", make.config_map("c", resourceVersion="abc"))


def test_a_taken_name_is_refused(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.create, "configmaps", make.config_map("a", {"k": "v"}))

    assert (refusal.code, refusal.reason) == (409, "AlreadyExists")
    assert refusal.message == 'configmaps "a" already exists'


def test_repeated_owner_references_are_dropped_with_a_warning(door, make):
    owner = {"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}

    response = door.send(
        "create", "configmaps", body=make.config_map("a", ownerReferences=[owner, owner])
    )

    assert response.body["metadata"]["ownerReferences"] == [owner]
    assert response.warnings[0].endswith("duplicate UID(s) observed: u")
