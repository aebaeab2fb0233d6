"""Decoding beside a stored object gives what decoding alone gives, errors and warnings included."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.apiserver.decoding import decode_as
from kcore.errors import ApiError
from kcore.machinery.frozen import dumps, freeze
from kcore.machinery.resource import GroupVersionKind
from tests.apiserver.conftest import deployment

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")

PATHS = st.sampled_from(
    [
        ("metadata", "labels", "a"),
        ("metadata", "annotations"),
        ("metadata", "finalizers"),
        ("metadata", "bogus"),
        ("spec", "replicas"),
        ("spec", "template", "metadata", "labels", "app"),
        ("spec", "bogus"),
        ("status", "replicas"),
        ("status", "conditions"),
        ("status", "bogus", "deep"),
        ("bogus",),
    ]
)
VALUES = st.sampled_from(
    [None, 0, 1, 1.0, True, "x", "", [], {}, ["a"], {"k": "v"}, [{"type": "T", "status": "True"}]]
)
CHANGES = st.lists(st.tuples(PATHS, VALUES), max_size=4)


def changed(obj, changes):
    for path, value in changes:
        try:
            obj = obj.set(path, value)
        except TypeError:
            continue  # An earlier change put a scalar on the way.
    return obj


def outcome(body, stored):
    try:
        decoded, problems = decode_as(body, DEPLOYMENT, "Warn", stored)
    except ApiError as error:
        return error.code, error.message
    return dumps(decoded), sorted(problems)


@settings(max_examples=200)
@given(first=CHANGES, second=CHANGES)
def test_the_stored_object_makes_no_difference(first, second):
    try:
        stored, _ = decode_as(changed(freeze(deployment("d")), first), DEPLOYMENT, "Ignore")
    except ApiError:
        return
    for body in (changed(stored, second), changed(freeze(deployment("d")), second)):
        assert outcome(body, stored) == outcome(body, None)


def test_equal_parts_are_the_stored_ones():
    stored, _ = decode_as(freeze(deployment("d")), DEPLOYMENT, "Warn")
    body = freeze(deployment("d")).set(("spec", "replicas"), 7).set("status", {"replicas": 1})

    decoded, _ = decode_as(body.set("spec", stored["spec"]), DEPLOYMENT, "Warn", stored)

    assert decoded["spec"] is stored["spec"]
    assert decoded["status"] == {"replicas": 1}
