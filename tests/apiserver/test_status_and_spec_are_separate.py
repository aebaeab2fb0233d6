"""The main endpoint never writes status; /status never writes anything but status and metadata."""


def test_the_main_endpoint_keeps_the_status(door, make):
    created = door.create("deployments.apps", make.deployment("d"))
    door.update("deployments.apps", created.set("status", {"replicas": 3}), subresource="status")

    updated = door.update("deployments.apps", {**make.deployment("d", 5), "status": {}})

    assert updated["spec"]["replicas"] == 5
    assert updated["status"]["replicas"] == 3


def test_the_status_endpoint_keeps_the_spec_and_generation(door, make):
    door.create("deployments.apps", make.deployment("d", 1))
    sent = {**make.deployment("d", 9), "status": {"replicas": 1, "observedGeneration": 1}}

    updated = door.update("deployments.apps", sent, subresource="status")

    assert updated["spec"]["replicas"] == 1
    assert updated["metadata"]["generation"] == 1
    assert updated["status"]["observedGeneration"] == 1


def test_the_status_endpoint_may_write_annotations_but_not_a_deployments_labels(door, make):
    door.create("deployments.apps", make.deployment("d"))
    patch = {
        "metadata": {"annotations": {"a": "b"}, "labels": {"from": "status"}},
        "status": {"replicas": 5},
    }

    updated = door.patch("deployments.apps", "d", patch, subresource="status")

    assert updated["metadata"]["annotations"] == {"a": "b"}
    assert "labels" not in updated["metadata"]
    assert updated["status"]["replicas"] == 5


def test_a_pods_owner_references_and_class_survive_a_kubelets_report(door, make):
    owner = {"apiVersion": "v1", "kind": "X", "name": "n", "uid": "u"}
    created = door.create("pods", make.pod("p", ownerReferences=[owner]))
    report = created.remove(("metadata", "ownerReferences")).set("status", {"phase": "Running"})

    updated = door.update("pods", report, subresource="status")

    assert updated["metadata"]["ownerReferences"] == [owner]
    assert updated["status"] == {"phase": "Running", "qosClass": "BestEffort"}


def test_kinds_without_status_have_no_such_path(door, make):
    door.create("configmaps", make.config_map("a"))

    refusal = door.refusal(door.get, "configmaps", "a", subresource="status")

    assert (refusal.code, refusal.reason) == (404, "NotFound")
    assert refusal.message == "the server could not find the requested resource"


def test_status_takes_no_create_or_delete(door, make):
    door.create("pods", make.pod("p"))

    for verb in ("create", "delete"):
        refusal = door.refusal(door.send, verb, "pods", "p", subresource="status")
        assert (refusal.code, refusal.reason) == (405, "MethodNotAllowed")
