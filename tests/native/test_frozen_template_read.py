"""`read` finds the parts from which a template or a patch makes a value, and nothing else."""

import gc
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin

KEYS = st.sampled_from(["a", "b", "c", "-"])
SCALARS = st.sampled_from([None, True, 0, 1, 1.0, 1.5, "", "x", "a text"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
ROOTS = st.dictionaries(KEYS, VALUES, max_size=3) | st.lists(VALUES, max_size=3)
STEPS = st.one_of(KEYS, st.integers(-2, 2))
PATHS = st.lists(st.lists(STEPS, max_size=3).map(tuple), max_size=3)


def made(template, parts):
    try:
        return template(*parts)
    except (TypeError, IndexError, ValueError):
        return None


@settings(max_examples=400)
@given(ROOTS, PATHS, st.lists(VALUES, min_size=3, max_size=3), ROOTS)
def test_both_kernels_read_the_same(compiled, model, paths, parts, other):
    definition = twin.Template(twin.freeze(model), *paths)
    template = compiled.Template(compiled.freeze(model), *paths)
    copy = made(definition, parts[: len(paths)])
    values = [model, other, *([twin.thaw(copy)] if isinstance(copy, twin.FrozenMap) else [])]
    for value in values:
        expected = definition.read(twin.freeze(value))
        found = template.read(compiled.freeze(value))
        assert compiled.thaw(compiled.freeze(found)) == twin.thaw(twin.freeze(expected))
        texts = definition.read_texts(twin.freeze(value))
        assert template.read_texts(compiled.freeze(value)) == texts


@settings(max_examples=200)
@given(ROOTS, PATHS, st.lists(VALUES, min_size=3, max_size=3), ROOTS)
def test_a_patch_reads_like_the_template_of_its_value(kernel, model, paths, parts, other):
    patch, model = kernel.Patch(*paths), kernel.freeze(model)
    template = kernel.Template(model, *paths)
    for value in (model, kernel.freeze(other), made(template, parts[: len(paths)])):
        if isinstance(value, kernel.FrozenMap | kernel.FrozenList):
            assert patch.read(model, value) == template.read(value)


@settings(max_examples=200)
@given(ROOTS, PATHS, st.lists(VALUES, min_size=3, max_size=3))
def test_what_was_put_in_is_read(kernel, model, paths, parts):
    template = kernel.Template(kernel.freeze(model), *paths)
    copy = made(template, parts[: len(paths)])
    if not isinstance(copy, kernel.FrozenMap | kernel.FrozenList):
        return
    found = template.read(copy)
    if found is not None:  # "-" reads nothing, and parts of parts may have gone again.
        assert template(*found) == copy


@pytest.fixture
def event(kernel):
    return kernel.freeze(
        {
            "metadata": {"name": "n", "namespace": "d"},
            "about": {"kind": "Pod", "name": "p"},
            "list": [{"x": 1}, 2],
            "message": "m",
        }
    )


def test_a_copy_is_read_whatever_it_holds(kernel, event):
    template = kernel.Template(event, ("metadata", "name"), "message", ("list", 0, "x"))
    for parts in (("n", "m", 1), ("other", "", None), ({"a": [1]}, [], "x")):
        assert template.read(template(*parts)) == tuple(map(kernel.freeze, parts))


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("metadata", "namespace"), "e"),
        (("metadata", "labels"), {}),
        (("about", "kind"), "Node"),
        (("list", 1), 3),
        (("list",), []),
        (("new",), 1),
        (("metadata",), None),
    ],
)
def test_anything_else_is_no_copy(kernel, event, steps, value):
    template = kernel.Template(event, ("metadata", "name"), "message", ("list", 0, "x"))
    assert template.read(event.set(steps, value)) is None


def test_texts_are_read_where_there_is_nothing_else(kernel, event):
    template = kernel.Template(event, ("metadata", "name"), "message")
    assert template.read_texts(template("other", "x")) == ("other", "x")
    for parts in (("", "x"), ("n", None), ("n", 1), ("n", ["x"]), ({}, "x")):
        assert template.read_texts(template(*parts)) is None
    assert template.read_texts(event.set("about", "x")) is None
    assert kernel.Template(event).read_texts(event) == ()


def test_a_key_that_the_template_lacks_is_read(kernel, event):
    template = kernel.Template(event, ("about", "uid"))
    assert template.read(template("u")) == ("u",)
    assert template.read(event) is None  # A copy would have a null there.


def test_places_count_from_the_end_of_a_list_too(kernel, event):
    template = kernel.Template(event, ("list", -1), ("list", -2, "x"))
    assert template.read(template("last", "first")) == ("last", "first")
    assert template.read(event.set(("list", 0), 7)) is None


def test_a_key_that_is_new_is_read(kernel, event):
    patch = kernel.Patch(("about", "uid"), ("metadata", "name"), "zone")
    assert patch.read(event, patch(event, "u", "m", None)) == ("u", "m", None)
    assert patch.read(event, patch(event, "u", "m", 1).set(("about", "other"), 1)) is None
    assert patch.read(event, patch(event, "u", "m", 1).remove("message")) is None


@pytest.mark.parametrize("wrong", [(), ({},), (None, None), ("x", 1), (1, 2, 3)])
def test_a_patch_reads_two_frozen_values(kernel, event, wrong):
    with pytest.raises(TypeError):
        kernel.Patch("message").read(*wrong)
    with pytest.raises(TypeError):
        kernel.Patch("message").read(event, *wrong[:1])


def test_no_paths(kernel, event):
    assert kernel.Template(event).read(event) == ()
    assert kernel.Template(event).read(event.set("message", "")) is None


@pytest.mark.parametrize("value", [None, 1, "x", {}, []])
def test_only_frozen_values_are_read(kernel, event, value):
    with pytest.raises(TypeError, match="paths lead through frozen maps and lists"):
        kernel.Template(event, "message").read(value)
    with pytest.raises(TypeError, match="paths lead through frozen maps and lists"):
        kernel.Template(event, "message").read_texts(value)


def test_parts_are_not_kept(compiled, event):
    marker = "a text that nobody else holds " * 2
    event = compiled.freeze({"a": {"b": marker}, "n": 1})
    template = compiled.Template(compiled.freeze({"a": {"b": ""}, "n": 1}), ("a", "b"))
    gc.collect()
    references = sys.getrefcount(marker)
    for value in (event, event.set("n", 2), compiled.EMPTY_MAP):
        for _ in range(100):
            template.read(value)
            template.read_texts(value)
            compiled.Patch(("a", "b")).read(template.value, value)
    assert sys.getrefcount(marker) == references
