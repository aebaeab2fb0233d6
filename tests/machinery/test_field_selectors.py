"""Field selectors: terms, escapes, and what they ask of an object."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.fields import (
    FieldSelectorError,
    escape_value,
    parse_field_selector,
    unescape_value,
)


def test_terms_must_all_hold_and_absent_fields_are_empty():
    selector = parse_field_selector("spec.nodeName=n1,status.phase!=Running")
    fields = {"spec.nodeName": "n1"}

    assert selector.matches(lambda field: fields.get(field, ""))
    fields["status.phase"] = "Running"
    assert not selector.matches(lambda field: fields.get(field, ""))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a", "invalid selector: 'a'; can't understand 'a'"),
        ("a=b=c", "unescaped character in value: 61"),
        ("a=\\b", "invalid escape sequence: \\b"),
        ("a=b\\", "invalid escape sequence: \\"),
    ],
)
def test_a_bad_term_is_refused_by_rule(text, message):
    with pytest.raises(FieldSelectorError) as caught:
        parse_field_selector(text)
    assert message in str(caught.value)


@given(st.text())
def test_escaping_is_undone(value):
    assert unescape_value(escape_value(value)) == value


@given(st.dictionaries(st.from_regex(r"[a-z.]{1,8}", fullmatch=True), st.text(), max_size=3))
def test_printed_form_parses_back(pairs):
    text = ",".join(f"{field}={escape_value(value)}" for field, value in sorted(pairs.items()))
    selector = parse_field_selector(text)

    assert {one.field: one.value for one in selector.requirements} == pairs
    assert parse_field_selector(str(selector)) == selector
