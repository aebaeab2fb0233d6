"""A manifest that was parsed once, with places where numbers go.

Templates of the benchmark number their objects: `name: pod-{{.Index}}`. What stands around a number
is the same each time, so such a manifest is parsed once with a mark in place of the number, and
numbers are put where the mark has come to stand. That is what parsing would give where a text
begins with a letter (it is no number, whatever the digits) and a key with a mark is alone in its
map (it cannot collide, and no order changes); every other manifest has no pattern.
"""

from collections.abc import Iterator
from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap, Template, freeze

MARK: Final = "\ue000"
"""Of the private use area: no manifest means anything by it."""

Path = tuple[str | int, ...]
Place = tuple[Path, str, Any]
"""Where, the text with the mark, and the value under that text if it is a key."""


class _NoPatternError(Exception):
    """Numbers could change more than texts."""


class Pattern:
    """What all objects of a manifest have in common, and where their numbers go."""

    __slots__ = ("_places", "_template")

    def __init__(self, value: FrozenMap, places: list[Place]) -> None:
        self._template = Template(value, *(path for path, _, _ in places))
        self._places = places

    def object(self, number: int) -> FrozenMap:
        """The object with this number. O(places)."""
        digits = str(number)
        values = [
            text.replace(MARK, digits) if under is None else _one(text.replace(MARK, digits), under)
            for _, text, under in self._places
        ]
        made: FrozenMap = self._template(*values)
        return made


def pattern_of(value: FrozenMap) -> Pattern | None:
    """The pattern of a parsed manifest with marks; None when there is none."""
    try:
        places = list(_places(value, ()))
    except _NoPatternError:
        return None
    return Pattern(value, places) if places else None


def _places(value: Any, path: Path) -> Iterator[Place]:
    if isinstance(value, str):
        if MARK in value:
            yield path, _checked(value), None
    elif isinstance(value, FrozenList):
        for position, element in enumerate(value):
            yield from _places(element, (*path, position))
    elif isinstance(value, FrozenMap):
        if not any(MARK in key for key in value):
            for key, element in value.items():
                yield from _places(element, (*path, key))
            return
        key, element = next(iter(value.items()))
        if len(value) > 1 or list(_places(element, path)) or element is None or not path:
            raise _NoPatternError
        yield path, _checked(key), element


def _checked(text: str) -> str:
    if not (text[0].isascii() and text[0].isalpha()):
        raise _NoPatternError
    return text


def _one(key: str, value: Any) -> FrozenMap:
    made: FrozenMap = freeze({key: value})
    return made
