import pytest


@pytest.fixture
def value(kernel):
    return kernel.freeze({"b": [2], "a": 1, "c": None})


def test_lengths_and_iteration(value):
    assert len(value.keys()) == len(value.values()) == len(value.items()) == 3
    assert list(value.keys()) == ["a", "b", "c"]
    assert list(value.values()) == [1, [2], None]
    assert list(value.items()) == [("a", 1), ("b", [2]), ("c", None)]
    assert list(reversed(value.keys())) == ["c", "b", "a"]
    assert list(reversed(value.values())) == [None, [2], 1]
    assert next(reversed(value.items())) == ("c", None)
    assert not list(value.set((), {}).items())


def test_membership(value):
    assert "a" in value.keys()  # noqa: SIM118
    assert "z" not in value.keys()  # noqa: SIM118
    assert [2] in value.values()
    assert 3 not in value.values()
    assert ("a", 1) in value.items()
    assert ("a", 2) not in value.items()
    assert ("z", 1) not in value.items()
    assert "a" not in value.items()


def test_set_operations(kernel, value):
    other = kernel.freeze({"a": 1, "z": 1})
    assert value.keys() & other.keys() == {"a"}
    assert value.keys() | other.keys() == {"a", "b", "c", "z"}
    assert value.keys() - other.keys() == {"b", "c"}
    assert value.keys() ^ other.keys() == {"b", "c", "z"}
    assert value.keys() - {"a"} == {"b", "c"}
    assert {"a", "q"} - value.keys() == {"q"}
    assert {"a", "q"} & value.keys() == {"a"}
    assert value.keys() & ["a"] == {"a"}
    assert value.items() & other.items() == {("a", 1)}
    assert value.keys() == {"a", "b", "c"}
    assert value.keys() >= {"a"}
    assert value.keys() != {"a"}
    assert value.keys() != ["a", "b", "c"]
    assert value.keys().isdisjoint({"q"})
    assert not value.keys().isdisjoint(["a"])
    with pytest.raises(TypeError):
        _ = value.keys() & 1
    with pytest.raises(TypeError):
        hash(value.keys())


def test_iterators_outlive_their_value(kernel):
    iterator = iter(kernel.freeze({"a": [1]}).items())
    assert list(iterator) == [("a", [1])]
    assert list(iterator) == []
    iterator = iter(kernel.freeze({"a": 1, "b": 2}))
    assert iterator.__length_hint__() == 2
    next(iterator)
    assert iterator.__length_hint__() == 1
