"""What the reader remembers of earlier texts makes it faster and changes nothing else."""

import itertools
import json
from collections import UserDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin


@pytest.fixture(autouse=True)
def sound_memory(request):
    """After every test, what is remembered is as it must be."""
    yield
    if "compiled" in request.fixturenames:
        request.getfixturevalue("compiled")._check_caches()


POD = {
    "kind": "Pod",
    "metadata": {"name": "web-1", "uid": "0b5e7f6a-1c8e-4f0e", "labels": {"app": "w", "é": "é"}},
    "spec": {
        "containers": [
            {"name": "a", "image": "registry/a:v1", "env": [{"name": "X", "value": "1"}]},
            {"name": "b", "image": "registry/b:v1", "ports": [{"containerPort": 80}]},
        ],
        "weights": [1, 2.5, -3, None, True, [], {}],
    },
}


def read_alike(compiled, text):
    """Both kernels read or refuse a text in the same way."""
    results: list[object] = []
    for kernel in (twin, compiled):
        try:
            value = kernel.loads(text)
        except kernel.JSONError as error:
            results.append((error.message, error.position))
        else:
            results.append(kernel.dumps(value))
            if kernel is compiled:
                compiled.check_invariants(value)
    assert results[0] == results[1]


def warm_up(compiled, text):
    for _ in range(5):
        compiled.loads(text)


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_damage_to_a_text_known_by_heart(compiled, indent, ascii_only):
    text = json.dumps(POD, indent=indent, ensure_ascii=ascii_only).encode()
    warm_up(compiled, text)
    for at in range(len(text)):
        read_alike(compiled, text[:at])
        read_alike(compiled, text[:at] + text[at + 1 :])
        for byte in (b'"', b"}", b"]", b",", b"\xff", b"1"):
            read_alike(compiled, text[:at] + byte + text[at + 1 :])
        if at % 50 == 0:
            warm_up(compiled, text)


def test_maps_inside_maps_of_the_same_keys_are_one_order(compiled):
    """A map and a map in it learn the same order; it is remembered once."""
    nested: object = 1
    for _ in range(5):
        nested = {"nest": nested, "level": nested}
    for _ in range(3):
        assert compiled.freeze(nested) == twin.freeze(nested)
    compiled._check_caches()


def test_keys_in_every_order_and_number(compiled):
    keys = ["a", "b", "c", "metadata"]
    texts = [
        "{" + ",".join(f'"{key}":{i}' for i, key in enumerate(chosen)) + "}"
        for count in range(5)
        for chosen in itertools.permutations(keys, count)
    ]
    for step in range(1, 2 * len(texts), 4):  # 65 texts: each step meets many of them.
        for text in [texts[i * step % len(texts)] for i in range(len(texts))]:
            assert compiled.loads(text) == json.loads(text)
            nested = f'{{"x":{text},"y":[{text},{text}]}}'
            assert compiled.loads(nested) == json.loads(nested)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"b":2,"a":3}',
        '{"a":1,"a":2}',
        '{"a":1,"b":2,"\\u0061":3}',
        '{"\\u0061":1,"b":2}',
        '{ "a" : 1 , "b" : 2 }',
        '{"a":{"a":{"a":1,"b":2},"b":2},"b":2}',
        '{"b":2,"a":1}',
        '{"a":1}',
        "{}",
        '{"a":1,"b":2,"c":3}',
        '{"c":3}',
        '{"a":"x","b":"x\\n"}',
        '{"a":"é","b":"x"}',
    ],
)
def test_between_texts_with_the_same_keys(compiled, text):
    for other in ('{"a":1,"b":2}', '{"a":"x","b":[{"a":1,"b":2}]}', '{"a":1,"b":2,"d":4}'):
        for _ in range(6):
            warm_up(compiled, other)
            assert compiled.loads(text) == json.loads(text)
            read_alike(compiled, text)


def test_a_text_known_by_heart_in_too_deep_a_place(compiled):
    inner = '{"k":[[[[{"long enough to be remembered":1}]]]]}'
    warm_up(compiled, inner)
    for depth in (249, 250, 251, 252, 256):
        for _ in range(4):
            read_alike(compiled, "[" * depth + inner + "]" * depth)
            read_alike(compiled, '{"k":' * depth + inner + "}" * depth)


