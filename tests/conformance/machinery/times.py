"""`time/*`: instants and durations in JSON."""

import json

from kcore.machinery.durations import DurationError, format_duration, parse_duration
from kcore.machinery.go_text import json_text
from kcore.machinery.timestamps import (
    ZERO_NS,
    TimeError,
    format_micro_time,
    format_time,
    parse_micro_time,
    parse_time,
)
from tests.conformance.machinery.go_json import wrong_type
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("time/time")
def time(given):
    raw = given["json"]
    value = json.loads(raw)
    if value is not None and not isinstance(value, str):
        return wrong_type(raw, "t", "string")
    try:
        instant_ns = ZERO_NS if value is None else parse_time(value)
    except TimeError as error:
        return {"error": str(error)}
    is_zero = instant_ns == ZERO_NS
    text = None if is_zero else format_time(instant_ns)
    return {
        "isZero": is_zero,
        "json": json_text(text),
        "pIsNil": value is None,
        "query": text or "",
        "unstructured": text,
    }


@registry.answers("time/microTime")
def micro_time(given):
    raw = given["json"]
    value = json.loads(raw)
    if value is not None and not isinstance(value, str):
        return wrong_type(raw, "t", "string")
    try:
        instant_ns = ZERO_NS if value is None else parse_micro_time(value)
    except TimeError as error:
        return {"error": str(error)}
    is_zero = instant_ns == ZERO_NS
    return {
        "isZero": is_zero,
        "json": json_text(None if is_zero else format_micro_time(instant_ns)),
    }


@registry.answers("time/duration")
def duration(given):
    raw = given["json"]
    value = json.loads(raw)
    if value is not None and not isinstance(value, str):
        return wrong_type(raw, "d", "string")
    try:
        duration_ns = parse_duration(value or "")
    except DurationError as error:
        return {"error": str(error)}
    return {"json": json_text(format_duration(duration_ns)), "nanoseconds": duration_ns}
