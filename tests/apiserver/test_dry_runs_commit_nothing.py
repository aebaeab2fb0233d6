"""dryRun: the whole answer, none of the effect."""


def test_no_verb_writes(door, make):
    door.create("configmaps", make.config_map("a"))
    before = door.store.revision, door.trace.digest

    created = door.create("configmaps", make.config_map("b"), dry_run=True)
    updated = door.update("configmaps", make.config_map("a", {"x": "y"}), dry_run=True)
    patched = door.patch("configmaps", "a", {"data": {"p": "q"}}, dry_run=True)
    door.delete("configmaps", "a", dry_run=True)

    assert "resourceVersion" not in created["metadata"]
    assert updated["data"] == {"x": "y"}
    assert patched["data"] == {"p": "q"}
    assert (door.store.revision, door.trace.digest) == before
    assert door.names("configmaps") == ["a"]


def test_refusals_are_the_same(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.create, "configmaps", make.config_map("a"), dry_run=True)

    assert refusal.reason == "AlreadyExists"


def test_a_graceful_deletion_shows_the_mark(door, make):
    door.create("pods", make.pod("p", "n1"))

    answered = door.delete("pods", "p", dry_run=True)

    assert answered["metadata"]["deletionGracePeriodSeconds"] == 30
    assert "deletionTimestamp" not in door.get("pods", "p")["metadata"]
