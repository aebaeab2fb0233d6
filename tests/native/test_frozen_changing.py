import pytest


@pytest.fixture
def value(kernel):
    return kernel.loads(b'{"a":{"b":1,"n":null},"l":[{"x":1},{"x":2}],"s":"t"}')


def test_set_shares_what_it_does_not_touch(value):
    changed = value.set(("a", "b"), 2)
    assert changed.a.b == 2
    assert value.a.b == 1
    assert changed["l"] is value["l"]
    assert changed.set(("a", "c", "d"), 3).a == {"b": 2, "n": None, "c": {"d": 3}}


@pytest.mark.parametrize(
    ("steps", "new", "text"),
    [
        ("z", [1], '{"a":{"b":1,"n":null},"l":[{"x":1},{"x":2}],"s":"t","z":[1]}'),
        ("A", 0, '{"A":0,"a":{"b":1,"n":null},"l":[{"x":1},{"x":2}],"s":"t"}'),
        (("a", "n", "m"), 1, '{"a":{"b":1,"n":{"m":1}},"l":[{"x":1},{"x":2}],"s":"t"}'),
        (("l", 1, "x"), 3, '{"a":{"b":1,"n":null},"l":[{"x":1},{"x":3}],"s":"t"}'),
        (("l", -2), 3, '{"a":{"b":1,"n":null},"l":[3,{"x":2}],"s":"t"}'),
        (("l", "-", "y"), 3, '{"a":{"b":1,"n":null},"l":[{"x":1},{"x":2},{"y":3}],"s":"t"}'),
        (("l", True), 3, '{"a":{"b":1,"n":null},"l":[{"x":1},3],"s":"t"}'),
        (("m", "-"), 3, '{"a":{"b":1,"n":null},"l":[{"x":1},{"x":2}],"m":{"-":3},"s":"t"}'),
        ((), {}, "{}"),
    ],
)
def test_set(kernel, value, steps, new, text):
    changed = value.set(steps, new)
    assert kernel.dumps(changed).decode() == text
    assert changed == kernel.loads(text)
    assert hash(changed) == hash(kernel.loads(text))


@pytest.mark.parametrize(
    ("steps", "new", "error", "message"),
    [
        (("s", "x"), 1, TypeError, "cannot set 'x' inside a str (at .s.x)"),
        (("a", "b", 0), 1, TypeError, "cannot set 0 inside a int (at .a.b[0])"),
        (("a", 0), 1, TypeError, "map keys must be str, not int (at .a[0])"),
        ((None,), 1, TypeError, "map keys must be str, not NoneType (at .None)"),
        (("new", 0), 1, TypeError, "map keys must be str, not int (at .new[0])"),
        (("l", "x"), 1, TypeError, "list index must be int, not 'x' (at .l.x)"),
        (("l", 2), 1, IndexError, "list index 2 out of range (at .l[2])"),
        (("l", -3, "x"), 1, IndexError, "list index -3 out of range (at .l[-3])"),
        (("l", 2**70), 1, IndexError, f"list index {2**70} out of range (at .l[{2**70}])"),
        ("a", {1, 2}, TypeError, "set is no JSON value"),
        ("a", float("nan"), ValueError, "nan has no JSON form"),
        (("new", "\ud800"), 1, ValueError, "lone surrogate at character 0"),
        (("x",) * 257, 1, ValueError, "nested deeper than 256 levels"),
    ],
)
def test_set_refusals(value, steps, new, error, message):
    with pytest.raises(error) as caught:
        value.set(steps, new)
    assert str(caught.value) == message


def test_set_of_the_same_value_returns_the_same_map(value):
    assert value.set(("a", "b"), value.a.b) is value
    assert value.set(("l", 0), value["l"][0]) is value
    assert value.set(("a", "n"), None) is value


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ("a", '{"l":[{"x":1},{"x":2}],"s":"t"}'),
        (("a", "b"), '{"a":{"n":null},"l":[{"x":1},{"x":2}],"s":"t"}'),
        (("a", "n"), '{"a":{"b":1},"l":[{"x":1},{"x":2}],"s":"t"}'),
        (("l", 0), '{"a":{"b":1,"n":null},"l":[{"x":2}],"s":"t"}'),
        (("l", -1, "x"), '{"a":{"b":1,"n":null},"l":[{"x":1},{}],"s":"t"}'),
    ],
)
def test_remove(kernel, value, steps, text):
    changed = value.remove(steps)
    assert kernel.dumps(changed).decode() == text
    assert changed == kernel.loads(text)


@pytest.mark.parametrize(
    "steps", ["z", 0, None, ("a", "z"), ("a", "b", "c"), ("l", 5), ("l", 2**70), ("l", 1, "z"), [1]]
)
def test_remove_of_nothing_returns_the_same_map(value, steps):
    assert value.remove(steps) is value


def test_remove_refusals(value):
    with pytest.raises(ValueError, match="cannot remove the root"):
        value.remove(())
    with pytest.raises(TypeError) as caught:
        value.remove(("l", "x"))
    assert str(caught.value) == "list index must be int, not 'x' (at .l.x)"


def test_lists_change_too(kernel):
    value = kernel.freeze([1, {"a": 1}])
    assert value.set((1, "a"), 2) == [1, {"a": 2}]
    assert value.set("-", 2) == [1, {"a": 1}, 2]
    assert value.remove(0) == [{"a": 1}]
    assert value.remove(0).remove(0) == []


def test_removing_the_last_key_leaves_an_empty_map(kernel):
    empty = kernel.freeze({"a": 1}).remove("a")
    assert empty == kernel.EMPTY_MAP
    assert hash(empty) == hash(kernel.EMPTY_MAP)
    assert kernel.dumps(empty) == b"{}"
    assert empty.set("b", 1) == {"b": 1}


def test_wrong_argument_counts(value):
    for arguments in ((), ("a",), ("a", 1, 2)):
        with pytest.raises(TypeError):
            value.set(*arguments)
    with pytest.raises(TypeError):
        value.remove()
