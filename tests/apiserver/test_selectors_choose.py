"""Label and field selectors on lists and deletecollection."""

import pytest

from kcore.machinery.request import ListOptions


@pytest.fixture
def pods(door, make):
    door.create("pods", make.pod("a", "n1", labels={"app": "web", "tier": "1"}))
    door.create("pods", make.pod("b", "n2", labels={"app": "web"}))
    door.create("pods", make.pod("c", labels={"app": "db"}))
    return door


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=web", ["a", "b"]),
        ("app!=web", ["c"]),
        ("app in (db),!tier", ["c"]),
        ("tier", ["a"]),
        ("app=web,tier=1", ["a"]),
    ],
)
def test_labels(pods, selector, names):
    assert pods.names("pods", label_selector=selector) == names


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("spec.nodeName=n1", ["a"]),
        ("spec.nodeName=", ["c"]),
        ("spec.nodeName!=", ["a", "b"]),
        ("metadata.name=b", ["b"]),
        ("metadata.name!=b", ["a", "c"]),
        ("metadata.name=b,spec.nodeName=n1", []),
        ("metadata.namespace=default,status.phase=Pending", ["a", "b", "c"]),
    ],
)
def test_fields(pods, selector, names):
    assert pods.names("pods", field_selector=selector) == names
    assert pods.names("pods", namespace="", field_selector=selector) == names


def test_both(pods):
    assert pods.names("pods", label_selector="app=web", field_selector="spec.nodeName=n2") == ["b"]


def test_a_field_the_kind_does_not_offer_is_refused(pods):
    refusal = pods.refusal(pods.list, "pods", field_selector="spec.x=1")
    generic = pods.refusal(pods.list, "configmaps", field_selector="data.x=1")

    assert (refusal.code, refusal.message) == (400, "field label not supported: spec.x")
    assert generic.message == (
        '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"'
    )


def test_a_selector_that_does_not_parse_is_refused(pods):
    refusal = pods.refusal(pods.list, "pods", label_selector="x in (1")

    assert (refusal.code, refusal.message) == (
        400,
        "unable to parse requirement: found '', expected: ',' or ')'",
    )


def test_a_collection_is_deleted_by_selector(pods):
    answer = pods.send(
        "deletecollection", "pods", list_options=ListOptions(label_selector="app=db")
    )

    assert [obj["metadata"]["name"] for obj in answer.body["items"]] == ["c"]
    assert pods.names("pods") == ["a", "b"]
