"""Facts about an object are worked out once per object, and never handed to another."""

import pytest

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.identity_memo import (
    IdentityMemo,
    once_per_object,
    once_per_object_and_aspect,
)


def test_the_same_object_is_computed_once_and_an_equal_one_again() -> None:
    calls = []

    @once_per_object()
    def name_of(obj: FrozenMap) -> str:
        """The name."""
        calls.append(obj)
        name: str = obj["name"]
        return name

    one, other = freeze({"name": "a", "n": [1]}), freeze({"name": "a", "n": [2]})
    assert [name_of(one), name_of(one), name_of(other)] == ["a", "a", "a"]
    assert len(calls) == 2
    assert name_of.__doc__ == "The name."


def test_a_full_memory_starts_over_and_answers_stay_right() -> None:
    @once_per_object(3)
    def double(obj: FrozenMap) -> int:
        return int(obj["n"]) * 2

    # Objects die while the memory is emptied, so identities are reused.
    for n in range(100):
        assert double(freeze({"n": n})) == 2 * n


def test_an_error_is_raised_again() -> None:
    @once_per_object()
    def refuse(obj: FrozenMap) -> int:
        raise ValueError(obj["name"])

    obj = freeze({"name": "a"})
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            refuse(obj)


def test_aspects_of_one_object_are_kept_apart() -> None:
    memo: IdentityMemo[str] = IdentityMemo(4)
    one, other = [1], [1]
    memo.remember(one, "x", "one x")
    memo.remember(one, "y", "one y")
    memo.remember(other, "x", "other x")
    assert memo.recall(one, "x") == "one x"
    assert memo.recall(one, "y") == "one y"
    assert memo.recall(other, "x") == "other x"
    assert memo.recall(other, "y") is None
    memo.check_invariants()


def test_a_memory_is_bounded_and_keeps_its_objects_alive() -> None:
    memo: IdentityMemo[int] = IdentityMemo(4)
    for n in range(50):
        memo.remember([n], None, n)
        assert len(memo) <= 4
        memo.check_invariants()
    with_wrong_entry: IdentityMemo[int] = IdentityMemo(4)
    with_wrong_entry._known[1, None] = ([], 1)
    with pytest.raises(AssertionError, match="another object"):
        with_wrong_entry.check_invariants()


def test_further_arguments_are_told_by_equality() -> None:
    calls = []

    @once_per_object_and_aspect(8)
    def joined(obj: FrozenMap, prefix: str, other: FrozenMap) -> str:
        calls.append(prefix)
        return f"{prefix}{obj['name']}{other['name']}"

    one, other = freeze({"name": "a", "n": [1]}), freeze({"name": "a", "n": [2]})
    assert joined(one, "x", freeze({"name": "b"})) == "xab"
    assert joined(one, "x", freeze({"name": "b"})) == "xab"
    assert calls == ["x"]
    assert joined(one, "y", one) == "yaa"
    assert joined(other, "x", freeze({"name": "b"})) == "xab"
    assert calls == ["x", "y", "x"]
