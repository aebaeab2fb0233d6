"""LabelSelector objects: null selects nothing, empty everything, and bad ones say why."""

import pytest

from kcore.machinery.frozen import EMPTY_MAP, freeze
from kcore.machinery.labels import (
    SelectorError,
    format_label_selector,
    from_label_selector,
    from_set,
    parse_selector,
)

WEB = freeze({"app": "web"})


def test_null_selects_nothing_and_empty_everything():
    assert not from_label_selector(None).matches(WEB)
    assert not from_label_selector(None).matches(EMPTY_MAP)
    assert from_label_selector(EMPTY_MAP).matches(WEB)
    assert from_label_selector(EMPTY_MAP).matches(None)


def test_labels_and_expressions_must_all_hold():
    selector = from_label_selector(
        freeze(
            {
                "matchLabels": {"app": "web"},
                "matchExpressions": [
                    {"key": "tier", "operator": "NotIn", "values": ["back"]},
                    {"key": "spare", "operator": "DoesNotExist"},
                ],
            }
        )
    )

    assert selector.matches(WEB)
    assert not selector.matches(WEB.set("tier", "back"))
    assert not selector.matches(WEB.set("spare", ""))
    assert str(selector) == "app=web,!spare,tier notin (back)"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ({"key": "a", "operator": "Has"}, '"Has" is not a valid label selector operator'),
        (
            {"key": "a", "operator": "In"},
            "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty",
        ),
        ({"key": "a b", "operator": "Exists"}, 'key: Invalid value: "a b": name part must consist'),
    ],
)
def test_a_bad_expression_names_field_and_rule(expression, message):
    bad = freeze({"matchExpressions": [expression]})

    with pytest.raises(SelectorError) as caught:
        from_label_selector(bad)
    assert message in str(caught.value)
    assert format_label_selector(bad) == "<error>"


def test_a_set_is_not_checked_but_text_is():
    assert from_set({"a b": "c"}).matches(freeze({"a b": "c"}))
    with pytest.raises(SelectorError, match="unable to parse requirement"):
        parse_selector("a b=c")


def test_the_exact_value_a_selector_requires():
    selector = parse_selector("a=b,c in (d),e in (f,g),h")

    assert [selector.required_value(name) for name in "aceh"] == ["b", "d", None, None]
