"""`record` takes the classes that only keep what they are given, and no others."""

from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import NamedTuple

import pytest

from kcore.records import record


@record
class Place(NamedTuple):
    """A named tuple."""

    name: str
    floor: int = 0


@record
@dataclass(slots=True)
class Box:
    """A default that is made anew stands before one that is not."""

    size: int
    inside: list[int] = field(default_factory=list)
    label: str = "none"


def test_records_are_made_as_before():
    assert Place("a") == Place(name="a", floor=0) == ("a", 0)
    boxes = Box(1), Box(1, label="none"), Box(size=1, inside=[], label="none")
    assert boxes[0] == boxes[1] == boxes[2]
    assert boxes[0].inside is not boxes[1].inside


def test_what_is_wrong_is_said_as_before():
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'name'"):
        Place()
    with pytest.raises(TypeError, match=r"got an unexpected keyword argument 'colour'"):
        Box(1, colour=2)


class Longer(Place):
    """Not a named tuple of its own."""

    __slots__ = ()


@dataclass
class Loose:
    """No slots."""

    x: int


@dataclass(slots=True)
class Thoughtful:
    """Does something when it is made."""

    x: int

    def __post_init__(self):
        self.x += 1


@dataclass(slots=True)
class ByName:
    """A field that is given by name alone."""

    _: KW_ONLY
    x: int = 0


@dataclass(slots=True)
class HandMade:
    """Its own way to be made."""

    x: int

    def __init__(self, y):
        self.x = y


@dataclass(slots=True)
class LeftOut:
    """A field that no caller gives."""

    x: int = field(init=False, default=3)


@dataclass(slots=True)
class Asking:
    """An argument that is no field."""

    x: int
    y: InitVar[int]


@pytest.mark.parametrize(
    "cls",
    [Longer, Loose, Thoughtful, ByName, HandMade, LeftOut, Asking, tuple, dict, object],
    ids=lambda cls: cls.__name__,
)
def test_other_classes_are_refused(cls):
    with pytest.raises(TypeError):
        record(cls)
