"""Who owns what after applies: laws that hold whatever is applied."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.errors import ApiError
from kcore.machinery.apply.field_manager import UPDATERS_COUNT_MAX, FieldManager
from kcore.machinery.apply.field_set import FieldSet, union_of
from kcore.machinery.apply.managed_fields import (
    decode_managed,
    managed_fields_of,
    without_managed_fields,
)
from kcore.machinery.apply.typed_value import field_set, typed
from kcore.machinery.apply.updater import Updater
from kcore.machinery.frozen import freeze
from kcore.machinery.resource import GroupVersionKind
from tests.machinery.apply.strategies import TYPE, VERSION, as_object, objects

EMPTY = freeze({"apiVersion": VERSION, "kind": "Widget"})
MANAGER = FieldManager(GroupVersionKind.of(VERSION, "Widget"), Updater({VERSION: TYPE}), EMPTY)
NOW, LATER = "2024-05-01T12:00:00Z", "2024-05-01T13:00:00Z"


def apply(live, config, name, now=NOW, force=True):
    return MANAGER.apply(live, freeze(config), name, now, lambda merged: merged, force=force)


def update(live, new, name, now=NOW):
    return MANAGER.update(live, freeze(new), None, name, now)


def owned(obj):
    managed = decode_managed(managed_fields_of(obj))
    return {manager.name: each.fields for manager, each in managed.owners.items()}


def fields_of(obj):
    return field_set(typed(without_managed_fields(obj), TYPE))


@given(objects, st.lists(st.tuples(objects, st.sampled_from("ab")), max_size=3))
def test_applying_again_changes_nothing(first, others):
    live = apply(EMPTY, first, "a")
    for config, name in others:
        live = apply(live, config, name)
    last, name = others[-1] if others else (first, "a")

    assert apply(live, last, name, LATER) is live


@given(objects, objects)
def test_a_field_goes_with_its_last_owner(first, second):
    live = apply(EMPTY, first, "a")

    after = apply(live, second, "a")

    assert without_managed_fields(after) == second


@given(objects, objects)
def test_a_field_that_somebody_else_owns_stays(first, second):
    live = apply(apply(EMPTY, first, "a"), second, "b")

    after = apply(live, as_object({}), "a")

    wanted = field_set(typed(second, TYPE))
    assert not wanted.difference(fields_of(after))


@given(objects, objects, objects)
def test_all_fields_are_owned_and_owned_fields_are_there(first, second, third):
    live = update(apply(apply(EMPTY, first, "a"), second, "b"), third, "c")

    present = fields_of(live)
    everybody = union_of(owned(live).values())
    # An updater also owns the maps and lists that it brought into being.
    assert all(path[-1] in CONTAINERS for path in everybody.difference(present))
    nobody = present.difference(everybody).leaves()
    parents = FieldSet.of(("apiVersion",), ("kind",), ("metadata", "name"), ("spec",))
    # Maps and lists that others created come without an owner of their own.
    assert all(path in parents or path[-1] in CONTAINERS for path in nobody)


CONTAINERS = ("spec", "labels", "ports", "words", "metadata")


@given(objects, objects)
def test_without_force_nobody_elses_value_changes(first, second):
    live = apply(EMPTY, first, "a")
    after, refusal = live, None
    try:
        after = apply(live, second, "b", force=False)
    except ApiError as error:
        refusal = error

    assert owned(after).get("a") == owned(live).get("a")
    causes = () if refusal is None else refusal.details.causes
    assert {cause.message for cause in causes} <= {'conflict with "a"'}
    assert refusal is None or refusal.code == 409


def test_a_conflict_names_manager_and_field():
    live = apply(EMPTY, as_object({"size": 1}), "a")

    with pytest.raises(ApiError) as caught:
        apply(live, as_object({"size": 2}), "b", force=False)

    expected = 'Apply failed with 1 conflict: conflict with "a": .spec.size'
    assert str(caught.value) == expected


def test_an_update_takes_fields_and_names_its_version_in_conflicts():
    live = apply(EMPTY, as_object({"size": 1}), "a").set(("metadata", "uid"), "u")
    live = update(live, live.set(("spec", "size"), 3), "tool", LATER)

    with pytest.raises(ApiError, match=r'conflict with "tool" using example.com/v1: \.spec\.size'):
        apply(live, as_object({"size": 1}), "a", force=False)


def test_the_oldest_updaters_become_one():
    live = apply(EMPTY, as_object({"size": 1}), "a").set(("metadata", "uid"), "u")
    live = update(live, live.set(("spec", "note"), "x"), "first")
    for number in range(UPDATERS_COUNT_MAX + 2):
        labels = live.set(("spec", "labels", f"l{number}"), "v")
        live = update(live, labels, f"m{number:02}", f"2024-05-01T12:{number:02}:30Z")

    names = [entry["manager"] for entry in managed_fields_of(live)]
    assert names[0] == "a"
    assert names[1] == "ancient-changes"
    assert len(names) == 1 + UPDATERS_COUNT_MAX


def test_what_nobody_tracked_is_owned_by_before_first_apply():
    live = as_object({"size": 1, "note": "x"}).set(("metadata", "uid"), "u")

    after = apply(live, as_object({"note": "x"}), "a")

    assert owned(after)["before-first-apply"] == FieldSet.of(
        ("spec",), ("spec", "size"), ("spec", "note")
    )


def test_an_update_may_forget_all_owners():
    live = apply(EMPTY, as_object({"size": 1}), "a").set(("metadata", "uid"), "u")

    assert not len(managed_fields_of(MANAGER.update(live, live, freeze([]), "b", NOW)))
