"""Objects of another cluster keep what they are; what cannot be taken is refused or named."""

import pytest

from kcore.cluster.importing import ForeignObject, import_objects
from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import EPOCH_NS

BORN = "2026-03-01T10:00:00Z"


def foreign(kind, name, revision, namespace="", **more):
    metadata = {"name": name, "uid": f"{kind}/{name}", "creationTimestamp": BORN}
    metadata |= {"namespace": namespace} if namespace else {}
    metadata |= more.pop("metadata", {})
    value = {"apiVersion": "v1", "kind": kind, "metadata": metadata, **more}
    return ForeignObject(f"line {revision}", freeze(value), revision, revision, 1)


def node(**capacity):
    return foreign("Node", "n", 3, status={"capacity": capacity})


def test_places_revisions_and_time():
    found = import_objects(
        [foreign("ConfigMap", "b", 7, "default"), foreign("ConfigMap", "a", 5, "default")], 9
    )

    found.world.server.context.storage.check_invariants()
    view = found.world.store.view("configmaps")
    assert [entry.key for entry in view.range()] == ["default/a", "default/b"]
    assert view.get("default/b").value.metadata.resourceVersion == "7"
    assert found.world.store.revision == 9
    assert found.world.clock.now_ns() > EPOCH_NS
    assert found.counts == {"configmaps": 2}


def test_a_node_gets_a_machine_of_its_size():
    (spec,) = import_objects(
        [node(cpu="3", memory="5Gi", pods="7", **{"a/b": "2", "hugepages-2Mi": "0"})], 3
    ).config.nodes

    shape = spec.shape
    assert (shape.cpu, shape.memory, shape.pods_count) == ("3", "5Gi", 7)
    assert shape.extended == {"a/b": "2"}


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (foreign("ConfigMap", "a", 2), "has no namespace"),
        (foreign("Node", "a", 2, "default"), "has a namespace"),
        (foreign("Nothing", "a", 2), "v1 Nothing is not served"),
        (foreign("", "a", 2), "names no apiVersion and kind"),
        (foreign("ConfigMap", "", 2, "default"), "has no name"),
        (foreign("ConfigMap", "a", 2, "default", metadata={"uid": ""}), "has no uid"),
        (
            foreign("ConfigMap", "a", 2, "default", metadata={"creationTimestamp": "today"}),
            "creationTimestamp: ",
        ),
    ],
)
def test_what_has_no_place_is_left_out_and_named(one, reason):
    found = import_objects([one], 2)

    assert found.counts == {}
    assert [left.place for left in found.left_out] == ["line 2"]
    assert found.left_out[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        (
            [foreign("ConfigMap", "a", 2, "default"), foreign("ConfigMap", "a", 3, "default")],
            "line 3: configmaps/default/a: is there twice",
        ),
        (
            [
                foreign("ConfigMap", "a", 2, "default"),
                foreign("ConfigMap", "b", 3, "default", metadata={"uid": "ConfigMap/a"}),
            ],
            "line 3: configmaps/default/b: has the uid of line 2",
        ),
        ([node(pods="many")], "nodes/n: status.capacity.pods: quantities must match"),
        ([node(cpu="x")], "nodes/n: status.capacity.cpu: quantities must match"),
    ],
)
def test_contradictions_are_refused(objects, message):
    with pytest.raises(ManifestError) as caught:
        import_objects(objects, 9)
    assert str(caught.value).startswith(message)


def test_nothing_at_all():
    assert import_objects([], 1).world.store.revision == 1
