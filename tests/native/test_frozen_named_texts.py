"""Named texts are picked where they may be what they are and all others are as in the sample."""

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin

SAMPLE = ("web.1", "web", "said", "now")


@pytest.mark.parametrize(
    ("texts", "picked"),
    [
        (SAMPLE, ("web.1", "said")),
        (("web-2", "web", "é", "now"), ("web-2", "é")),
        (("web.1", "web", "", "now"), None),
        (("", "web", "said", "now"), None),
        (("Web", "web", "said", "now"), None),
        (("web.1", "wev", "said", "now"), None),
        (("web.1", "web", "said", "then"), None),
        (("web.1", "web", "said"), None),
        ((*SAMPLE, "now"), None),
        (("web.1", "web", 3, "now"), None),
        (("web.1", 3, "said", "now"), None),
        ((3, "web", "said", "now"), None),
        ((), None),
    ],
)
def test_what_fits_is_picked(kernel, texts, picked):
    assert kernel.NamedTexts(SAMPLE, 0, 2)(texts) == picked


def test_the_first_place_is_that_of_the_name(kernel):
    assert kernel.NamedTexts(("a", "b"), 1, 0)(("No name", "name")) == ("name", "No name")
    assert kernel.NamedTexts(("a", "b"), 0, 1)(("No name", "name")) is None
    assert kernel.NamedTexts(("a",), 0, 0)(("b",)) == ("b", "b")


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ((), TypeError),
        ((SAMPLE,), TypeError),
        ((list(SAMPLE), 0), TypeError),
        ((("a", 1), 0), TypeError),
        ((("a",) * 65, 0), TypeError),
        ((SAMPLE, 4), IndexError),
        ((SAMPLE, -1), IndexError),
        ((SAMPLE, 2**70), IndexError),
        (((), 0), IndexError),
    ],
)
def test_others_are_refused(kernel, args, error):
    with pytest.raises(error):
        kernel.NamedTexts(*args)


def test_they_are_picked_out_of_one_tuple(kernel):
    named = kernel.NamedTexts(SAMPLE, 0)
    for args in [(), (SAMPLE, SAMPLE), (list(SAMPLE),)]:
        with pytest.raises(TypeError):
            named(*args)
    with pytest.raises(TypeError):
        named(texts=SAMPLE)


TEXTS = st.lists(st.sampled_from(["a", "b-1", "B", "", "é"]), max_size=5).map(tuple)


@given(TEXTS, TEXTS, st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_both_kernels_agree(compiled, sample, texts, places):
    places = [place for place in places if place < len(sample)] if sample else []
    if places:
        assert compiled.NamedTexts(sample, *places)(texts) == twin.NamedTexts(sample, *places)(
            texts
        )


def test_nothing_leaks(compiled):
    texts = tuple(f"text-{number}" for number in range(4))
    sample = tuple(f"text-{number}" for number in range(4))
    before = [sys.getrefcount(text) for text in (*texts, *sample, sample)]
    for _ in range(50):
        named = compiled.NamedTexts(sample, 0, 3)
        assert named(texts) == (texts[0], texts[3])
        assert named(("Text", *texts[1:])) is None
        with pytest.raises(IndexError):
            compiled.NamedTexts(sample, 0, 9)
    del named
    gc.collect()
    assert [sys.getrefcount(text) for text in (*texts, *sample, sample)] == before
