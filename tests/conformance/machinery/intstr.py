"""`intstr/*`: counts that may be percentages."""

import json

from kcore.machinery.go_text import json_text, parse_int64
from kcore.machinery.int_or_percent import (
    IntOrPercentError,
    parse_int_or_text,
    scaled,
    scaled_leniently,
)
from tests.conformance.machinery.go_json import wrong_type
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("intstr/scaled")
def scaled_value(given):
    arguments = (given["value"], given["total"], given["roundUp"])
    out = {}
    try:
        out["deprecated"] = scaled_leniently(*arguments)
    except IntOrPercentError as error:
        out["deprecated"] = {"error": str(error)}
    try:
        out["value"] = scaled(*arguments)
    except IntOrPercentError as error:
        out["error"] = str(error)
    return out


def described(value):
    if isinstance(value, int):
        parts = {"intVal": value, "intValue": value, "strVal": "", "string": str(value), "type": 0}
    else:
        number = parse_int64(value)
        if number is None and value.lstrip("+-").isdigit() and value.isascii():
            # Atoi's answer out of range is the nearest int64.
            number = -(1 << 63) if value.startswith("-") else (1 << 63) - 1
        parts = {"intVal": 0, "intValue": number or 0, "strVal": value, "string": value, "type": 1}
    return parts | {"json": json_text(value)}


@registry.answers("intstr/parse")
def parse(given):
    return described(parse_int_or_text(given["s"]))


@registry.answers("intstr/json")
def decode(given):
    raw = given["json"]
    try:
        value = json.loads(raw, parse_constant=str)
    except json.JSONDecodeError as error:
        character = raw[error.pos]
        return {"error": f"invalid character '{character}' after object key:value pair"}
    if value is None:
        return described(0)
    if isinstance(value, str):
        return described(value)
    if type(value) is int and -(1 << 31) <= value < 1 << 31:
        return described(value)
    return wrong_type(raw, "v", "int32")
