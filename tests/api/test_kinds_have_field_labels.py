"""Fields that selectors may name, beyond name and namespace."""

from kcore.api.field_labels import refusal
from kcore.api.rules import rules_for
from tests.api.answers import defaulted, new_object, pod


def labels_of(obj):
    group = obj["apiVersion"].rpartition("/")[0]
    found = defaulted(obj)
    return {
        label: read(found) for label, read in rules_for(group, obj["kind"]).field_labels.items()
    }


def test_pods_by_node_and_phase():
    labels = labels_of(pod(nodeName="n"))

    assert labels["spec.nodeName"] == "n"
    assert labels["spec.restartPolicy"] == "Always"
    assert labels["status.phase"] == ""


def test_secrets_by_type():
    assert labels_of(new_object("v1", "Secret"))["type"] == "Opaque"


def test_custom_kinds_have_none():
    assert labels_of(new_object("example.com/v1", "Widget")) == {}


def test_the_new_events_speak_of_what_they_regard():
    for field in ("regarding.name", "regarding.uid", "reportingController", "reason", "type"):
        assert refusal("events.k8s.io", "Event", field) == ""
    for field in ("involvedObject.name", "reportingComponent", "source"):
        assert refusal("events.k8s.io", "Event", field) == f"field label not supported: {field}"
        assert refusal("", "Event", field) == ""


def test_slices_are_named_in_full():
    assert refusal("resource.k8s.io", "ResourceSlice", "spec.driver") == ""
    assert refusal("resource.k8s.io", "ResourceSlice", "metadata.namespace") == (
        "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: metadata.namespace"
    )
