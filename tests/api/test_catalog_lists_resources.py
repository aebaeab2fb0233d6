"""The catalog of built-in resources."""

from kcore.api.catalog import default_scheme, subresource_bodies
from kcore.machinery.resource import GroupVersionKind


def test_a_kind_is_found_by_its_name():
    info = default_scheme().by_kind("apps/v1", "Deployment")

    assert (str(info.group_resource), info.namespaced) == ("deployments.apps", True)


def test_one_version_of_a_kind_is_preferred():
    versions = {
        info.gvk.version: info.preferred
        for info in default_scheme()
        if (info.gvk.group, info.gvk.kind) == ("autoscaling", "HorizontalPodAutoscaler")
    }

    assert versions == {"v1": False, "v2": True}


def test_the_catalog_is_made_once():
    assert default_scheme() is default_scheme()


def test_subresources_name_the_kind_of_their_body():
    assert subresource_bodies("", "v1", "pods")["binding"] == GroupVersionKind("", "v1", "Binding")
    assert subresource_bodies("apps", "v1", "deployments")["scale"] == GroupVersionKind(
        "autoscaling", "v1", "Scale"
    )
