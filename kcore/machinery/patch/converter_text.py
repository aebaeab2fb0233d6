"""What upstream says of a wrong JSON type where it converts values instead of reading text.

Strategic merge patches and server-side apply end in Go's converter of untyped values, whose
messages name neither field nor value.
"""

import re
from collections.abc import Mapping
from typing import Final

_WRONG: Final = re.compile(
    r"json: cannot unmarshal (\w+)(?: (-?[\d.eE+-]+))? into Go (?:struct field \S+|value) "
    r"of type (\S+)"
)
_KINDS: Final = {
    "string": "string",
    "bool": "bool",
    "array": "slice",
    "object": "map",
    "number": "int64",
}
# What Go would convert to a type, though not to this value.
_CONVERTIBLE: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("int64",),
    "bool": (),
    **dict.fromkeys(("int32", "int64", "float64", "uint8"), ("float64", "int64")),
}


def converter_text(why: str) -> str:
    """The converter's words for a complaint of the JSON reader; others stay as they are."""
    found = _WRONG.fullmatch(why)
    if found is None:
        return why
    json_type, number, go_type = found.groups()
    kind = "float64" if number and "." in number else _KINDS.get(json_type, json_type)
    if go_type.startswith("[]"):
        return f"cannot restore slice from {kind}"
    if go_type.startswith("map["):
        return f"cannot restore map from {kind}"
    if kind in _CONVERTIBLE.get(go_type, ()):
        return f"cannot convert {kind} to {go_type}"
    if go_type in _CONVERTIBLE:
        return f"unrecognized type: {go_type}"
    # A name of a struct, or of a kind of string that an object cannot be.
    return "unrecognized type: string" if kind == "map" else f"cannot restore struct from: {kind}"
