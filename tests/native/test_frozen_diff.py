import pytest


def paths(differences):
    return [path for path, _old, _new in differences]


def test_nothing_differs(kernel):
    value = kernel.freeze({"a": [1, {"b": 2.0}]})
    assert kernel.diff(value, value) == []
    assert kernel.diff(value, kernel.loads('{"a":[1.0,{"b":2}]}')) == []


def test_changes_come_in_path_order(kernel):
    old = kernel.freeze({"a": 1, "b": {"x": [1, 2, 3], "y": True}, "d": 1})
    new = kernel.freeze({"b": {"x": [1, 5], "y": 1, "z": {}}, "c": None, "d": 1})
    absent = kernel.ABSENT
    assert kernel.diff(old, new) == [
        (("a",), 1, absent),
        (("b", "x", 1), 2, 5),
        (("b", "x", 2), 3, absent),
        (("b", "y"), True, 1),
        (("b", "z"), absent, {}),
        (("c",), absent, None),
    ]


def test_kinds_differ(kernel):
    value = kernel.freeze({"a": {"b": 1}})
    assert kernel.diff(value, value.set("a", [1])) == [(("a",), {"b": 1}, [1])]
    assert kernel.diff(1, 2) == [((), 1, 2)]
    assert kernel.diff(kernel.ABSENT, value) == [((), kernel.ABSENT, value)]
    assert kernel.diff(kernel.ABSENT, kernel.ABSENT) == []


def test_shared_parts_are_skipped(kernel):
    old = kernel.freeze({"big": list(range(1000)), "a": {"b": 1}})
    assert paths(kernel.diff(old, old.set(("a", "b"), 2))) == [("a", "b")]


def test_refusals(kernel):
    for arguments in (({}, kernel.EMPTY_MAP), (kernel.EMPTY_MAP, {})):
        with pytest.raises(TypeError, match="dict is not frozen"):
            kernel.diff(*arguments)
    with pytest.raises(ValueError, match="integer does not fit"):
        kernel.diff(2**64, 1)
    with pytest.raises(TypeError):
        kernel.diff(1)
