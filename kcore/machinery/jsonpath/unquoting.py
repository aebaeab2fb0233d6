"""Quoted text in a template: Go's escapes, in single or double quotes."""

import re
from typing import Final

_SIMPLE: Final = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}
_NUMERIC: Final = re.compile(
    r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})", re.ASCII
)
_SURROGATES: Final = range(0xD800, 0xE000)
_POINT_MAX: Final = 0x10FFFF
_BYTE_MAX: Final = 0xFF


def unquote(quoted: str) -> str | None:
    """The text between the quotes, escapes resolved; None where Go refuses."""
    if len(quoted) < 2 or quoted[0] != quoted[-1]:
        return None
    mark, text = quoted[0], quoted[1:-1]
    parts: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character == mark:
            return None
        if character != "\\":
            parts.append(character)
            position += 1
            continue
        found = _escape(text, position + 1, mark)
        if found is None:
            return None
        value, position = found
        parts.append(value)
    return "".join(parts)


def _escape(text: str, position: int, mark: str) -> tuple[str, int] | None:
    """The character after a backslash, and where the text goes on."""
    character = text[position : position + 1]
    if character in _SIMPLE:
        return _SIMPLE[character], position + 1
    if character == mark:
        return mark, position + 1
    match = _NUMERIC.match(text, position)
    if match is None:
        return None
    digits = match[match.lastindex or 0]
    point = int(digits, 8 if match.lastindex == 4 else 16)
    too_large = point > (_BYTE_MAX if match.lastindex == 4 else _POINT_MAX)
    if too_large or point in _SURROGATES:
        return None
    return chr(point), match.end()
