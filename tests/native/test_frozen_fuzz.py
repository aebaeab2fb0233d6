"""Texts damaged at random: both kernels accept the same ones and say the same of the others.

The reader's memory of earlier texts is part of what is tried: each text comes several times, whole
and damaged, among others like it. `make test-deep` tries a million.
"""

import json

import pytest

from kcore._native.reference import frozen as twin

CORPUS = [
    json.dumps(
        {
            "kind": "Pod",
            "metadata": {
                "name": "web-6d4cf56db6-x2x7z",
                "uid": "6f1c9f0e-3c52-4a6f-9b1a-000000000007",
                "labels": {"app": "web", "app.kubernetes.io/name": "é\u2028<"},
                "ownerReferences": [{"kind": "ReplicaSet", "controller": True, "uid": "a1b2"}],
            },
            "spec": {
                "containers": [
                    {"name": "a", "image": "i", "ports": [{"containerPort": 80}], "args": []},
                    {"name": "b", "image": "i", "env": [{"name": "N", "value": "1"}], "cpu": 0.25},
                ],
                "priority": -7,
            },
        },
        separators=(",", ":"),
    ).encode(),
    json.dumps({"a": [1, 2.5, -3e10, {"b": None, "a": {}}], "b": '\\"\n\u00e9'}, indent=2).encode(),
    '{"k":"\U0001f600é","\\u006b":"\\ud83d\\ude00\\ud83d","x":[true,false,null,"",{"":""}]}'.encode(),
    b"[0,-0,1e2,1E-2,9223372036854775807,9223372036854775808,0.1,1.0,123456789012345678901]",
    b"[" * 255 + b'{"k":1}' + b"]" * 255,
]
PIECES = [
    b"", b'"', b"\\", b"\\u12", b"\\ud800", b"{", b"}", b"[", b"]", b",", b":", b"-", b"0", b"1",
    b"e", b".", b"tru", b"null", b" ", b"\n", b"\x00", b"\x1f", b"\x7f", b"\xff", b"\xc3",
    b"\xe2\x80",
    b'"name":', b'"k":1,', b'{"k":1}', b'"metadata":{}',
]  # fmt: skip


class Dice:
    """Marsaglia's xorshift: the same throws in every run."""

    def __init__(self, seed):
        self.state = seed * 0x9E3779B97F4A7C15 % 2**64 or 1

    def throw(self, sides):
        state = self.state
        state ^= state << 13 & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 7
        state ^= state << 17 & 0xFFFFFFFFFFFFFFFF
        self.state = state
        return state % sides


def damaged(dice, text):
    for _ in range(1 + dice.throw(3)):
        start = dice.throw(len(text) + 1)
        end = min(len(text), start + dice.throw(6))
        kind = dice.throw(4)
        if kind == 0:  # A piece of the text itself, somewhere else.
            source = dice.throw(len(text) + 1)
            piece = text[source : source + dice.throw(30)]
        else:
            piece = PIECES[dice.throw(len(PIECES))]
        text = text[:start] + piece + text[end if kind != 1 else start :]
    return text


def said_of(kernel, text):
    try:
        return kernel.dumps(kernel.loads(text))
    except kernel.JSONError as error:
        return error.message, error.position


def campaign(compiled, seed, count):
    """How many damaged texts were JSON all the same."""
    dice, accepted = Dice(seed), 0
    for number in range(count):
        text = CORPUS[dice.throw(len(CORPUS))]
        if number % 3:
            text = damaged(dice, text)
        expected = said_of(twin, text)
        assert said_of(compiled, text) == expected, text
        accepted += type(expected) is bytes
    compiled._check_caches()
    return accepted


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_few_thousand(compiled, seed):
    assert 300 < campaign(compiled, seed, 1_500) < 1_400


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(10, 20))
def test_a_million(compiled, seed):
    assert campaign(compiled, seed, 100_000) > 20_000


def test_everything_read_is_sound(compiled):
    dice = Dice(99)
    for _ in range(1_000):
        text = damaged(dice, CORPUS[dice.throw(3)])
        try:
            value = compiled.loads(text)
        except compiled.JSONError:
            continue
        compiled.check_invariants(value)
        assert compiled.loads(compiled.dumps(value)) == value
