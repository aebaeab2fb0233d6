"""A wording writes what a template makes, whatever stands in the way of the quick way."""

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin

POD = {"metadata": {"name": "web", "uid": "u"}, "spec": {"containers": [{"image": "a"}]}}
PATHS = [
    ("metadata", "name"),
    ("metadata", "labels", 'a "b"'),
    ("spec", "containers", 0, "image"),
    ("spec", "containers", "-"),
    ("spec", "containers"),
    ("spec", "nodeName"),
    ("metadata", "name", "deeper"),
    ("kind",),
]
PARTS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["web-1", "", 'say "so"', "a\\b\n", "é", "\U0001f600", "x" * 70_000]),
    st.sampled_from([None, True, 3, 1.5, ["x"], {"k": "v"}]),
)


def answer(make):
    try:
        return make()
    except (TypeError, IndexError, ValueError) as error:
        return type(error)


@given(
    st.lists(st.sampled_from(PATHS), max_size=4),
    st.lists(st.lists(PARTS, max_size=4).map(tuple), max_size=6),
)
def test_it_is_what_dumps_writes(kernel, paths, calls):
    template = kernel.Template(kernel.freeze(POD), *paths)
    wording = kernel.Wording(template)
    for parts in calls:
        expected = answer(lambda parts=parts: kernel.dumps(template(*parts)))
        assert answer(lambda parts=parts: wording(*parts)) == expected


def test_texts_in_any_order(kernel):
    template = kernel.Template(kernel.freeze(POD), "zone", ("spec", "a"), "kind", ("metadata", "b"))
    wording = kernel.Wording(template)
    assert wording("1", "2", "3", "4") == kernel.dumps(template("1", "2", "3", "4"))
    assert wording("", 'a"', "é", "x" * 100_000) == kernel.dumps(
        template("", 'a"', "é", "x" * 100_000)
    )


def test_a_text_that_looks_like_a_mark(kernel):
    model = kernel.freeze({**POD, "note": "part 0 of a wording: not a text"})
    template = kernel.Template(model, "kind")
    assert kernel.Wording(template)("Pod") == kernel.dumps(template("Pod"))


def test_many_parts(kernel):
    paths = [f"k{number:02}" for number in range(40)]
    template = kernel.Template(kernel.EMPTY_MAP, *paths)
    assert kernel.Wording(template)(*paths) == kernel.dumps(template(*paths))


def test_wrong_calls(kernel):
    template = kernel.Template(kernel.freeze(POD), "kind")
    for args in [(), (POD,), (kernel.Patch("kind"),), (template, template)]:
        with pytest.raises(TypeError):
            kernel.Wording(*args)
    wording = kernel.Wording(template)
    for args in [(), ("a", "b")]:
        with pytest.raises(TypeError):
            wording(*args)
    with pytest.raises(TypeError):
        wording("a", kind="b")
    with pytest.raises(ValueError, match="surrogate"):
        wording("\ud800")


def test_both_kernels_write_the_same(compiled):
    texts = [
        kernel.Wording(kernel.Template(kernel.freeze(POD), "kind", ("metadata", "name")))(
            "Pod", "b"
        )
        for kernel in (compiled, twin)
    ]
    assert texts[0] == texts[1]


def test_nothing_leaks(compiled):
    template = compiled.Template(compiled.freeze(POD), "kind", ("metadata", "name"))
    parts = "Pod-kind", "b-name"
    before = [sys.getrefcount(one) for one in (template, *parts)]
    for _ in range(50):
        wording = compiled.Wording(template)
        assert wording(*parts) == compiled.dumps(template(*parts))
        assert wording("é", "f") == compiled.dumps(template("é", "f"))
    del wording
    compiled._release_caches()  # What `dumps` wrote again and again is kept.
    gc.collect()
    assert [sys.getrefcount(one) for one in (template, *parts)] == before
