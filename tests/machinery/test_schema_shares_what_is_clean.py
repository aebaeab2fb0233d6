"""Decoding returns what is already well-formed as it is, down to single subtrees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.api.catalog import default_scheme
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.schema import decode, zero_object

KINDS = sorted(
    {(info.gvk.api_version, info.gvk.kind) for info in default_scheme()},
)


def pod(name, spec):
    return freeze({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec})


def clean_pod():
    spec = {"containers": [{"name": "a", "image": "x", "resources": {}}]}
    return decode(pod("a", spec), "v1", "Pod").object


def test_a_well_formed_object_is_returned_itself():
    once = clean_pod()

    assert decode(once, "v1", "Pod").object is once


def test_only_the_changed_path_is_new():
    once = clean_pod()
    dirty = once.set(("metadata", "colour"), "red")

    again = decode(dirty, "v1", "Pod").object

    assert again == once
    assert again["spec"] is once["spec"]


def test_pods_of_one_template_share_one_decoded_spec():
    spec = freeze({"containers": [{"name": "a", "resources": {"limits": {"cpu": "0.5"}}}]})

    first = decode(pod("a", spec), "v1", "Pod").object
    second = decode(pod("b", spec), "v1", "Pod").object

    assert first["spec"] is second["spec"]


def test_a_spec_with_problems_reports_them_every_time():
    spec = freeze({"containers": [], "colour": "red"})

    assert decode(pod("a", spec), "v1", "Pod").problems
    assert decode(pod("b", spec), "v1", "Pod").problems


@pytest.mark.parametrize(("api_version", "kind"), KINDS)
def test_the_zero_object_of_every_kind_is_well_formed(api_version, kind):
    zero = zero_object(api_version, kind).set("apiVersion", api_version).set("kind", kind)
    decoded = decode(zero, api_version, kind)

    assert decoded.problems == ()
    assert decode(decoded.object, api_version, kind).object is decoded.object


def slice_of(count, **odd):
    endpoints = [
        {"addresses": [f"10.0.0.{n}"], "conditions": {"ready": True}} for n in range(count)
    ]
    endpoints[count // 2].update(odd)
    return freeze({"metadata": {"name": "web"}, "addressType": "IPv4", "endpoints": endpoints})


@pytest.mark.parametrize("count", [3, 40])
def test_elements_of_long_lists_are_told_apart(count):
    gvk = ("discovery.k8s.io/v1", "EndpointSlice")
    clean = slice_of(count)
    known = decode(clean, *gvk).object["endpoints"]
    odd = slice_of(count, colour="red")
    # The same elements around one that is not clean: it is reported each time it is met.
    mixed = clean.set(("endpoints", count // 2), odd["endpoints"][count // 2])
    for _ in range(2):
        decoded = decode(mixed, *gvk)
        assert decoded.problems == (f'unknown field "endpoints[{count // 2}].colour"',)
        assert decoded.object["endpoints"] == known


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "1", "x: y"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "labels", "a", "spec"]), inner, max_size=3)
    ),
    max_leaves=8,
)
POD_FIELDS = st.dictionaries(
    st.sampled_from(["nodeSelector", "tolerations", "nodeName", "hostNetwork", "nonsense"]),
    JSON_VALUES,
    max_size=4,
)


@given(POD_FIELDS)
def test_decoding_twice_is_decoding_once(fields):
    try:
        once = decode(pod("a", fields), "v1", "Pod").object
    except ApiError:
        return
    again = decode(once, "v1", "Pod")

    assert again.object is once
    assert again.problems == ()
