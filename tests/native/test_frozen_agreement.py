"""The twin and the compiled kernel agree step by step on random values, changes and texts."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin
from kcore._native.reference.frozen_tree import READER
from kcore._native.reference.tree_path import as_tuple

KEYS = st.sampled_from(["a", "b", "spec", "items", "é", "", "-", "\U0001f600", "longer-than-eight"])
TEXTS = st.one_of(KEYS, st.text(max_size=12), st.sampled_from(["\ud800", "\x00", "</\u2028>"]))
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.integers(-(2**65), 2**65),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1.0, 1e21, 1e-7, 2.0**53, 2.0**62, 2.0**63, -(2.0**63)]),
    st.integers(-(2**55), 2**55).map(float),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(KEYS, inner, max_size=12),
        st.dictionaries(TEXTS, inner, max_size=4),
    ),
    max_leaves=12,
)
STEPS = st.one_of(KEYS, st.integers(-3, 3), st.sampled_from(["new", 2**70, True, None, 1.5]))
PATHS = st.one_of(STEPS, st.lists(STEPS, max_size=4).map(tuple))
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), PATHS, VALUES),
        st.tuples(st.just("remove"), PATHS),
        st.tuples(st.just("append"), VALUES),
    ),
    max_size=6,
)


def outcome(function, *arguments, **named):
    """What a call gives: its value, or the error's type and words."""
    try:
        return function(*arguments, **named), None
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as error:
        return None, (type(error).__name__, str(error), getattr(error, "position", None))


def content(kernel, value):
    """A value in terms both kernels share: its text, with ABSENT and tuples kept."""
    if value is kernel.ABSENT:
        return "ABSENT"
    if type(value) in (list, tuple):
        return [content(kernel, item) for item in value]
    return kernel.dumps(value)


def assert_same(compiled, ours, theirs):
    assert ours[1] == theirs[1]
    if ours[1] is None:
        assert content(twin, ours[0]) == content(compiled, theirs[0])
        if not isinstance(theirs[0], list | tuple) and theirs[0] is not compiled.ABSENT:
            twin.check_invariants(ours[0])
            compiled.check_invariants(theirs[0])


@settings(max_examples=150, deadline=None)
@given(source=VALUES)
def test_freeze(compiled, source):
    # In a list, because a bare number compares as Python's numbers do.
    ours, theirs = outcome(twin.freeze, [source]), outcome(compiled.freeze, [source])
    assert_same(compiled, ours, theirs)
    if ours[1] is None:
        text = compiled.dumps(theirs[0])
        assert repr(twin.thaw(ours[0])) == repr(compiled.thaw(theirs[0]))
        assert compiled.loads(text) == theirs[0]
        assert twin.loads(text) == ours[0]
        assert hash(compiled.loads(text)) == hash(theirs[0])
        assert twin.content_hash(ours[0]) == compiled.content_hash(theirs[0])


@settings(max_examples=150, deadline=None)
@given(start=st.one_of(VALUES, st.just({})), changes=CHANGES)
def test_changes(compiled, start, changes):
    ours, theirs = outcome(twin.freeze, start), outcome(compiled.freeze, start)
    assert_same(compiled, ours, theirs)
    for name, *arguments in changes:
        if ours[1] is not None or not hasattr(type(ours[0]), name):
            return
        old_ours, old_theirs = ours[0], theirs[0]
        ours = outcome(getattr(ours[0], name), *arguments)
        theirs = outcome(getattr(theirs[0], name), *arguments)
        assert_same(compiled, ours, theirs)
        if ours[1] is not None:
            return
        assert (old_ours == ours[0]) is (old_theirs == theirs[0])
        assert (hash(old_theirs) == hash(theirs[0])) or old_theirs != theirs[0]
        differences = outcome(twin.diff, old_ours, ours[0])
        assert_same(compiled, differences, outcome(compiled.diff, old_theirs, theirs[0]))


@settings(max_examples=150, deadline=None)
@given(source=VALUES, path=st.lists(STEPS, max_size=4), key=STEPS)
def test_reads(compiled, source, path, key):
    ours, theirs = outcome(twin.freeze, source), outcome(compiled.freeze, source)
    if ours[1] is not None or type(ours[0]) not in (twin.FrozenMap, twin.FrozenList):
        return
    assert_same(compiled, outcome(ours[0].at, *path), outcome(theirs[0].at, *path))
    if type(ours[0]) is twin.FrozenMap:
        assert_same(compiled, outcome(ours[0].get, key), outcome(theirs[0].get, key))
        assert (key in ours[0]) is (key in theirs[0])
        assert list(ours[0]) == list(theirs[0])