@pytest.mark.parametrize("count", [63, 64, 65, 300])
def test_many_keys(compiled, count):
    text = json.dumps({f"key-{i * 7 % count}": i for i in range(count)})
    for _ in range(5):
        assert compiled.loads(text) == json.loads(text)


def test_strings_that_look_like_the_last_one(compiled):
    for text in ("abc", "ab", "abcd", "", "abc", 'ab"', "abc\\", "a", "é", "abc", "abc" * 60):
        for _ in range(5):
            source = {"key": text, "rest": ["abc", text]}
            assert compiled.loads(json.dumps(source)) == source
            assert compiled.loads(json.dumps(source, ensure_ascii=False)) == source


def test_more_orders_than_are_remembered(compiled):
    texts = [f'{{"k{i}":{{"n{i % 70}":"{i}","m":[{i}]}},"z":{i}}}' for i in range(6_000)]
    for _ in range(3):
        for text in texts:
            assert compiled.loads(text) == json.loads(text)


def test_more_text_than_is_remembered(compiled):
    texts = [
        json.dumps({f"key-{i}": {"a": [f"{i}" * 9] * 90, "b": {"c": ["x"] * i}}})
        for i in range(900)
    ]
    for text in texts:
        for _ in range(4):
            value = compiled.loads(text)
        assert value == json.loads(text)


def test_dicts_in_every_order(kernel):
    keys = ["b", "a", "é", "key that is longer than most"]
    for _ in range(4):
        for chosen in itertools.permutations(keys):
            source = {key: [i, {key: chosen[0]}] for i, key in enumerate(chosen)}
            built = {"".join(key): value for key, value in source.items()}  # Keys of its own.
            for one in (source, built):
                value = kernel.freeze(one)
                assert list(value) == sorted(keys)
                assert kernel.thaw(value) == source
                kernel.check_invariants(value)


class Meddler(UserDict):
    """Reads, freezes and forgets while it is being frozen."""

    def __init__(self, kernel, source):
        super().__init__(source)
        self.kernel = kernel

    def __getitem__(self, key):
        for i in range(30):
            self.kernel.freeze({f"{key}-{i}": 1, "x": 2})
            self.kernel.loads(f'{{"a":1,"b":{{"{key}-{i}":2}}}}')
        getattr(self.kernel, "_release_caches", bool)()
        return super().__getitem__(key)


def test_code_that_meddles_while_it_is_frozen(kernel):
    for _ in range(4):
        source = {"b": 1, "a": Meddler(kernel, {"d": {"f": 1, "e": 2}, "c": [1]}), "z": {"a": 1}}
        value = kernel.freeze(source)
        assert kernel.dumps(value) == (b'{"a":{"c":[1],"d":{"e":2,"f":1}},"b":1,"z":{"a":1}}')
        with pytest.raises(TypeError, match="object is no JSON value"):
            kernel.freeze({"b": 1, "a": Meddler(kernel, {"d": object()}), "z": {1: 2}})
        with pytest.raises(TypeError, match="map keys must be str, not int"):
            kernel.freeze({"b": {1: 2}, "a": Meddler(kernel, {"d": 1}), "z": object()})


def test_forgetting_gives_everything_back(compiled):
    compiled._release_caches()
    shapes = compiled._shapes_live()
    text = json.dumps(POD).replace("metadata", "only-in-this-test")
    warm_up(compiled, text)
    assert compiled._shapes_live() > shapes
    compiled._release_caches()
    assert compiled._shapes_live() == shapes
    assert compiled.loads(text) == json.loads(text)


WORDS = st.sampled_from(["a", "b", "spec", "name", "value", "é", "x" * 40])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**20), 10**20), WORDS, st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), source=JSON)
def test_variations(compiled, data, source):
    text = json.dumps(source, separators=(",", ":"))
    warm_up(compiled, text)
    for _ in range(4):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 4)))
        piece = data.draw(st.sampled_from(["", '"', "}", "1", '"a":', ",", "[", " ", '"', "\\n"]))
        read_alike(compiled, text[:start] + piece + text[end:])
        read_alike(compiled, text)
