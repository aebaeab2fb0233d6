"""The fields of an object that selectors are matched with."""

import pytest

from kcore.api.field_labels import field_set
from kcore.machinery.frozen import freeze


@pytest.mark.parametrize(
    ("api_version", "kind", "fields"),
    [
        ("v1", "ConfigMap", {"metadata.name": "x", "metadata.namespace": "d"}),
        ("v1", "Namespace", {"metadata.name": "x", "name": "x", "status.phase": ""}),
        ("storage.k8s.io/v1", "StorageClass", {"metadata.name": "x"}),
        (
            "apiregistration.k8s.io/v1",
            "APIService",
            {"metadata.name": "x", "metadata.namespace": "d"},
        ),
        (
            "apps/v1",
            "ReplicaSet",
            {"metadata.name": "x", "metadata.namespace": "d", "status.replicas": "0"},
        ),
    ],
)
def test_field_sets(api_version, kind, fields):
    metadata = {"name": "x", "namespace": "d"}
    obj = freeze({"apiVersion": api_version, "kind": kind, "metadata": metadata})

    assert field_set(obj) == fields
