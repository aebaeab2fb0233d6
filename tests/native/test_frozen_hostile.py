"""Text made to hurt gets an error with its place, or is read in linear time; nothing crashes."""

import json
import time

import pytest

DEEPER = "nested deeper than 256 levels"
MILLION = 1_000_000


def refusal(kernel, text, **options):
    with pytest.raises(kernel.JSONError) as caught:
        kernel.loads(text, **options)
    return caught.value.message, caught.value.position


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("[" * MILLION, DEEPER, 256),
        ('{"k":' * MILLION, DEEPER, 256 * 5),
        ("[" * 256 + "]" * 255, "expected ',' or ']'", 511),
        ("1" * 400, "number out of range", 0),
        ("9" * 100_000, "number out of range", 0),
        ("[1e" + "9" * MILLION + "]", "number out of range", 1),
        ("-" + "0" * MILLION, "invalid number", 0),
        ("[" + "1." * 1000 + "]", "invalid number", 1),
        (b'["' + b"a" * MILLION + b"\xff", "invalid UTF-8", MILLION + 2),
        (b'"\xc0\x80"', "invalid UTF-8", 1),
        (b'"\xf5\x80\x80\x80"', "invalid UTF-8", 1),
        (b'"\xed\xa0\x80"', "invalid UTF-8", 1),
        (b'"\xe2\x82', "invalid UTF-8", 1),
        ('"' + "a" * MILLION, "unterminated string", 0),
        ('"' + "\\u0061" * 1000 + "\\", "unterminated string", 0),
        ('"' + "\\ud800" * 1000 + "\\ud8", "unterminated string", 0),
        ("[" + "\x00" * 100, "expected a value", 1),
        ('{"a":1,' * 1000, "expected a key", 7),
        (" " * MILLION, "expected a value", MILLION),
        ("[1," + " " * MILLION, "expected a value", MILLION + 3),
    ],
    ids=range(20),
)
def test_refused_with_a_place(kernel, text, message, position):
    found = refusal(kernel, text)
    assert found == (message, position)
    if isinstance(text, str):
        assert refusal(kernel, text.encode()) == found
        assert refusal(kernel, bytearray(text.encode())) == found
        assert refusal(kernel, memoryview(text.encode())) == found


@pytest.mark.parametrize(
    ("text", "limit", "position"),
    [
        ("[1,2]", 4, 4),
        (b"[1,2]", 0, 0),
        ("[1,2]", -7, 0),
        (b"\xff\xff\xff", 2, 2),
        ('"éé"', 5, 5),
    ],
)
def test_longer_than_allowed(kernel, text, limit, position):
    assert refusal(kernel, text, bytes_max=limit) == (f"longer than {limit} bytes", position)


def test_not_longer_than_allowed(kernel):
    assert kernel.loads("[1,2]", bytes_max=5) == [1, 2]
    assert kernel.loads('"éé"', bytes_max=6) == "éé"
    assert kernel.loads("1", bytes_max=None) == 1
    assert kernel.loads("1", bytes_max=2**80) == 1
    with pytest.raises(TypeError):
        kernel.loads("1", bytes_max="1")
    with pytest.raises(TypeError):
        kernel.loads("1", 5)


def test_a_string_of_a_hundred_megabytes(kernel):
    text = b'{"a":"' + b"x" * 100_000_000 + b'"}'
    started = time.perf_counter()
    assert refusal(kernel, text, bytes_max=3 << 20) == ("longer than 3145728 bytes", 3 << 20)
    assert time.perf_counter() - started < 1.0
    assert len(kernel.loads(text).a) == 100_000_000
    assert refusal(kernel, text[:-2]) == ("unterminated string", 5)


@pytest.mark.parametrize(
    "text",
    [
        lambda n, word: "{" + ",".join(f'"{word}-{i}":{i}' for i in range(n)) + "}",
        lambda n, word: "{" + ",".join(f'"{word}-{i}":{i}' for i in range(n, 0, -1)) + "}",
        lambda n, word: "[" + ",".join(f'{{"{word}-{i}":{i}}}' for i in range(n)) + "]",
        lambda n, word: (
            '{"a":[' + ",".join(f'{{"k{i}":[{i}],"{word}":{{}}}}' for i in range(n)) + "]}"
        ),
        lambda n, word: "{" + ",".join(f'"{word}":1' for _ in range(n)) + "}",
        lambda n, word: "[" + ",".join(f'"{word}-{i}"' for i in range(n)) + "]",
    ],
    ids=["rising", "falling", "maps", "nested", "repeated", "texts"],
)
def test_never_seen_keys_take_linear_time(kernel, text):
    """Sixteen times as many take less than eighty times as long; quadratic would be 256."""
    times = []
    for count in (2_000, 32_000):
        spent = []
        for attempt in range(3):
            source = text(count, f"never-seen-{count}-{attempt}")
            started = time.process_time()
            value = kernel.loads(source)
            spent.append(time.process_time() - started)
        times.append(min(spent))
        assert value == json.loads(source)
    assert times[1] < 80 * max(times[0], 1e-3)


def test_user_chosen_keys_leave_no_key_sets_behind(compiled):
    compiled._release_caches()
    before = compiled._shapes_live()
    for i in range(20_000):
        compiled.loads(f'{{"labels":{{"app-{i}":"x","pod-{i % 977}":"y"}}}}')
    assert compiled._shapes_live() < before + 1_200
    compiled._release_caches()
    assert compiled._shapes_live() == before
