"""Merging, comparing, extracting and removing along a schema."""

import pytest
from hypothesis import given

from kcore.machinery.apply.comparison import compare
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.item_removal import extract_items, remove_items
from kcore.machinery.apply.merging import merge
from kcore.machinery.apply.typed_value import TypeProblemError, field_set, typed
from kcore.machinery.frozen import freeze
from tests.machinery.apply.strategies import TYPE, as_object, objects


def value(obj, **options):
    return typed(freeze(obj), TYPE, **options)


@given(objects)
def test_merging_what_was_extracted_changes_nothing(obj):
    whole = value(obj)
    part = extract_items(whole, field_set(whole).leaves(), with_keys=True)

    assert merge(whole, part).value is whole.value


@given(objects, objects)
def test_a_merge_has_all_fields_of_both_and_the_second_ones_values(left, right):
    merged = merge(value(left), value(right))

    both = field_set(value(left)).union(field_set(value(right)))
    assert field_set(merged) == both
    change = compare(merged, merge(merged, value(right)))
    assert not change.added.union(change.modified).union(change.removed)


@given(objects, objects)
def test_a_comparison_is_the_difference_of_the_field_sets(left, right):
    change = compare(value(left), value(right))
    ours, theirs = field_set(value(left)), field_set(value(right))

    assert theirs.difference(ours).difference(change.added) == FieldSet()
    assert ours.difference(theirs).difference(change.removed) == FieldSet()
    assert not change.added.intersection(change.removed)
    assert not change.modified.difference(ours.intersection(theirs))


@given(objects)
def test_removing_everything_leaves_nothing(obj):
    whole = value(obj)

    assert (
        not field_set(value(remove_items(whole, field_set(whole)).value))
        .leaves()
        .difference(FieldSet.of(("metadata",), ("spec",), *_containers()))
    )


def _containers():
    return [("spec", name) for name in ("labels", "ports", "words", "whole")]


@given(objects)
def test_removing_nothing_is_the_value_itself(obj):
    whole = value(obj)

    assert remove_items(whole, FieldSet()).value is whole.value
    assert remove_items(whole, FieldSet.of(("spec", "absent"))).value is whole.value


def test_repeated_keys_are_refused_with_path_and_key():
    row = {"port": 1}

    with pytest.raises(TypeProblemError) as caught:
        value(as_object({"ports": [row, {"port": 1, "protocol": "TCP"}]}))

    expected = '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]'
    assert str(caught.value) == expected


def test_unknown_fields_are_refused():
    with pytest.raises(TypeProblemError, match=r"\.spec\.bogus: field not declared in schema"):
        value(as_object({"bogus": 1}))


def test_lists_keep_the_appliers_order():
    left = value(as_object({"words": ["a", "b", "c"]}))

    merged = merge(left, value(as_object({"words": ["c", "a"]})))

    assert list(merged.value["spec"]["words"]) == ["b", "c", "a"]
