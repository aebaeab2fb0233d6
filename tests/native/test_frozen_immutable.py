import copy
import gc
import pickle

import pytest

REFUSAL = "kcore values are immutable"


@pytest.fixture
def value(kernel):
    return kernel.freeze({"a": [1, 2], "b": {"c": 1}})


def test_types_cannot_be_called(kernel):
    for kind in (kernel.FrozenMap, kernel.FrozenList):
        with pytest.raises(TypeError) as caught:
            kind({"a": 1})
        assert str(caught.value) == f"{kind.__name__} is made by freeze() or loads()"


def test_maps_refuse_changes(value):
    with pytest.raises(TypeError, match=REFUSAL):
        value.x = 1
    with pytest.raises(TypeError, match=REFUSAL):
        del value.a
    with pytest.raises(TypeError, match=REFUSAL):
        value["x"] = 1
    with pytest.raises(TypeError, match=REFUSAL):
        del value["a"]
    with pytest.raises(TypeError, match=REFUSAL):
        value |= {}
    with pytest.raises(TypeError, match=REFUSAL):
        _ = value | {}
    with pytest.raises(TypeError, match=REFUSAL):
        _ = {} | value


def test_lists_refuse_changes(value):
    items = value.a
    with pytest.raises(TypeError, match=REFUSAL):
        items[0] = 1
    with pytest.raises(TypeError, match=REFUSAL):
        del items[0]
    with pytest.raises(TypeError, match=REFUSAL):
        items[0:1] = []
    with pytest.raises(TypeError, match=REFUSAL):
        items.x = 1
    with pytest.raises(TypeError):
        items += [1]


def test_the_compiled_kernel_yields_to_nothing(compiled):
    value = compiled.freeze({"a": [1]})
    for attempt in (
        lambda: object.__setattr__(value, "a", 1),
        lambda: setattr(value, "__class__", dict),
        lambda: setattr(type(value), "x", 1),
        lambda: dict.__setitem__(value, "a", 1),
        lambda: type("Sub", (type(value),), {}),
    ):
        with pytest.raises((TypeError, AttributeError)):
            attempt()
    assert not gc.is_tracked(value)
    assert not gc.is_tracked(value.a)
    assert gc.get_referents(value) == []


def test_copies_are_the_value_itself(value):
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert copy.deepcopy([value.a])[0] is value.a


def test_pickle(kernel, value):
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for part in (value, value.a):
            again = pickle.loads(pickle.dumps(part, protocol))
            assert again == part
            assert type(again) is type(part)
    assert pickle.loads(pickle.dumps(kernel.ABSENT)) is kernel.ABSENT
    error = pickle.loads(pickle.dumps(kernel.JSONError("m", 3)))
    assert (error.message, error.position) == ("m", 3)


def test_repr(kernel, value):
    assert repr(value) == 'FrozenMap({"a":[1,2],"b":{"c":1}})'
    assert repr(value.a) == "FrozenList([1,2])"
    assert repr(kernel.ABSENT) == "ABSENT"
