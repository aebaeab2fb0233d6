"""Requirements obey the algebra of sets of labels, on the kernel and on its twin."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import from_label_selector, from_set, parse_selector

KEYS = st.sampled_from(["app", "env", "tier"])
VALUES = st.sampled_from(["a", "b", "c", ""])
LABELS = st.dictionaries(KEYS, VALUES, max_size=3)
CHOICES = st.lists(VALUES, min_size=1, max_size=3, unique=True)


@given(labels=LABELS, key=KEYS, values=CHOICES)
def test_in_is_a_union_of_equalities(labels, key, values) -> None:
    own = freeze(labels)
    together = parse_selector(f"{key} in ({','.join(values)})").matches(own)
    assert together == any(from_set(freeze({key: value})).matches(own) for value in values)


@given(labels=LABELS, key=KEYS, values=CHOICES)
def test_not_in_is_the_complement_of_in(labels, key, values) -> None:
    own, words = freeze(labels), ",".join(values)
    inside = parse_selector(f"{key} in ({words})").matches(own)
    assert parse_selector(f"{key} notin ({words})").matches(own) == (not inside)


@given(labels=LABELS, key=KEYS)
def test_absent_is_the_complement_of_present(labels, key) -> None:
    own = freeze(labels)
    assert parse_selector(f"!{key}").matches(own) == (not parse_selector(key).matches(own))


@given(labels=LABELS, texts=st.lists(st.tuples(KEYS, CHOICES), max_size=3))
def test_a_comma_is_a_conjunction(labels, texts) -> None:
    own = freeze(labels)
    parts = [f"{key} in ({','.join(values)})" for key, values in texts]
    together = parse_selector(",".join(parts)).matches(own)
    assert together == all(parse_selector(part).matches(own) for part in parts)


@given(labels=LABELS, wanted=LABELS)
def test_match_labels_is_a_subset_test(labels, wanted) -> None:
    selector = from_label_selector(freeze({"matchLabels": wanted}))
    assert selector.matches(freeze(labels)) == (wanted.items() <= labels.items())
