"""A user's own functions in place of webhooks."""

from kcore.apiserver.admission.plugins import Callback


def test_a_mutating_function_changes_the_object(door, make):
    def label(attributes):
        return attributes.object.set(("metadata", "labels", "seen"), attributes.operation)

    door.server.add_plugins([Callback("labels", mutating=label, resources=("configmaps",))])

    created = door.create("configmaps", make.config_map("a"))
    updated = door.update("configmaps", make.config_map("a", {"k": "v"}))

    assert created["metadata"]["labels"] == {"seen": "CREATE"}
    assert updated["metadata"]["labels"] == {"seen": "UPDATE"}
    assert "labels" not in door.create("pods", make.pod("p"))["metadata"]


def test_a_validating_function_refuses_with_its_reason(door, make):
    def no_latest(attributes):
        containers = attributes.object["spec"]["containers"]
        latest = any(one["image"].endswith(":latest") for one in containers)
        return "pin your images" if latest else None

    door.server.add_plugins([Callback("pins", validating=no_latest, resources=("pods",))])
    body = make.pod("p")
    body["spec"]["containers"][0]["image"] = "img:latest"

    refusal = door.refusal(door.create, "pods", body)

    assert (refusal.code, refusal.message) == (
        403,
        'pods "p" is forbidden: admission webhook "pins" denied the request: pin your images',
    )
    assert door.create("pods", make.pod("q"))


def test_it_sees_old_and_new_and_the_user(door, make):
    seen = []

    def note(attributes):
        seen.append((attributes.name, attributes.old_object is None, attributes.user))

    door.server.add_plugins([Callback("notes", validating=note)])
    door.send("create", "configmaps", body=make.config_map("a"), user="alice")
    door.update("configmaps", make.config_map("a", {"k": "v"}))

    assert seen == [("a", True, "alice"), ("a", False, "")]


def test_deletions_are_asked_about_too(door, make):
    never = Callback("keep", validating=lambda _: "no", operations=("DELETE",))
    door.server.add_plugins([never])
    door.create("configmaps", make.config_map("a"))

    assert door.refusal(door.delete, "configmaps", "a").code == 403
    assert door.names("configmaps") == ["a"]


def test_a_fork_keeps_the_hooks(door, make):
    door.server.add_plugins([Callback("no", validating=lambda _: "no")])

    assert door.fork().refusal(door.create, "configmaps", make.config_map("a")).code == 403