@settings(max_examples=150, deadline=None)
@given(
    start=st.one_of(VALUES, st.just({})),
    changes=st.lists(st.tuples(PATHS, VALUES), max_size=5),
    html_escapes=st.booleans(),
)
def test_patches(compiled, start, changes, html_escapes):
    paths, new = [path for path, _ in changes], [one for _, one in changes]
    made = outcome(twin.Patch, *paths)[1]
    assert made == outcome(compiled.Patch, *paths)[1]
    ours, theirs = outcome(twin.freeze, start), outcome(compiled.freeze, start)
    if made is not None or ours[1] is not None:
        return
    ours, theirs = (
        outcome(lambda k, v: k.Patch(*paths)(v, *new), kernel, value)
        for kernel, value in ((twin, ours[0]), (compiled, theirs[0]))
    )
    assert_same(compiled, ours, theirs)
    for kernel, result in ((twin, ours), (compiled, theirs)):
        value = kernel.freeze(start)
        stamped = outcome(lambda k, v: k.Template(v, *paths)(*new), kernel, value)
        assert stamped[1] == result[1]
        assert stamped[0] == result[0]
        if all(type(step) in (str, int) for path in paths for step in as_tuple(path)):
            assert_sets_one_by_one(kernel, value, changes, result)
    if ours[1] is None:
        ours, theirs = (
            kernel.dumps(result[0], html_escapes=html_escapes)
            for kernel, result in ((twin, ours), (compiled, theirs))
        )
        assert ours == theirs


def assert_sets_one_by_one(kernel, value, changes, result):
    for path, new in changes:
        if type(value) not in (kernel.FrozenMap, kernel.FrozenList):
            return  # It has no `set`.
        changed = outcome(value.set, path, new)
        if changed[1] is not None:
            assert changed[1] == result[1]
            return
        value = changed[0]
    assert result[1] is not None or result[0] == value


@settings(max_examples=150, deadline=None)
@given(left=VALUES, right=VALUES)
def test_equality_and_difference(compiled, left, right):
    ours = outcome(lambda: (twin.freeze([left]), twin.freeze([right])))
    theirs = outcome(lambda: (compiled.freeze([left]), compiled.freeze([right])))
    assert ours[1] == theirs[1]
    if ours[1] is None:
        assert (ours[0][0] == ours[0][1]) is (theirs[0][0] == theirs[0][1])
        assert_same(compiled, outcome(twin.diff, *ours[0]), outcome(compiled.diff, *theirs[0]))


PIECES = st.sampled_from(
    [b'"', b"\\", b"\\u", b"d83d", b"\\ude00", b"{", b"}", b"[", b"]", b",", b":", b"-", b"0", b"1",
     b"01", b".", b"e", b"E+", b"1e999", b"true", b"nul", b"null", b" ", b"\n", b"\t", b"\x00",
     b"\x1f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b'"a":', b"NaN",
     b'"\\u0061":',
     b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"/"]
)  # fmt: skip
PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False),
              st.integers(-(2**65), 2**65), st.text(max_size=20)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=15,
)  # fmt: skip


@st.composite
def texts(draw):
    """JSON as the standard library writes it, then damaged in a few places."""
    style = draw(st.sampled_from([{}, {"ensure_ascii": False}, {"indent": 1}]))
    text = json.dumps(draw(PLAIN), **style).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 3)))
        text = text[:start] + draw(st.one_of(st.just(b""), PIECES)) + text[end:]
    return text


def assert_read_alike(compiled, text):
    ours = outcome(twin.loads, text)
    assert_same(compiled, ours, outcome(compiled.loads, text))
    try:
        text.decode()
    except UnicodeDecodeError:
        return
    slow = outcome(READER.read_slowly, text)
    assert slow[1] == ours[1]
    assert content(twin, slow[0]) == content(twin, ours[0])


@settings(max_examples=200, deadline=None)
@given(text=texts())
def test_damaged_texts(compiled, text):
    assert_read_alike(compiled, text)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECES, max_size=12))
def test_texts_of_odd_pieces(compiled, pieces):
    assert_read_alike(compiled, b"".join(pieces))


def test_every_truncation_and_every_replaced_byte_of_one_text(compiled):
    text = '{"a":[1,-2.5e+3,true,null],"é\\u00e9":"x\\n\\ud83d\\ude00","b":{"c":{}}}'.encode()
    for at in range(len(text)):
        assert_read_alike(compiled, text[:at])
        for byte in b'"\\{}[]:,0-. eu\x00\xff':
            assert_read_alike(compiled, text[:at] + bytes([byte]) + text[at + 1 :])
