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
QUESTIONS = st.lists(
    st.tuples(
        COUNTS, st.sampled_from(["turn", "uid", "turn/a", "uid/b/c", "", "/", "n\u00e4me/\u00e4"])
    )
)


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


@given(SEEDS, st.lists(st.sampled_from(["uid", "uid/a", "turn"]), max_size=5))
def test_a_uuid_is_a_choice(chance, seed, labels):
    streams, other = chance.Streams(seed), chance.Streams(seed)
    for label in labels:
        assert streams.uuid4(label) == chance.uuid4_text(other.choose(chance.UUID4_COUNT, label))


def test_what_follows_the_slash_names_no_stream(chance):
    streams, other = chance.Streams(3), chance.Streams(3)
    asked = [streams.choose(1000, label) for label in ("turn/a", "turn", "turn/b/c", "/x", "")]
    assert asked == [other.choose(1000, label) for label in ("turn", "turn", "turn", "", "")]


ALPHABETS = st.text(st.characters(max_codepoint=127), min_size=1, max_size=40)


@given(st.integers(0, 2**64 - 1), ALPHABETS, st.integers(0, 64))
def test_words_are_digits(chance, number, alphabet, length):
    text = chance.word(number, alphabet, length)
    assert len(text) == length
    assert text == obvious_word(number, alphabet, length)


def obvious_word(number, alphabet, length):
    """Slow and obvious."""
    base = len(alphabet)
    places = [alphabet[number // base**place % base] for place in range(length)]
    return "".join(places)[::-1]


@pytest.mark.parametrize(
    ("number", "alphabet", "length"),
    [(1, "", 1), (1, "\u00e4b", 1), (1, "ab", -1), (1, "ab", 65), (1, "\ud800", 1)],
)
def test_words_that_cannot_be(chance, number, alphabet, length):
    with pytest.raises(ValueError):  # noqa: PT011 - a lone surrogate is refused in other words
        chance.word(number, alphabet, length)


@pytest.mark.parametrize("number", [-1, 2**64])
def test_other_numbers_make_no_word(chance, number):
    with pytest.raises(OverflowError):
        chance.word(number, "ab", 3)


LENGTHS = st.integers(0, 12)


@given(SEEDS, st.sampled_from(["name", "name/a", ""]), ALPHABETS, LENGTHS)
def test_drawn_words_are_words_of_draws(chance, seed, label, alphabet, length):
    streams, other = chance.Streams(seed), chance.Streams(seed)
    for _ in range(3):
        drawn = streams.word(label, alphabet, length)
        assert drawn == chance.word(other.choose(len(alphabet) ** length, label), alphabet, length)


@pytest.mark.parametrize(
    ("alphabet", "length", "error"),
    [
        ("", 1, ValueError),
        ("\u00e4b", 1, ValueError),
        ("ab", -1, ValueError),
        ("ab", 65, ValueError),
        ("ab", 64, OverflowError),
        ("abc", 41, OverflowError),
    ],
)
def test_a_refused_word_draws_nothing(chance, alphabet, length, error):
    streams = chance.Streams(7)
    with pytest.raises(error):
        streams.word("name", alphabet, length)
    assert streams.word("name", "ab", 63) == chance.Streams(7).word("name", "ab", 63)
