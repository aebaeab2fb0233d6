"""What the body says and what the URL says must be the same thing."""


def test_another_name_is_refused(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.update, "configmaps", make.config_map("b"), name="a")

    assert (refusal.code, refusal.message) == (
        400,
        "the name of the object (b) does not match the name on the URL (a)",
    )


def test_a_missing_name_is_refused_on_update(door, make):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}

    refusal = door.refusal(door.update, "configmaps", body, name="a")

    assert refusal.message == (
        "the name of the object (a based on URL) was undeterminable: name must be provided"
    )


def test_another_namespace_is_refused(door, make):
    body = make.config_map("a", namespace="other")

    for call in (door.create, door.update):
        refusal = door.refusal(call, "configmaps", body)
        assert (refusal.code, refusal.message) == (
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        )


def test_cluster_scoped_objects_lose_a_namespace(door):
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "namespace": "x"}}

    assert "namespace" not in door.create("nodes", node)["metadata"]


def test_a_namespaced_create_needs_a_namespace(door, make):
    refusal = door.refusal(door.create, "configmaps", make.config_map("a"), namespace="")

    assert (refusal.code, refusal.reason) == (405, "MethodNotAllowed")


def test_another_kind_is_refused(door):
    refusal = door.refusal(
        door.create, "configmaps", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}
    )

    assert refusal.message == (
        'Secret in version "v1" cannot be handled as a ConfigMap: '
        "converting (v1.Secret) to (core.ConfigMap): unknown conversion"
    )


def test_an_unknown_version_is_refused(door):
    body = {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "a"}}

    assert door.refusal(door.create, "configmaps", body).message == (
        'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is '
        'registered for version "v2" in scheme "pkg/runtime/scheme.go:111"'
    )


def test_kind_and_version_may_be_left_out(door):
    created = door.create("configmaps", {"metadata": {"name": "a"}})

    assert (created["apiVersion"], created["kind"]) == ("v1", "ConfigMap")


def test_unknown_resources_and_verbs_are_refused(door):
    assert door.refusal(door.list, "nonsense").code == 404
    assert door.refusal(door.send, "deletecollection", "namespaces").code == 405
    assert door.refusal(door.get, "pods", "p", subresource="nonsense").code == 404
