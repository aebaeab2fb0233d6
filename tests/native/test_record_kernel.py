"""A quickened class makes what it made before, and refuses what it refused, in the same words."""

import copy
import gc
import pickle
import sys
import weakref
from collections import namedtuple
from dataclasses import dataclass, field, make_dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import record as twin
from tests.native.conftest import compiled_kernel


@pytest.fixture(params=["twin", "compiled"], scope="session")
def kernel(request):
    return twin if request.param == "twin" else compiled_kernel("record")


def both(kernel, shape, names, defaults):
    """A class as Python makes it, and a quickened one."""

    def made():
        if shape == "tuple":
            return namedtuple("Made", names, defaults=defaults)  # noqa: PYI024 - made of names
        first = len(names) - len(defaults)
        fields = [
            (name, object, field(default=defaults[at - first])) if at >= first else (name, object)
            for at, name in enumerate(names)
        ]
        return make_dataclass("Made", fields, slots=True, frozen=shape == "frozen")

    plain, quick = made(), made()
    kernel.quicken(quick, tuple(names), tuple(defaults))
    return plain, quick


def outcome(cls, args, keywords):
    """What a call comes to, in comparable words."""
    try:
        made = cls(*args, **keywords)
    except TypeError as error:
        return "refused", str(error)
    assert type(made) is cls
    return repr(made)


NAMES = ["alpha", "beta", "gamma", "delta"]
CALLS = st.lists(
    st.tuples(
        st.lists(st.integers(), max_size=5),
        st.dictionaries(st.sampled_from([*NAMES, "other", "al" + "pha "]), st.text(), max_size=5),
    ),
    min_size=1,
    max_size=5,
)


@given(
    st.sampled_from(["tuple", "slots", "frozen"]),
    st.integers(0, 4),
    st.integers(0, 4),
    CALLS,
)
def test_calls_come_to_the_same(kernel, shape, count, defaults_count, calls):
    defaults = list(range(min(count, defaults_count)))
    plain, quick = both(kernel, shape, NAMES[:count], defaults)
    for args, keywords in calls:
        assert outcome(quick, args, keywords) == outcome(plain, args, keywords)


@pytest.mark.parametrize("shape", ["tuple", "slots", "frozen"])
def test_names_that_are_not_interned_are_known(kernel, shape):
    _, quick = both(kernel, shape, NAMES, [])
    keywords = {"".join(list(name)): number for number, name in enumerate(NAMES)}
    assert repr(quick(**keywords)) == "Made(alpha=0, beta=1, gamma=2, delta=3)"


def test_subclasses_make_their_own(kernel):
    _, quick = both(kernel, "slots", NAMES[:2], [7])

    @dataclass
    class Longer(quick):
        more: int = 1

        def __post_init__(self):
            self.more += 1

    assert (Longer(1).beta, Longer(1).more, Longer(1, 2, 3).more) == (7, 2, 4)


@pytest.mark.parametrize("shape", ["tuple", "slots"])
def test_copies_and_comparisons_are_as_before(kernel, shape):
    plain, quick = both(kernel, shape, NAMES, [])
    made = quick([1], "b", None, 4.0)
    assert copy.deepcopy(made) == made
    assert made != quick([2], "b", None, 4.0)
    if shape == "tuple":
        assert made == plain([1], "b", None, 4.0)
        assert made._replace(alpha=3) == (3, "b", None, 4.0)
        assert quick._make(range(4)) == (0, 1, 2, 3)


@given(st.lists(st.integers(), min_size=4, max_size=4), st.dictionaries(st.text(), st.text()))
def test_named_tuples_are_changed_by_name(kernel, values, others):
    _, quick = both(kernel, "tuple", NAMES, [])
    made = quick(*values)
    for names in ([], ["beta"], ["delta", "alpha"], NAMES):
        changes = {"".join(list(name)): f"new {name}" for name in names}  # Names not interned.
        copy = kernel.changed(made, **changes)
        assert type(copy) is quick
        assert copy == made._replace(**changes)
        assert copy is not made
    assert list(made) == values
    if others:
        with pytest.raises(AttributeError, match="'Made' object has no attribute"):
            kernel.changed(made, alpha=1, **others)


