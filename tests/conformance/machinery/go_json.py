"""The texts of Go's JSON decoder for values it refuses, as a case's field sees them."""

import json
import re

_KINDS = {
    bool: "bool",
    int: "number",
    float: "number",
    dict: "object",
    list: "array",
    str: "string",
}


def wrong_type(raw, field, go_type):
    """`json: cannot unmarshal ... into Go struct field` for the JSON text `raw`."""
    value = json.loads(raw)
    kind = _KINDS[type(value)]
    if go_type != "string" and kind == "number":
        kind = f"number {raw}"
    return {
        "error": f"json: cannot unmarshal {kind} into Go struct field .{field} of type {go_type}"
    }


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_WORD = re.compile("true|false|null|\\{\\}|\\[\\]")


def syntax_error(raw):
    """Go's complaint about `{"q":RAW,...}` where RAW is no JSON value; "" where it is one."""
    raw = raw.strip()
    text = f"{raw},"
    match = _STRING.match(text) or _NUMBER.match(text) or _WORD.match(text)
    if match is None:
        return (
            f"invalid character '{text[0]}' looking for beginning of value"
            if raw[0] not in "[{"
            else ""
        )
    end = match.end()
    if text[end] in "eE" and match.re is _NUMBER:
        exponent = re.match(r"[eE][+-]?", text[end:])
        end += exponent.end()
        if not text[end].isdigit():
            return f"invalid character '{text[end]}' in exponent of numeric literal"
        end += len(re.match("[0-9]+", text[end:])[0])
    if end == len(raw):
        return ""
    return f"invalid character '{text[end]}' after object key:value pair"
