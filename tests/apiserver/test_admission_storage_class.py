"""Claims that name no class get the default one."""

DEFAULT = "storageclass.kubernetes.io/is-default-class"


def storage_class(door, name, default="true"):
    body = {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": {DEFAULT: default}},
        "provisioner": "p.io/x",
    }
    door.create("storageclasses.storage.k8s.io", body)


def claimed_class(door, name="a", **spec):
    body = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            **spec,
        },
    }
    return door.create("persistentvolumeclaims", body)["spec"].get("storageClassName")


def test_without_a_default_nothing_is_chosen(door):
    storage_class(door, "plain", default="false")

    assert claimed_class(door) is None


def test_the_default_is_chosen_unless_the_claim_says_otherwise(door):
    storage_class(door, "fast")

    assert claimed_class(door, "a") == "fast"
    assert claimed_class(door, "b", storageClassName="slow") == "slow"
    assert claimed_class(door, "c", storageClassName="") == ""


def test_the_newest_default_wins_then_the_first_name(door):
    storage_class(door, "b")
    storage_class(door, "a")
    assert claimed_class(door, "x") == "a"

    door.clock.advance_to(door.clock.now_ns() + 1_000_000_000)
    storage_class(door, "c")
    assert claimed_class(door, "y") == "c"
