"""`fields/*`: field selectors and what a kind offers to them."""

from kcore.api.field_labels import ALIASES, refusal
from kcore.machinery.fields import (
    FieldSelectorError,
    escape_value,
    parse_field_selector,
    unescape_value,
)
from tests.conformance.registry import Registry

registry = Registry("machinery")

EXACT_FIELDS = ("a", "b", "metadata.name", "spec.nodeName")


@registry.answers("fields/parse")
def parse(given):
    try:
        selector = parse_field_selector(given["selector"])
    except FieldSelectorError as error:
        return {"error": str(error)}
    exact = {field: selector.required_value(field) for field in EXACT_FIELDS}
    return {
        "empty": selector.is_empty(),
        "matches": [
            selector.matches(lambda field, one=one: one.get(field, "")) for one in given["sets"]
        ],
        "requirements": [
            {"field": one.field, "operator": one.operator, "value": one.value}
            for one in selector.requirements
        ],
        "requiresExactMatch": {field: one for field, one in exact.items() if one is not None},
        "string": str(selector),
    }


@registry.answers("fields/escape")
def escape(given):
    value = given["value"]
    try:
        unescaped = unescape_value(value)
    except FieldSelectorError as error:
        unescaped = {"error": str(error)}
    return {"escaped": escape_value(value), "unescaped": unescaped}


@registry.answers("fields/supportedLabels")
def supported_labels(given):
    group, _, version = given["apiVersion"].rpartition("/")
    kind = given["kind"]
    aliases = ALIASES.get((group, kind), {})
    return {
        "accepted": {
            field: {"label": aliases.get(field, field), "value": "val"}
            for field in given["candidates"]
            if not refusal(group, kind, field, version)
        },
        "sampleErrors": {
            field: refusal(group, kind, field, version) for field in ("", "metadata.uid")
        },
    }
