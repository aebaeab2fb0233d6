"""Huge and odd input: refused or handled, in time that grows with its size."""

import time

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError
from kcore.limits import NESTING_COUNT_MAX
from kcore.machinery.apply.comparison import compare
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.fields_v1 import FieldsV1Error, fields_text, parse_fields_text
from kcore.machinery.apply.item_removal import remove_items
from kcore.machinery.apply.managed_fields import ManagedFieldsError, decode_managed
from kcore.machinery.apply.merging import merge
from kcore.machinery.apply.typed_schema import DEDUCED_REF
from kcore.machinery.apply.typed_value import TypeProblemError, field_set, typed
from kcore.machinery.frozen import freeze
from kcore.machinery.request import JSON_PATCH, Request
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.machinery.apply.strategies import TYPE, as_object

COUNT = 5_000
# Far above what linear work takes, far below what quadratic work would.
PATIENCE_S = 5.0


@pytest.fixture(autouse=True)
def bounded():
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < PATIENCE_S


def ports(numbers):
    return freeze(as_object({"ports": [{"port": number} for number in numbers]}))


def test_a_huge_list_that_repeats_one_key_is_refused():
    with pytest.raises(TypeProblemError) as caught:
        typed(ports([1] * COUNT), TYPE)

    assert len(caught.value.problems) == COUNT - 1


def test_huge_lists_in_opposite_orders_merge():
    left, right = ports(range(COUNT)), ports(range(COUNT, 0, -1))

    merged = merge(typed(left, TYPE), typed(right, TYPE))

    assert len(merged.value["spec"]["ports"]) == COUNT + 1


def test_repeated_elements_that_are_there_are_owned_as_one():
    found = field_set(typed(ports([1] * COUNT), TYPE, allow_duplicates=True))

    assert len(found.below("spec").below("ports").members) == 1


def test_text_that_nests_too_deeply_is_refused():
    with pytest.raises(FieldsV1Error):
        parse_fields_text('{"f:a":' * 100_000)


def test_a_wide_set_reads_back():
    found = FieldSet.of(*((f"k{number}", "x") for number in range(COUNT)))

    assert parse_fields_text(fields_text(found)) == found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "operation must be `Apply` or `Update`"),
        ({"operation": "Apply"}, "apiVersion must not be empty"),
        (
            {"operation": "Apply", "apiVersion": "v1"},
            "missing fieldsType in managed fields entry 0",
        ),
        (
            {"operation": "Update", "apiVersion": "v1", "fieldsType": "X"},
            'invalid fieldsType "X" in managed fields entry 0',
        ),
        (
            {
                "operation": "Update",
                "apiVersion": "v1",
                "fieldsType": "FieldsV1",
                "fieldsV1": {"q": {}},
            },
            "key must be 2 characters long",
        ),
    ],
)
def test_malformed_entries_are_refused_by_rule(entry, message):
    with pytest.raises(ManagedFieldsError, match=message):
        decode_managed(freeze([entry]))


def nested(depth, leaf):
    value = leaf
    for _ in range(depth):
        value = {"a": value}
    return freeze({"apiVersion": "example.com/v1", "kind": "Widget", "free": value})


def test_values_as_deep_as_json_may_be_are_walked():
    depth = NESTING_COUNT_MAX - 2
    left, right = (typed(nested(depth, leaf), DEDUCED_REF) for leaf in (1, 2))

    change = compare(left, right)

    assert [len(path) for path in change.modified] == [depth + 1]
    assert merge(left, right).value == right.value
    assert remove_items(left, field_set(left)).value is None


def test_ten_thousand_operations_are_applied_one_more_is_refused(patched):
    operations = [{"op": "add", "path": f"/data/k{number}", "value": "v"} for number in range(10)]

    assert len(patched(operations * 1_000)["data"]) == 11
    with pytest.raises(ApiError) as caught:
        patched(operations * 1_000 + operations[:1])
    assert caught.value.code == 413


@pytest.fixture
def patched():
    """A JSON patch through the server onto one small object."""
    server = APIServer(
        Store(), default_scheme(), VirtualClock(), SeededSource(1), Trace(), plugins=()
    )
    place = {"resource": "configmaps", "namespace": "default"}
    body = freeze({"metadata": {"name": "a"}, "data": {"k": "v"}})
    server.handle(Request("create", body=body, **place))

    def patch(operations):
        body = freeze({"operations": operations})
        request = Request("patch", name="a", body=body, patch_type=JSON_PATCH, **place)
        return server.handle(request).body

    return patch
