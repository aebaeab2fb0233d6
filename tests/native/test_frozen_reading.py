from collections.abc import Mapping, Sequence

import pytest

POD = {
    "kind": "Pod",
    "items": [1],
    "spec": {"nodeName": "n1", "containers": [{"name": "a"}, {"name": "b"}], "none": None},
    "__deep__": 1,
    "__null__": None,
}


@pytest.fixture
def pod(kernel):
    return kernel.freeze(POD)


def test_attribute_reads_give_none_for_absent_keys(pod):
    assert pod.spec.nodeName == "n1"
    assert pod.absent is None
    assert pod.spec.none is None


def test_attribute_reads_of_absent_dunder_names_fail(pod):
    assert pod.__deep__ == 1
    assert pod.__null__ is None
    assert not hasattr(pod, "__array__")
    with pytest.raises(AttributeError, match="__wrapped__"):
        _ = pod.__wrapped__


def test_method_names_are_reachable_as_items_only(kernel):
    names = ("items", "values", "keys", "get", "set", "remove", "at")
    value = kernel.freeze(dict.fromkeys(names, 1))
    for name in names:
        assert callable(getattr(value, name))
        assert value[name] == 1


def test_names_of_dict_methods_and_private_slots_are_ordinary_keys(kernel):
    names = ("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update")
    private = ("_text", "_depth", "_hash", "text", "_refuse", "append", "index", "count")
    value = kernel.freeze(dict.fromkeys(names + private, 7))
    for name in names + private:
        assert getattr(value, name) == 7
        assert getattr(kernel.EMPTY_MAP, name) is None


def test_item_reads_raise_key_error(pod):
    assert pod["kind"] == "Pod"
    for absent in ("nope", 1, None):
        with pytest.raises(KeyError):
            pod[absent]


def test_get_contains_len_iteration(pod):
    assert pod.get("kind") == "Pod"
    assert pod.get("nope") is None
    assert pod.get("nope", 5) == 5
    assert "kind" in pod
    assert "nope" not in pod
    assert 1 not in pod
    assert len(pod) == 5
    assert list(pod) == sorted(POD)
    assert list(reversed(pod)) == sorted(POD, reverse=True)
    for wrong in ((), (1, 2, 3)):
        with pytest.raises(TypeError):
            pod.get(*wrong)


def test_str_subclasses_find_keys(pod):
    class Name(str):
        __slots__ = ()

    assert pod[Name("kind")] == "Pod"
    assert Name("kind") in pod
    assert pod.at(Name("kind")) == "Pod"
    assert pod.get(Name("kind")) == "Pod"
    assert getattr(pod, Name("kind")) == "Pod"


def test_at_reads_paths_tolerantly(pod):
    assert pod.at() is pod
    assert pod.at("spec", "containers", 1, "name") == "b"
    assert pod.at("spec", "containers", -1, "name") == "b"
    assert pod.at("spec", "containers", 2, "name") is None
    assert pod.at("spec", "containers", 2**70, default="d") == "d"
    assert pod.at("spec", "none", default="d") == "d"
    assert pod.at("spec", "none", "deeper", default="d") == "d"
    assert pod.at("kind", "deeper", default="d") == "d"
    assert pod.at("spec", 0, default="d") == "d"
    assert pod.at("spec", "containers", "name", default="d") == "d"
    assert pod.at([], default="d") == "d"
    assert pod.spec.containers.at(0, "name") == "a"
    with pytest.raises(TypeError):
        pod.at("kind", other=1)


def test_many_keys(kernel):
    big = {f"key-{i:05}": i for i in range(70_000)}
    value = kernel.freeze(big)
    assert len(value) == 70_000
    assert value["key-69999"] == 69_999
    assert "key-70000" not in value
    assert list(value.items()) == list(big.items())
    assert kernel.loads(kernel.dumps(value)) == value


def test_mapping_patterns_and_registration(kernel, pod):
    assert isinstance(pod, Mapping)
    assert isinstance(pod.spec.containers, Sequence)
    match pod:
        case {"kind": "Pod", "spec": {"containers": [{"name": first}, *rest]}, **others}:
            assert first == "a"
            assert len(rest) == 1
            assert sorted(others) == ["__deep__", "__null__", "items"]
        case _:
            pytest.fail("no match")


def test_unpacking(pod):
    assert dict(pod)["kind"] == "Pod"
    assert {**pod}["kind"] == "Pod"
    target = {}
    target.update(pod)
    assert list(target) == sorted(POD)
    [first, second] = pod.spec.containers
    assert (first.name, second.name) == ("a", "b")
