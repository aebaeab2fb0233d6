import itertools

import pytest

TEXTS = [
    "{}", "[]",
    '{"a":1}', '{"a":true}', '{"a":"1"}', '{"a":null}', '{"b":1}', '{"a":1,"b":1}', "[1]",
    "[true]", "[false]", "[0]", "[null]", '[""]', "[[]]", "[{}]", "[1.5]", "[1e21]", "[1,1]",
    '["é"]', '["€"]', '["a"]', "[9007199254740993]", "[9007199254740992]", "[-1]",
]  # fmt: skip


def test_values_are_equal_when_their_texts_are(kernel):
    for left, right in itertools.product(TEXTS, TEXTS):
        one, two = kernel.loads(left), kernel.loads(right)
        assert (one == two) is (kernel.dumps(one) == kernel.dumps(two)), (left, right)
        assert (one != two) is not (one == two)
        if one == two:
            assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (0.0, False, False),
        (0, -0.0, True),
        (1.0, True, False),
        (2**53, 2.0**53, True),
        (2**62, 2.0**62, False),  # The double is written as 4611686018427388000.
        (2**53 - 1, 2.0**53 - 1, True),
        (2**63 - 1, 2.0**63, False),
        (10**18, 1e18, True),
        (-(10**15), -1e15, True),
        (1e21, 1e21, True),
        ("1", 1, False),
        (None, False, False),
    ],
)
def test_scalars_inside_values(kernel, left, right, expected):
    one, two = kernel.freeze([left]), kernel.freeze([right])
    assert (one == two) is expected
    assert (two == one) is expected
    if expected:
        assert hash(one) == hash(two)


def test_unfrozen_containers_compare_by_what_they_would_freeze_to(kernel):
    value = kernel.freeze({"a": [1, {"b": 2}]})
    assert value == {"a": (1.0, {"b": 2})}
    assert value == {"a": [1, {"b": 2}]}
    assert value != {"a": [True, {"b": 2}]}
    assert value.a == [1, {"b": 2}]
    assert value.a == (1, {"b": 2})
    assert value != {"a": {1, 2}}
    assert value != {1: 2}
    assert value != "a"
    assert value != value.a
    assert value.a != value
    assert value != None  # noqa: E711
    assert value.a != [float("nan")]


def test_values_are_dict_keys(kernel):
    one = kernel.loads('{"a":[1,2.5,"x",null,true],"b":{}}')
    two = kernel.freeze({"b": {}, "a": [1.0, 2.5, "x", None, True]})
    assert {one: 1}[two] == 1
    assert hash(one) == hash(one)


def test_maps_have_no_order(kernel):
    with pytest.raises(TypeError):
        _ = kernel.EMPTY_MAP < kernel.EMPTY_MAP
