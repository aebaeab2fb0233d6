"""A map's methods are ordinary objects: to be kept, compared, called wrongly and pickled."""

import copy
import gc
import pickle
import sys

import pytest

SOURCE = {"a": {"b": 1}, "items": [1], "get": "field"}


def test_a_method_can_be_kept(kernel):
    value = kernel.freeze(SOURCE)
    at, change, keys = value.at, value.set, value.keys
    del value
    gc.collect()
    assert at("a", "b") == 1
    assert change("c", 2).at("c") == 2
    assert list(keys()) == ["a", "get", "items"]
    assert list(map(kernel.freeze({"x": 1, "y": 2}).get, ["x", "z"])) == [1, None]


def test_a_field_called_like_a_method_is_an_item(kernel):
    value = kernel.freeze(SOURCE)
    assert value["get"] == "field"
    assert callable(value.get)
    assert value.get("get") == "field"
    assert next(iter(value.items()))[0] == "a"
    assert getattr(value, "".join(["g", "et"]))("get") == "field"  # A name that is not interned.


def test_a_method_knows_its_map(kernel):
    value, other = kernel.freeze(SOURCE), kernel.freeze({"x": 1})
    assert value.at.__self__ is value
    assert value.at.__name__ == "at"
    assert value.at.__doc__.startswith("Read along")
    assert "at" in repr(value.at)
    assert value.at == value.at
    assert value.at != value.set
    assert value.at != other.at
    assert hash(value.at) == hash(value.at)
    assert len({value.at, value.at, value.set, other.at}) == 3
    with pytest.raises(TypeError):
        value.at < other.at  # noqa: B015


@pytest.mark.parametrize(
    ("name", "arguments", "named"),
    [
        ("keys", (1,), {}),
        ("keys", (), {"x": 1}),
        ("values", (1, 2), {}),
        ("remove", (), {}),
        ("remove", ("a", "b"), {}),
        ("remove", ("a",), {"x": 1}),
        ("set", ("a",), {}),
        ("set", ("a", 1), {"x": 1}),
        ("set", ("a", 1, 2), {}),
        ("get", (), {}),
        ("get", ("a", 1, 2), {}),
        ("get", ("a",), {"default": 1}),
        ("at", ("a",), {"fallback": 1}),
    ],
)
def test_wrong_calls(kernel, name, arguments, named):
    value = kernel.freeze(SOURCE)
    with pytest.raises(TypeError):
        getattr(value, name)(*arguments, **named)


def test_pickle(kernel):
    read = kernel.freeze(SOURCE).at
    for again in (pickle.loads(pickle.dumps(read)), copy.copy(read)):
        assert again("a", "b") == 1


def test_methods_of_copies_and_reversal(kernel):
    value = kernel.freeze(SOURCE)
    assert list(reversed(value)) == ["items", "get", "a"]
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert value.__class__ is kernel.FrozenMap
    assert value.__len__() == 3
    assert value.__contains__("a")
    assert "at" in dir(value)


def test_methods_leave_nothing(compiled):
    marker = compiled.freeze({"a": {"only here": 1}})
    before = sys.getrefcount(marker)
    kept = [marker.at for _ in range(100)]
    assert sys.getrefcount(marker) == before + 100
    del kept
    assert sys.getrefcount(marker) == before
    blocks = sys.getallocatedblocks()
    for _ in range(1000):
        marker.at("a"), marker.get, marker.keys()
    assert abs(sys.getallocatedblocks() - blocks) < 20
