"""Fields that selectors may name, beyond name and namespace."""

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
