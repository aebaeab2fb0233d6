"""A changed record is a copy with other values in some slots, and the record stays as it is."""

import gc
import sys
import weakref
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import record as twin


class Point:
    __slots__ = ("x", "y")


class Place(Point):
    __slots__ = ("__secret", "name")

    def hide(self, secret):
        self.__secret = secret

    @property
    def hidden(self):
        return self.__secret


class Plain(Place):
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sealed:
    left: object
    right: object = None

    def __post_init__(self):
        assert self.left is not None, "made by hand"


class Open(Point):
    pass


class Weak(Point):
    __slots__ = ("__weakref__",)


class Keyed(dict):
    __slots__ = ("x",)


SLOTS = ("x", "y", "name")
FIELDS = st.dictionaries(st.sampled_from(SLOTS), st.integers())


def place(fields, kind=Place):
    made = kind()
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def fields_of(one):
    return {name: getattr(one, name) for name in SLOTS if hasattr(one, name)}


@given(st.sampled_from([Place, Plain]), FIELDS, FIELDS)
def test_a_copy_differs_where_it_is_told_to(record, kind, before, changes):
    original = place(before, kind)
    original.hide("told to nobody")
    copy = record.changed(original, **changes)
    assert type(copy) is kind
    assert copy is not original
    assert fields_of(copy) == {**before, **changes}
    assert copy.hidden == "told to nobody"
    assert fields_of(original) == before
    assert gc.is_tracked(copy)


def test_a_class_that_refuses_assignment_is_not_asked(record):
    copy = record.changed(Sealed(1, 2), left=None)
    assert (copy.left, copy.right) == (None, 2)


@pytest.mark.parametrize("make", [Open, Weak, Keyed, dict, int, lambda: (1, 2), lambda: len])
def test_what_is_more_than_slots_is_refused(record, make):
    with pytest.raises(TypeError, match="is no record: it is made of more than slots"):
        record.changed(make())


def test_a_slot_that_is_not_there_is_refused(record):
    with pytest.raises(AttributeError, match="no attribute 'z'"):
        record.changed(place({"x": 1}), x=2, z=3)


def test_one_record_at_a_time(record):
    for wrong in ((), (Point(), Point())):
        with pytest.raises(TypeError):
            record.changed(*wrong)


@pytest.mark.parametrize("changes", [{}, {"x": "other"}, {"x": 1, "z": 2}])
def test_nothing_stays_behind(compiled_record, changes):
    original, value = place({"x": object(), "y": object()}), object()

    def cycle():
        try:
            compiled_record.changed(original, name=value, **changes)
        except AttributeError:
            assert "z" in changes

    for _ in range(100):
        cycle()
    gc.collect()
    counts = sys.getrefcount(value), sys.getrefcount(original.x), sys.getrefcount(original.y)
    blocks = sys.getallocatedblocks()
    for _ in range(10_000):
        cycle()
    gc.collect()
    assert abs(sys.getallocatedblocks() - blocks) < 60
    left = sys.getrefcount(value), sys.getrefcount(original.x), sys.getrefcount(original.y)
    assert left == counts


def test_a_copy_in_a_circle_is_collected(record):
    for _ in range(100):
        copy = record.changed(place({"x": 1}))
        copy.y = copy
    del copy
    assert gc.collect() >= 100


def test_the_twin_knows_the_same_records(compiled_record):
    for kind in (Point, Place, Plain, Open, Weak, Keyed, Sealed, dict, str, type, object):
        one = Sealed(1) if kind is Sealed else type if kind is type else kind()
        answers = []
        for kernel in (twin, compiled_record):
            try:
                answers.append(type(kernel.changed(one)))
            except TypeError as refusal:
                answers.append(str(refusal))
        assert answers[0] == answers[1]


def moved(record, one, x):
    """The one place at which these tests change records."""
    return record.changed(one, x=x)


def test_one_place_changes_records_of_many_classes(record):
    kinds = [type(f"Kind{i}", (Place,), {"__slots__": (f"own{i}",)}) for i in range(100)]
    for again in range(3):
        for kind in (Point, Plain, *kinds):
            original = kind()
            original.y = again
            copies = [moved(record, original, x) for x in range(3)]
            assert [(type(copy), copy.x, copy.y) for copy in copies] == [
                (kind, x, again) for x in range(3)
            ]


def test_a_class_that_changes_is_looked_at_again(record):
    class Changing(Point):
        __slots__ = ("name",)

    original = Changing()
    assert [moved(record, original, x).x for x in range(3)] == [0, 1, 2]
    # What is found under the name is no slot any more.
    Changing.x = property(lambda self: "read only")
    with pytest.raises(AttributeError):
        moved(record, original, 3)
    del Changing.x
    assert moved(record, original, 4).x == 4


def test_classes_are_not_held(record):
    kind = type("Passing", (Point,), {"__slots__": ()})
    for x in range(3):
        moved(record, kind(), x)
    gone = weakref.ref(kind)
    del kind
    gc.collect()
    assert gone() is None


class Leaf:
    __slots__ = ("value",)


class Twig(Leaf):
    __slots__ = ("other",)


def test_copies_of_what_is_in_no_circle_are_kept_from_the_collector(record):
    record.acyclic(Leaf)
    leaf, twig = Leaf(), Twig()
    leaf.value = twig.value = twig.other = ["x"]
    copy = record.changed(leaf, value=leaf.value)
    assert copy.value is leaf.value
    if record is not twin:
        assert not gc.is_tracked(copy)
        assert not gc.is_tracked(record.changed(copy))
    # Those of subclasses may be in circles.
    assert gc.is_tracked(record.changed(twig, other=1))
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(2_000):
        copy = record.changed(copy, value=[copy.value[0]])
    gc.collect()
    assert abs(sys.getallocatedblocks() - before) < 20


def test_what_is_no_class_of_records_is_refused(record):
    class Loose:
        pass

    for refused in (Loose, int, dict, 3, "x"):
        with pytest.raises(TypeError, match="is no class of records"):
            record.acyclic(refused)
