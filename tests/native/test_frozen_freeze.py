from collections import OrderedDict, UserDict
from enum import IntEnum, StrEnum

import pytest


class Color(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Real(float):
    __slots__ = ()


class Pair(tuple):
    __slots__ = ()


def test_containers(kernel):
    value = kernel.freeze(
        {"b": (1, [2]), "a": OrderedDict(y=1, x=2), "u": UserDict(k=Pair((1, 2)))}
    )
    assert kernel.dumps(value) == b'{"a":{"x":2,"y":1},"b":[1,[2]],"u":{"k":[1,2]}}'
    assert kernel.freeze(value) is value
    assert type(value.b) is kernel.FrozenList
    assert type(value.u) is kernel.FrozenMap


def test_scalars_become_plain(kernel):
    for value, plain in ((Color.RED, "red"), (Level.LOW, 1), (Real(1.5), 1.5), (True, True)):
        frozen = kernel.freeze(value)
        assert frozen == plain
        assert type(frozen) is type(plain)
    for same in (None, True, False, "x", 5, 1.5, 2**63 - 1, -(2**63)):
        assert kernel.freeze(same) is same
    assert str(kernel.freeze(-0.0)) == "0.0"


def test_keys_become_plain_and_the_last_of_equal_keys_wins(kernel):
    class Odd(str):
        __slots__ = ()
        __hash__ = object.__hash__

        def __eq__(self, other):
            return self is other

    value = kernel.freeze({Odd("k"): 1, Odd("a"): 2, Odd("k"): 3, Color.RED: 4})
    assert kernel.dumps(value) == b'{"a":2,"k":3,"red":4}'
    assert {type(key) for key in value} == {str}


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({1: 2}, TypeError, "map keys must be str, not int"),
        (UserDict({1: 2}), TypeError, "map keys must be str, not int"),
        ([{1, 2}], TypeError, "set is no JSON value"),
        (b"bytes", TypeError, "bytes is no JSON value"),
        (object(), TypeError, "object is no JSON value"),
        (1j, TypeError, "complex is no JSON value"),
        (2**63, ValueError, "integer does not fit 64 bits"),
        (-(2**63) - 1, ValueError, "integer does not fit 64 bits"),
        pytest.param(10**5000, ValueError, "integer does not fit 64 bits", id="huge"),
        (float("inf"), ValueError, "inf has no JSON form"),
        ([float("-inf")], ValueError, "-inf has no JSON form"),
        (Real("nan"), ValueError, "nan has no JSON form"),
        ("a\ud800", ValueError, "lone surrogate at character 1"),
        ({"\udfff": 1}, ValueError, "lone surrogate at character 0"),
    ],
)
def test_refusals(kernel, value, error, message):
    with pytest.raises(error) as caught:
        kernel.freeze(value)
    assert str(caught.value) == message


def test_errors_of_user_code_pass_through(kernel):
    class Broken(UserDict):
        def __getitem__(self, key):
            raise LookupError(key)

    with pytest.raises(LookupError):
        kernel.freeze({"a": [1, Broken(k=1)]})
    with pytest.raises(LookupError):
        _ = kernel.freeze({}) == Broken(k=1)


def test_changing_the_source_while_it_is_frozen_does_no_harm(kernel):
    source = [1, None, 3]

    class Meddler(UserDict):
        def __getitem__(self, key):
            source.clear()
            return 1

    source[1] = Meddler(k=1)
    value = kernel.freeze(source)
    assert value[0] == 1
    assert value[1] == {"k": 1}


def test_thaw_gives_fresh_containers(kernel):
    source = {"a": [1, {"b": None}], "c": 1.5}
    thawed = kernel.thaw(kernel.freeze(source))
    assert thawed == source
    assert type(thawed) is dict
    assert type(thawed["a"]) is list
    thawed["a"].append(1)
    assert kernel.thaw("x") == "x"
    assert kernel.thaw(kernel.EMPTY_MAP) is not kernel.thaw(kernel.EMPTY_MAP)
