"""Field sets behave as Python sets of paths, and know which of their paths lie below others."""

from hypothesis import given

from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet
from kcore.machinery.apply.fields_v1 import (
    fields_of_set,
    fields_text,
    parse_fields_text,
    set_of_fields,
)
from tests.machinery.apply.strategies import field_set_of, path_sets


@given(path_sets, path_sets)
def test_union_intersection_and_difference_are_those_of_paths(left, right):
    a, b = field_set_of(left), field_set_of(right)

    assert set(a.union(b)) == left | right
    assert set(a.intersection(b)) == left & right
    assert set(a.difference(b)) == left - right
    for each in (a.union(b), a.intersection(b), a.difference(b)):
        each.check_invariants()


@given(path_sets, path_sets)
def test_recursive_difference_takes_what_lies_below_too(left, right):
    found = field_set_of(left).recursive_difference(field_set_of(right))

    beginnings = {path[:length] for path in left for length in range(1, len(path) + 1)}
    gone = beginnings & right
    expected = {
        path
        for path in left
        if not any(path[:length] in gone for length in range(1, len(path) + 1))
    }
    assert set(found) == expected


@given(path_sets)
def test_leaves_have_no_path_below_them(paths):
    expected = {
        path
        for path in paths
        if not any(other[: len(path)] == path and other != path for other in paths)
    }

    assert set(field_set_of(paths).leaves()) == expected


@given(path_sets)
def test_size_membership_and_emptiness(paths):
    found = field_set_of(paths)

    assert len(found) == len(paths)
    assert bool(found) == bool(paths)
    assert all(path in found for path in paths)
    assert () not in found


@given(path_sets, path_sets)
def test_equality_is_by_content(left, right):
    a, b = field_set_of(left), field_set_of(right)

    assert (a == b) == (left == right)
    assert hash(a.union(b)) == hash(b.union(a))
    assert a.union(b) == b.union(a)


@given(path_sets)
def test_both_forms_of_fields_v1_read_back(paths):
    found = field_set_of(paths)

    assert parse_fields_text(fields_text(found)) == found
    assert set_of_fields(fields_of_set(found)) == found


def test_operations_answer_with_what_is_there():
    found = FieldSet.of(("a", "b"), ("c",))

    assert found.union(EMPTY_SET) is found
    assert EMPTY_SET.union(found) is found
    assert found.difference(FieldSet.of(("x",))) is found
    assert found.union(FieldSet.of(("a", "b"))) is found
