"""The writer at the bounds of its buffer and of its shortcuts, beside the standard library."""

import json
import sys

import pytest


def slowly(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@pytest.mark.parametrize("length", [*range(40), 63, 64, 65, 127, 128, 129])
def test_a_mark_at_every_place(kernel, length):
    for place in range(length):
        for mark in ('"', "\\", "\n", "\x00", "\x1f", "\x7f", "é", "\U0001f600", "<"):
            text = "a" * place + mark + "b" * (length - place - 1)
            assert kernel.dumps(text) == slowly(text)
    assert kernel.dumps("a" * length) == slowly("a" * length)


@pytest.mark.parametrize("length", range(65_536 - 90, 65_536 + 3))
def test_texts_about_as_long_as_the_buffer(kernel, length):
    for source in (["a" * length], {"a" * (length - 9): 1.5}, ["a" * (length - 20), [[[{}]]], []]):
        assert kernel.dumps(kernel.freeze(source)) == slowly(source)


def test_many_closing_brackets_after_a_full_buffer(kernel):
    for length in range(65_536 - 700, 65_536 - 200, 17):
        for wrap in (lambda value: [value], lambda value: {"k": value}):
            source = "a" * length
            for _ in range(256):
                source = wrap(source)
            assert kernel.dumps(kernel.freeze(source)) == slowly(source)


def test_escapes_beyond_the_buffer(kernel):
    for source in ("\x01" * 20_000, "é" * 50_000, ["x" * 60_000, '"' * 10_000, "\U0001f600" * 999]):
        assert kernel.dumps(kernel.freeze(source)) == slowly(source)
    many = [{"k": i, "text": "y" * (i % 50)} for i in range(20_000)]
    assert kernel.dumps(kernel.freeze(many)) == slowly(many)


@pytest.mark.parametrize("count", [1, 8, 9, 63, 64, 65, 300])
@pytest.mark.parametrize("key", ["k{}", "long-key-with-many-characters/{}", '"{}', "<é{}\u2028"])
def test_the_same_keys_again_and_again(kernel, count, key):
    for again in range(4):
        source = {key.format(i): [i, again] for i in range(count)}
        value = kernel.freeze(source)
        assert kernel.dumps(value) == slowly(source)
        marked = kernel.dumps(value, html_escapes=True)
        assert b"<" not in marked
        assert kernel.loads(marked) == value


@pytest.mark.parametrize("size", [1, 5, 200, 4_080, 4_096, 70_000])
def test_parts_that_are_written_again_and_again(kernel, size):
    part = kernel.freeze({"text": "a" * size, "marks": ["<", 'b"', None, 1.5] * 3})
    for number in range(6):
        source = {"number": number, "part": part, "list": [part, [part]]}
        value = kernel.freeze(source)
        assert kernel.dumps(value) == slowly(kernel.thaw(value))
        assert b"<" not in kernel.dumps(value, html_escapes=True)
        other = value.set(("part", "text"), "other")
        assert kernel.dumps(other) == slowly(kernel.thaw(other))


def test_texts_of_parts_that_come_and_go(compiled):
    kept = compiled.freeze([{"name": f"part-{i}", "text": "k" * i} for i in range(300)])
    for again in range(4):
        assert compiled.dumps(kept) == slowly(compiled.thaw(kept))
        for i in range(600):  # Each may lie where the one before it lay.
            passing = compiled.freeze({"name": f"passing-{i % 7}", "text": "p" * 40, "i": again})
            assert compiled.dumps(passing) == slowly(compiled.thaw(passing))
        compiled._check_caches()
    compiled._release_caches()


def test_kept_texts_are_released(compiled):
    compiled._release_caches()
    part = compiled.freeze({"text": "a" * 100})
    count = sys.getrefcount(part)
    for _ in range(3):
        compiled.dumps(part)
    assert sys.getrefcount(part) == count + 1
    compiled._check_caches()
    assert sys.getrefcount(part) == count + 1
    compiled._release_caches()
    assert sys.getrefcount(part) == count
