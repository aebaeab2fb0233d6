"""What a YAML scalar means to Go's parser: null, bool, int, float or the text itself.

`resolve` takes a scalar with its tag, `resolve_plain` one without. The dialect is YAML 1.1's in
most places: `yes` and `on` are true, `0777` is 511, `0b11` is 3, `1_000` is 1000, `1e3` is a float;
dates and `12:30:00` stay texts. Knows no node and no document.
"""

import base64
import re
from typing import Any, Final

_TAG: Final = "tag:yaml.org,2002:"
_BINARY: Final = "!!binary"
_TRUE: Final = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE")
_FALSE: Final = ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE")
_WORDS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_INT: Final = re.compile(
    r"([-+]?)(?:0[bB]([01]+)|0[oO]?([0-7]+)|0[xX]([0-9a-fA-F]+)|(0|[1-9][0-9]*))"
)
_BASES: Final = (2, 8, 16, 10)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DOTTED: Final = re.compile(r"\.[0-9]+([eE][-+]?[0-9]+)?")
# No number that Go keeps has more digits.
_DIGIT_COUNT_MAX: Final = 400
_NUMERIC: Final = ("!!int", "!!float")
_RESOLVED: Final = ("!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp")


class Uint64(int):
    """An integer that only Go's unsigned type holds."""

    __slots__ = ()


class ScalarTagError(ValueError):
    """A scalar that is not what its tag says; the message is Go's."""


def short_tag(tag: str) -> str:
    """`!!int` for `tag:yaml.org,2002:int`; other tags stay."""
    return f"!!{tag[len(_TAG) :]}" if tag.startswith(_TAG) else tag


def resolve(tag: str, text: str) -> Any:
    """The value of a scalar with a tag (in its short form).

    Raises:
        ScalarTagError: the text is no value of the tag's type.
    """
    if tag == _BINARY:
        return _decoded(text)
    if tag not in _RESOLVED or tag == "!!str":
        return text
    value = resolve_plain(text)
    kind = _kind_of(value)
    if kind == tag:
        return value
    if tag == "!!float" and kind == "!!int" and not isinstance(value, Uint64):
        return float(value)
    if tag == "!!timestamp" and _TIMESTAMP.fullmatch(text):
        return text
    raise ScalarTagError(f"cannot decode {kind} `{text}` as a {tag}")


_TIMESTAMP: Final = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
    r"([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)


def _kind_of(value: Any) -> str:
    if value is None:
        return "!!null"
    if isinstance(value, bool):
        return "!!bool"
    if isinstance(value, str):
        return "!!str"
    return "!!float" if isinstance(value, float) else "!!int"


def _decoded(text: str) -> str:
    bare = text.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(bare, validate=True).decode("utf-8", "replace")
    except ValueError:
        raise ScalarTagError("!!binary value contains invalid base64 data") from None


def resolve_plain(text: str) -> Any:
    """What an unquoted scalar means. `.inf` and `.nan` are floats; nobody has refused them yet."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return _finite(text, text) if _DOTTED.fullmatch(text) else text
    if text[0] not in "+-0123456789":
        return text
    digits = text.replace("_", "")
    if len(digits) > _DIGIT_COUNT_MAX:
        return text
    whole = _integer(digits)
    if whole is not None:
        return whole
    return _finite(digits, text) if _FLOAT.fullmatch(digits) else text


def _integer(digits: str) -> int | None:
    """An int64, or a number without a sign that a uint64 holds."""
    found = _INT.fullmatch(digits)
    if found is None:
        return None
    body, base = next(
        (group, base)
        for group, base in zip(found.groups()[1:], _BASES, strict=True)
        if group is not None
    )
    number = int(body, base)
    if found[1] == "-":
        number = -number
    if -(2**63) <= number < 2**63:
        return number
    return Uint64(number) if 0 < number < 2**64 and not found[1] else None


def _finite(digits: str, text: str) -> float | str:
    """The float; beyond any float Go's parser leaves the text."""
    number = float(digits)
    return text if number - number != 0 else number
