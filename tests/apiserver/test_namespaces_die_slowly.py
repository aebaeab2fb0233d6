"""Namespaces: Terminating first, nothing new inside, gone when finalized."""

import pytest


@pytest.fixture
def space(door):
    door.create("namespaces", {"metadata": {"name": "x"}})
    return door


def test_a_new_namespace_is_active_with_label_and_finalizer(space):
    namespace = space.get("namespaces", "x")

    assert namespace["status"] == {"phase": "Active"}
    assert namespace["spec"] == {"finalizers": ["kubernetes"]}
    assert namespace["metadata"]["labels"] == {"kubernetes.io/metadata.name": "x"}


def test_deletion_marks_it_and_closes_it(space, make):
    space.create("configmaps", make.config_map("a"), namespace="x")

    marked = space.delete("namespaces", "x")

    assert marked["status"]["phase"] == "Terminating"
    assert "deletionTimestamp" in marked["metadata"]
    assert space.delete("namespaces", "x") == marked
    refusal = space.refusal(space.create, "configmaps", make.config_map("b"), namespace="x")
    assert (refusal.code, refusal.message) == (
        403,
        'configmaps "b" is forbidden: unable to create new content in namespace x because it is '
        "being terminated",
    )
    assert refusal.to_status()["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    assert space.update("configmaps", make.config_map("a", {"k": "v"}), namespace="x")


def test_finalize_lets_it_go(space):
    space.delete("namespaces", "x")
    body = {"metadata": {"name": "x"}, "spec": {"finalizers": []}}

    answered = space.update("namespaces", body, subresource="finalize")

    assert answered["spec"] == {}
    assert space.refusal(space.get, "namespaces", "x").code == 404


def test_finalizers_change_through_finalize_only(space):
    kept = space.update("namespaces", {"metadata": {"name": "x"}, "spec": {"finalizers": ["a/b"]}})
    changed = space.update(
        "namespaces",
        {"metadata": {"name": "x"}, "spec": {"finalizers": ["kubernetes", "e.io/x"]}},
        subresource="finalize",
    )

    assert kept["spec"]["finalizers"] == ["kubernetes"]
    assert changed["spec"]["finalizers"] == ["kubernetes", "e.io/x"]


def test_a_finalizer_needs_a_domain(space):
    body = {"metadata": {"name": "x"}, "spec": {"finalizers": ["bad"]}}

    refusal = space.refusal(space.update, "namespaces", body, subresource="finalize")

    assert refusal.message == (
        'Namespace "x" is invalid: spec.finalizers[0]: Invalid value: "bad": '
        "name is neither a standard finalizer name nor is it fully qualified"
    )


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_some_namespaces_never_die(door, name):
    refusal = door.refusal(door.delete, "namespaces", name)

    assert (refusal.code, refusal.message) == (
        403,
        f'namespaces "{name}" is forbidden: this namespace may not be deleted',
    )


def test_nothing_is_born_in_a_missing_namespace(door, make):
    for resource, obj in (("configmaps", make.config_map("a")), ("pods", make.pod("p"))):
        refusal = door.refusal(door.create, resource, obj, namespace="nope")
        assert (refusal.code, refusal.message) == (404, 'namespaces "nope" not found')
