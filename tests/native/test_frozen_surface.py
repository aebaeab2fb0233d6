"""Both kernels have the same names."""

import pytest

from kcore import _native
from kcore._native.reference import frozen as twin
from kcore.machinery import frozen as door


def test_the_kernel_has_every_public_name(kernel):
    for name in twin.__all__:
        assert hasattr(kernel, name), name


def test_the_door_opens_to_one_kernel():
    for name in set(door.__all__) & set(twin.__all__):
        assert getattr(door, name) is getattr(_native.frozen, name)
    assert door.loads('{"a":[1]}') == {"a": [1]}
    assert type(door.EMPTY_MAP) is door.FrozenMap


@pytest.mark.parametrize("kind", ["FrozenMap", "FrozenList"])
def test_the_types_have_the_same_methods(compiled, kind):
    ours, theirs = getattr(twin, kind), getattr(compiled, kind)
    assert ours.__name__ == theirs.__name__
    public = {name for name in dir(theirs) if not name.startswith("_")}
    assert public <= set(dir(ours))


def test_check_invariants(kernel):
    for source in (1, "x", None, {}, [], {"a": [1, {"b": 2.5}], "c": {}}):
        kernel.check_invariants(kernel.freeze(source))
    with pytest.raises((TypeError, AssertionError)):
        kernel.check_invariants({"a": 1})
