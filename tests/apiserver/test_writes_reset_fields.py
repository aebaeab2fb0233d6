"""Which fields a write through an endpoint never owns."""

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.endpoint import build_endpoint
from kcore.apiserver.reset_fields import reset_fields, reset_paths, reset_versions
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet


def endpoint(api_version, kind):
    return build_endpoint(default_scheme().by_kind(api_version, kind))


@pytest.mark.parametrize(
    ("api_version", "kind", "subresource", "paths"),
    [
        ("v1", "ConfigMap", "", ()),
        ("apps/v1", "ReplicaSet", "", (("status",),)),
        ("apps/v1", "ReplicaSet", "status", (("spec",),)),
        ("apps/v1", "Deployment", "status", (("spec",), ("metadata", "labels"))),
        ("storage.k8s.io/v1", "VolumeAttachment", "status", (("metadata",), ("spec",))),
        ("v1", "Namespace", "finalize", (("status",),)),
        ("apps/v1", "ReplicaSet", "scale", ()),
    ],
)
def test_reset_fields(api_version, kind, subresource, paths):
    found = reset_fields(endpoint(api_version, kind), subresource)

    assert found == (FieldSet.of(*paths) if paths else EMPTY_SET)


def test_a_strategy_may_say_more_than_its_store_uses():
    pods = endpoint("v1", "Pod")

    assert reset_paths("pods", "resize", True) == (("status",),)
    assert reset_fields(pods, "resize") == EMPTY_SET


def test_sets_are_listed_for_every_version_there_was():
    assert reset_versions(endpoint("networking.k8s.io/v1", "Ingress")) == (
        "extensions/v1beta1",
        "networking.k8s.io/v1",
        "networking.k8s.io/v1beta1",
    )
    assert reset_versions(endpoint("v1", "Pod")) == ("v1",)
