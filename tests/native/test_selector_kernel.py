"""Conditions on a map of texts, on both kernels and every kind of map."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from kcore import _native
from kcore._native.reference import frozen as frozen_twin
from kcore.machinery import labels

LABELS = {"app": "web", "tier": "front", "cpu": "4", "nothing": None}
MANY = {f"key-{number}": str(number) for number in range(30)}


class Text(str):
    """A str that lies about equality: no kernel may ask it."""

    def __eq__(self, other):
        raise AssertionError("asked")

    __hash__ = str.__hash__


@pytest.fixture(params=["dict", "proxy", "twin", "compiled"])
def mapping(request):
    if request.param == "compiled":
        return request.getfixturevalue("compiled").freeze
    return {"dict": dict, "proxy": MappingProxyType, "twin": frozen_twin.freeze}[request.param]


CASES = [
    (("app", "ANY_OF", ("web",)), True),
    (("app", "ANY_OF", ("db",)), False),
    (("app", "ANY_OF", ()), False),
    (("app", "ANY_OF", ("a", "b", "web")), True),
    (("app", "ANY_OF", ("a", "b", "c", "d", "e", "web")), True),
    (("app", "ANY_OF", ("a", "b", "c", "d", "e", "f")), False),
    (("gone", "ANY_OF", ("",)), False),
    (("app", "NONE_OF", ("web",)), False),
    (("app", "NONE_OF", ("db", "cache")), True),
    (("gone", "NONE_OF", ("web",)), True),
    (("app", "PRESENT", ()), True),
    (("gone", "PRESENT", ()), False),
    (("nothing", "PRESENT", ()), False),
    (("nothing", "ABSENT", ()), True),
    (("app", "ABSENT", ()), False),
    (("gone", "ABSENT", ()), True),
    (("cpu", "ABOVE", ("3",)), True),
    (("cpu", "ABOVE", ("4",)), False),
    (("cpu", "BELOW", ("+05",)), True),
    (("cpu", "BELOW", ("many",)), False),
    (("cpu", "BELOW", ("5", "6")), False),
    (("app", "BELOW", ("5",)), False),
    (("gone", "ABOVE", ("-9",)), False),
]


@pytest.mark.parametrize(("condition", "expected"), CASES)
def test_one_condition(matcher, mapping, condition, expected):
    key, word, values = condition
    found = matcher.Matcher([(key, getattr(matcher, word), values)])
    assert found.matches(mapping(LABELS)) is expected


def test_all_conditions_must_hold(matcher, mapping):
    yes, no = ("app", matcher.ANY_OF, ("web",)), ("tier", matcher.ANY_OF, ("back",))
    assert matcher.Matcher([]).matches(mapping(LABELS))
    assert matcher.Matcher([yes, yes]).matches(mapping(LABELS))
    assert not matcher.Matcher([yes, no]).matches(mapping(LABELS))


def test_no_labels(matcher):
    assert matcher.Matcher([]).matches(None)
    assert matcher.Matcher([("a", matcher.ABSENT, ())]).matches(None)
    assert not matcher.Matcher([("a", matcher.PRESENT, ())]).matches(None)


def test_large_maps(matcher, mapping):
    found = matcher.Matcher([("key-17", matcher.ANY_OF, ("17",)), ("key-30", matcher.ABSENT, ())])
    assert found.matches(mapping(MANY))
    assert not found.matches(mapping({**MANY, "key-30": ""}))


def test_keys_need_not_be_the_same_object(matcher, mapping):
    key = "".join(["a", "pp-", str(7)])
    assert matcher.Matcher([("app-7", matcher.PRESENT, ())]).matches(mapping({key: "x"}))


@pytest.mark.parametrize("value", [1, True, 1.5, ("web",)])
def test_what_is_no_text_is_none_of_any_values(matcher, value):
    given = {"app": value}
    assert not matcher.Matcher([("app", matcher.ANY_OF, ("web", "1"))]).matches(given)
    assert matcher.Matcher([("app", matcher.NONE_OF, ("web", "1"))]).matches(given)
    assert matcher.Matcher([("app", matcher.PRESENT, ())]).matches(given)
    assert not matcher.Matcher([("app", matcher.BELOW, ("9",))]).matches(given)


def test_errors_of_a_mapping_come_through(matcher):
    class Broken(Mapping):
        def __getitem__(self, key):
            raise RuntimeError("no")

        def __iter__(self):
            return iter(())

        def __len__(self):
            return 0

    with pytest.raises(RuntimeError, match="no"):
        matcher.Matcher([("a", matcher.PRESENT, ())]).matches(Broken())


def test_no_user_defined_equality_runs(compiled_matcher):
    found = compiled_matcher.Matcher([("app", compiled_matcher.ANY_OF, ("web", "db"))])
    assert found.matches({"app": Text("web")})
    found = compiled_matcher.Matcher([("app", compiled_matcher.ANY_OF, (Text("web"),))])
    assert found.matches({"app": "web"})


@pytest.mark.parametrize("condition", [(1, 0, ()), ("a", 0, (1,)), ("a", 0, (None,))])
def test_keys_and_values_are_texts(matcher, condition):
    with pytest.raises(TypeError, match="must be str"):
        matcher.Matcher([condition])


@pytest.mark.parametrize("number", [-1, 6, 1000])
def test_operators_are_known(matcher, number):
    with pytest.raises(ValueError, match="no operator has the number"):
        matcher.Matcher([("a", number, ())])


def test_a_matcher_cannot_change(matcher):
    found = matcher.Matcher([])
    with pytest.raises(TypeError, match="immutable"):
        found.__init__([])


def test_the_selector_is_a_matcher_of_the_chosen_kernel():
    assert issubclass(labels.Selector, _native.matcher.Matcher)
    assert labels.Selector.matches is _native.matcher.Matcher.matches
