"""Finalizers: marked once, no new ones afterwards, gone with the last one; propagation policies."""

import pytest


def finalizers(obj):
    return list(obj["metadata"].get("finalizers") or ())


def test_a_finalizer_keeps_the_object_until_it_is_removed(door, make):
    created = door.create("configmaps", make.config_map("a", finalizers=["e.io/f"]))
    stream = door.watch("configmaps", resource_version=created["metadata"]["resourceVersion"])

    marked = door.delete("configmaps", "a")
    again = door.delete("configmaps", "a")
    last = door.patch("configmaps", "a", {"metadata": {"finalizers": None}})

    assert marked["metadata"]["deletionGracePeriodSeconds"] == 0
    assert again == marked
    assert last["metadata"]["resourceVersion"] == marked["metadata"]["resourceVersion"]
    assert door.refusal(door.get, "configmaps", "a").code == 404
    gone = [event.type for event in iter(stream.next, None)]
    assert gone == ["MODIFIED", "DELETED"]


def test_a_marked_object_gets_no_new_finalizer(door, make):
    door.create("configmaps", make.config_map("a", finalizers=["e.io/f"]))
    door.delete("configmaps", "a")

    refusal = door.refusal(
        door.patch, "configmaps", "a", {"metadata": {"finalizers": ["e.io/f", "e.io/new"]}}
    )

    assert refusal.code == 422
    assert 'found new finalizers []string{"e.io/new"}' in refusal.message


def test_a_marked_object_keeps_its_name_taken(door, make):
    door.create("configmaps", make.config_map("a", finalizers=["e.io/f"]))
    door.delete("configmaps", "a")

    refusal = door.refusal(door.create, "configmaps", make.config_map("a"))

    assert refusal.message == 'object is being deleted: configmaps "a" already exists'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("Foreground", ["e.io/f", "foregroundDeletion"]),
        ("Orphan", ["e.io/f", "orphan"]),
        ("Background", ["e.io/f"]),
    ],
)
def test_policies_set_their_finalizer(door, make, policy, expected):
    door.create("configmaps", make.config_map("a", finalizers=["e.io/f"]))

    assert finalizers(door.delete("configmaps", "a", propagation_policy=policy)) == expected
    assert finalizers(door.delete("configmaps", "a", propagation_policy="Background")) == ["e.io/f"]


def test_foreground_holds_an_object_without_finalizers(door, make):
    door.create("configmaps", make.config_map("a"))

    marked = door.delete("configmaps", "a", propagation_policy="Foreground")

    assert finalizers(marked) == ["foregroundDeletion"]
    assert door.names("configmaps") == ["a"]


def test_the_default_policy_depends_on_the_kind(door, make):
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [{"name": "c", "image": "img:1"}],
                }
            }
        },
    }
    door.create("jobs.batch", job)
    door.create("deployments.apps", make.deployment("d"))

    answer = door.send("delete", "jobs.batch", "j")
    door.delete("deployments.apps", "d")

    assert finalizers(answer.body) == ["orphan"]
    assert "child pods are preserved by default" in answer.warnings[0]
    assert door.names("deployments.apps") == []


def test_an_unknown_policy_is_refused(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.delete, "configmaps", "a", propagation_policy="Bogus")

    assert refusal.message == (
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Bogus": '
        'supported values: "Foreground", "Background", "Orphan", "nil"'
    )


def test_preconditions_are_honoured(door, make):
    metadata = door.create("configmaps", make.config_map("a"))["metadata"]

    uid = door.refusal(door.delete, "configmaps", "a", uid="7" * 8)
    version = door.refusal(door.delete, "configmaps", "a", resource_version="1")

    assert uid.message == (
        'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (77777777) '
        f"does not match the UID in record ({metadata['uid']}). "
        "The object might have been deleted and then recreated"
    )
    assert version.code == 409
    answer = door.delete(
        "configmaps", "a", uid=metadata["uid"], resource_version=metadata["resourceVersion"]
    )
    assert answer["details"] == {"kind": "configmaps", "name": "a", "uid": metadata["uid"]}


def test_some_kinds_answer_with_the_object(door, make):
    door.create("services", make.service("s"))

    assert door.delete("services", "s")["kind"] == "Service"
