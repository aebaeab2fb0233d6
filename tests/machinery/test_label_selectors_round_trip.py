"""A selector's printed form parses back, and the copy selects the same labels."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import Selector, SelectorError, parse_selector, requirement

KEYS = st.sampled_from(["a", "app", "in", "notin", "example.com/role", "x-1"])
VALUES = st.sampled_from(["", "b", "in", "5", "-3", "web", "v1.2"])
WORDS = ["=", "==", "!=", "in", "notin", "exists", "!", "gt", "lt"]


@st.composite
def requirements(draw):
    operator = draw(st.sampled_from(WORDS))
    if operator in ("exists", "!"):
        values = []
    elif operator in ("in", "notin"):
        values = draw(
            st.lists(
                VALUES.filter(lambda value: value != "-3"), min_size=1, max_size=3, unique=True
            )
        )
    elif operator in ("gt", "lt"):
        values = [draw(st.sampled_from(["5", "007", "12"]))]
    else:
        values = [draw(VALUES.filter(lambda value: value != "-3"))]
    return requirement(draw(KEYS), operator, values)


LABELS = st.dictionaries(KEYS, VALUES, max_size=4)


def matches_slowly(one, labels):
    """The meaning of each operator in one line, without the compiled shortcuts."""
    present = one.key in labels
    value = labels.get(one.key)
    number = int(value) if present and value.lstrip("-").isdigit() else None
    return {
        "=": present and value in one.values,
        "==": present and value in one.values,
        "in": present and value in one.values,
        "!=": not present or value not in one.values,
        "notin": not present or value not in one.values,
        "exists": present,
        "!": not present,
        "gt": number is not None and number > int(one.values[0]) if one.operator == "gt" else False,
        "lt": number is not None and number < int(one.values[0]) if one.operator == "lt" else False,
    }[one.operator]


@given(st.lists(requirements(), max_size=4), st.lists(LABELS, max_size=5))
def test_printed_form_selects_the_same(found, sets):
    selector = Selector(found)
    again = parse_selector(str(selector))

    assert str(again) == str(selector)
    for labels in sets:
        frozen = freeze(labels)
        expected = all(matches_slowly(one, labels) for one in found)
        assert selector.matches(frozen) == again.matches(frozen) == expected


@given(st.text(alphabet="ab=!,()<> tino\x00\u00e9-", max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        selector = parse_selector(text)
    except SelectorError:
        return
    assert parse_selector(str(selector)) == selector
