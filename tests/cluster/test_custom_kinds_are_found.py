"""A kind that a definition defines is applied, read and listed like any other."""

import pytest

import kcore
from kcore.errors import ApiError

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"size": {"type": "integer", "default": 1}},
                            }
                        },
                    }
                },
            }
        ],
    },
}
WIDGET = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {}}


def test_objects_follow_their_definition_into_the_cluster():
    cluster = kcore.Cluster(nodes=1)
    cluster.apply(DEFINITION)
    cluster.apply(WIDGET)

    assert cluster.client.get("wd", "w", "default")["spec"] == {"size": 1}
    assert [found["metadata"]["name"] for found in cluster.client.widgets.list()] == ["w"]


def test_forks_find_their_own_kinds():
    cluster = kcore.Cluster(nodes=1)
    fork = cluster.fork()
    fork.apply(DEFINITION)
    fork.apply(WIDGET)

    with pytest.raises(ApiError):
        cluster.client.get("widgets", "w", "default")
    assert fork.client.get("widgets", "w", "default")["metadata"]["name"] == "w"