def test_only_named_tuples_of_quickened_classes_are_changed(kernel):
    plain, quick = both(kernel, "tuple", NAMES, [])

    class Heir(quick):
        __slots__ = ()

    for other in (plain(1, 2, 3, 4), Heir(1, 2, 3, 4), tuple.__new__(quick, (1, 2)), (1, 2)):
        with pytest.raises(TypeError, match="is no record: it is made of more than slots"):
            kernel.changed(other)


def test_changed_tuples_keep_nothing(kernel):
    old, new = object(), object()
    _, quick = both(kernel, "tuple", NAMES, [])
    made = quick(old, old, old, old)
    gc.collect()
    counts = sys.getrefcount(old), sys.getrefcount(new)
    for _ in range(100):
        kernel.changed(made, beta=new, alpha=new)
        with pytest.raises(AttributeError):
            kernel.changed(made, beta=new, other=new)
    gc.collect()
    assert (sys.getrefcount(old), sys.getrefcount(new)) == counts


class Dotted(namedtuple("Dotted", ["x", "y"])):  # noqa: PYI024 - its parent is not quickened
    """At the top of a module, so that it can be pickled."""

    __slots__ = ()


def test_records_are_pickled(kernel):
    kernel.quicken(Dotted, ("x", "y"), ())
    assert pickle.loads(pickle.dumps(Dotted(1, "two"))) == Dotted(x=1, y="two")


class Meta(type):
    """Another metaclass, whose `__call__` may be anything."""


class Unusual(metaclass=Meta):
    """Not an ordinary class."""

    __slots__ = ("x",)


class Dictionary:
    """No slots."""

    x = 1


@pytest.mark.parametrize(
    ("cls", "names", "defaults", "message"),
    [
        (Unusual, ("x",), (), "not an ordinary class"),
        (Dictionary, ("x",), (), "has no slot 'x'"),
        (Dictionary, ("y",), (), "has no slot 'y'"),
        (Dotted, ("x", "y"), (1, 2, 3), "too many fields or defaults"),
        (Dotted, tuple(f"x{number}" for number in range(33)), (), "too many fields or defaults"),
        (Dotted, (1,), (), "names are texts"),
    ],
)
def test_other_classes_are_refused(kernel, cls, names, defaults, message):
    with pytest.raises(TypeError, match=message):
        kernel.quicken(cls, names, defaults)


@pytest.mark.parametrize("shape", ["tuple", "slots", "frozen"])
def test_nothing_is_kept(kernel, shape):
    marker, default = object(), object()
    classes = both(kernel, shape, NAMES, [default])
    quick = classes[1]
    gc.collect()
    counts = sys.getrefcount(marker), sys.getrefcount(default)
    for _ in range(100):
        quick(marker, marker, gamma=marker)
        quick(delta=marker, gamma=marker, beta=marker, alpha=marker)
        with pytest.raises(TypeError):
            quick(marker, other=marker)
    gc.collect()
    assert (sys.getrefcount(marker), sys.getrefcount(default)) == counts


def test_a_class_that_nobody_holds_goes_with_its_defaults(kernel):
    class Default:
        pass

    default = Default()
    gone = weakref.ref(default)
    plain, quick = both(kernel, "slots", NAMES, [default])
    kernel.quicken(quick, tuple(NAMES), (default,))  # Twice is once.
    del plain, quick, default
    gc.collect()
    assert gone() is None


def test_records_in_cycles_are_collected(kernel):
    _, quick = both(kernel, "slots", NAMES[:2], [])
    made = quick([], Dictionary())
    made.alpha.append(made)
    gone = weakref.ref(made.beta)
    del made
    gc.collect()
    assert gone() is None
