"""metadata.generation goes up by one exactly when the spec changes."""


def generation(obj):
    return obj["metadata"]["generation"]


def test_a_changed_spec_counts(door, make):
    door.create("deployments.apps", make.deployment("d", 1))

    assert generation(door.update("deployments.apps", make.deployment("d", 2))) == 2
    assert generation(door.patch("deployments.apps", "d", {"spec": {"replicas": 3}})) == 3


def test_the_same_spec_and_labels_do_not(door, make):
    door.create("replicasets.apps", {**make.deployment("r"), "kind": "ReplicaSet"})

    same = door.update("replicasets.apps", {**make.deployment("r"), "kind": "ReplicaSet"})
    labelled = door.patch("replicasets.apps", "r", {"metadata": {"labels": {"a": "b"}}})

    assert generation(same) == generation(labelled) == 1


def test_a_clients_number_is_ignored(door, make):
    created = door.create("deployments.apps", make.deployment("d"))

    updated = door.update("deployments.apps", created.set(("metadata", "generation"), 40))

    assert generation(updated) == 1


def test_annotations_of_a_deployment_count_as_upstream_has_it(door, make):
    door.create("deployments.apps", make.deployment("d"))

    updated = door.patch("deployments.apps", "d", {"metadata": {"annotations": {"a": "b"}}})

    assert generation(updated) == 2


def test_a_graceful_deletion_counts_once(door, make):
    door.create("pods", make.pod("p", "n1"))

    assert generation(door.delete("pods", "p")) == 2
    assert generation(door.delete("pods", "p", grace_period_s=5)) == 2
