"""How Go writes and reads small values, where upstream's messages and rules show it.

`quote` is strconv.Quote, `parse_int64` strconv.ParseInt(text, 10, 64), `json_text` encoding/json
with its escaped `<`, `>` and `&`, `value_text` fmt's `%v` of a number. Knows no Kubernetes noun.
"""

import json
import math
import re
from decimal import Decimal
from typing import Any, Final

from kcore.machinery.frozen import dumps, freeze

_SHORT_ESCAPES: Final = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\\": r"\\",
    '"': r"\"",
}
_INTEGER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_INT64_MIN: Final = -(1 << 63)
_INT64_MAX: Final = (1 << 63) - 1
# 19 digits are enough for any int64; longer texts of zeros are still legal.
_HTML_ESCAPES: Final = str.maketrans(
    {
        "<": "\\u003c",
        ">": "\\u003e",
        "&": "\\u0026",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)
# Beyond these JSON writes a float with an exponent.
_JSON_EXPONENT_FROM: Final = 1e21
_JSON_EXPONENT_BELOW: Final = 1e-6
_EXPONENT_MIN: Final = -4
_EXPONENT_MAX: Final = 6


def quote(text: str) -> str:
    """`text` in double quotes, as Go's `%q` prints it."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{"".join(map(_quoted_character, text))}"'


def _quoted_character(character: str) -> str:
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if character.isprintable():
        return character
    point = ord(character)
    if point < 0x20 or point == 0x7F:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def parse_int64(text: str) -> int | None:
    """The integer, or None where Go's ParseInt refuses: other characters, or out of range."""
    if not _INTEGER.fullmatch(text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > len(str(_INT64_MAX)):
        return None
    number = -int(digits) if text[0] == "-" else int(digits)
    return number if _INT64_MIN <= number <= _INT64_MAX else None


def parse_int64_problem(text: str) -> str:
    """What ParseInt says about a text that `parse_int64` refuses."""
    why = "value out of range" if _INTEGER.fullmatch(text) else "invalid syntax"
    return f"strconv.ParseInt: parsing {quote(text)}: {why}"


def ordered_json_text(value: Any) -> str:
    """Plain values as encoding/json writes structs: compact, keys in the order they have."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.translate(_HTML_ESCAPES)


def json_string(text: str) -> str:
    """A text as encoding/json quotes it."""
    return json.dumps(text, ensure_ascii=False).translate(_HTML_ESCAPES)


def marshalled(value: Any) -> str:
    """Plain values as encoding/json writes them: compact, keys sorted, floats in Go's form.

    Raises:
        OverflowError: a float that is infinite or no number, in Go's words.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json_string(value)
    if isinstance(value, dict):
        members = (f"{json_string(key)}:{marshalled(value[key])}" for key in sorted(value))
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(marshalled, value))}]"
    return json_float(value) if isinstance(value, float) else str(int(value))


def json_float(number: float) -> str:
    """A float as encoding/json writes it.

    Raises:
        OverflowError: infinite, or not a number.
    """
    if not math.isfinite(number):
        raise OverflowError(f"json: unsupported value: {float_text(number)}")
    size = abs(number)
    if size and (size < _JSON_EXPONENT_BELOW or size >= _JSON_EXPONENT_FROM):
        # Python's own exponent form reaches at least as far as JSON's.
        mantissa, _, exponent = repr(number).partition("e")
        sign = "-" if exponent.startswith("-") else "+"
        return f"{mantissa.removesuffix('.0')}e{sign}{exponent.lstrip('+-').lstrip('0')}"
    if not size:
        return "-0" if math.copysign(1, number) < 0 else "0"
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def json_text(value: Any) -> str:
    """`value` as encoding/json writes it: compact, keys sorted, HTML characters escaped."""
    return dumps(freeze(value)).decode().translate(_HTML_ESCAPES)


def value_text(value: Any) -> str:
    """A bool or number as `%v` prints it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)


def float_text(number: float) -> str:
    """The shortest digits that read back, with an exponent below 1e-4 and from 1e6 on (`%v`)."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    sign, digits, _ = Decimal(repr(number)).normalize().as_tuple()
    exponent = Decimal(repr(number)).adjusted() if number else 0
    prefix = "-" if sign else ""
    if _EXPONENT_MIN <= exponent < _EXPONENT_MAX:
        plain = format(Decimal(repr(abs(number))), "f")
        return prefix + (plain.rstrip("0").rstrip(".") if "." in plain else plain)
    text = "".join(map(str, digits))
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{prefix}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
