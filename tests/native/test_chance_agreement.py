"""The twin and the compiled streams draw the same numbers and write them the same way."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import chance as twin

SEEDS = st.one_of(st.integers(0, 3), st.integers(-(2**70), 2**70))
COUNTS = st.one_of(
    st.sampled_from([1, 2, 2**64 - 1, 2**64, 2**64 + 1, 2**122, 2**128 - 1, 2**128]),
    st.integers(1, 2**128),
)
QUESTIONS = st.lists(st.tuples(COUNTS, st.sampled_from(["turn", "uid", "", "n\u00e4me"])))


@given(SEEDS, QUESTIONS, QUESTIONS)
def test_streams_and_their_copies_answer_alike(compiled_chance, seed, before, after):
    expected, found = twin.Streams(seed), compiled_chance.Streams(seed)
    assert [found.choose(*one) for one in before] == [expected.choose(*one) for one in before]
    assert found.seed == seed
    copies = expected.copy(), found.copy()
    for one, other in (copies, (expected, found)):  # What a copy draws moves nobody else.
        assert [other.choose(*asked) for asked in after] == [one.choose(*asked) for asked in after]


@given(COUNTS)
def test_answers_stay_in_range(chance, count):
    streams = chance.Streams(1)
    assert all(0 <= streams.choose(count, "turn") < count for _ in range(20))


@pytest.mark.parametrize("count", [0, -1, 2**128 + 1])
def test_a_refused_question_draws_nothing(chance, count):
    streams = chance.Streams(7)
    with pytest.raises(ValueError, match="cannot choose one of"):
        streams.choose(count, "turn")
    assert streams.choose(2**64, "turn") == chance.Streams(7).choose(2**64, "turn")


@given(st.integers(0, 2**122 - 1))
def test_uuids_are_random_ones(chance, number):
    text = chance.uuid4_text(number)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)
    bits = parsed.int
    assert (bits >> 80) << 74 | (bits >> 64 & 0xFFF) << 62 | bits & (2**62 - 1) == number


@pytest.mark.parametrize("number", [-1, 2**122])
def test_other_numbers_make_no_uuid(chance, number):
    with pytest.raises(OverflowError):
        chance.uuid4_text(number)
