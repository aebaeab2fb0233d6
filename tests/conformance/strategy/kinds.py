"""`default`, `convert`, `fields`: pure functions about one object's kind."""

from kcore.api.conversion import convert
from kcore.api.field_labels import ALIASES, field_set, refusal
from kcore.api.resource_v1.device_taints import (
    DEVICE_TAINT_RULE,
    RESOURCE_SLICE,
    fill_taint_times,
)
from kcore.api.rules import rules_for
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.schema import decode
from tests.conformance.registry import Registry

registry = Registry("strategy")

NOW = "2026-01-01T00:00:00Z"


def group_of(api_version):
    return api_version.rpartition("/")[0]


def defaulted(decoded, api_version, kind, now=NOW):
    """All defaults, those of the clock included."""
    obj = rules_for(group_of(api_version), kind).default(decoded)
    if kind in (DEVICE_TAINT_RULE, RESOURCE_SLICE):
        return fill_taint_times(obj, kind, now)
    return obj


def with_defaults(obj, now=NOW):
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    return defaulted(decode(obj, api_version, kind).object, api_version, kind, now)


@registry.answers("default", prune=True)
def default(given):
    try:
        return {"object": with_defaults(freeze(given["object"]))}
    except ApiError as error:
        return {"error": error.to_status()}


@registry.answers("convert", prune=True)
def converted(given):
    try:
        return {"object": convert(freeze(given["object"]), given["to"])}
    except ApiError as error:
        return {"error": error.to_status()}


@registry.answers("fields")
def fields(given):
    if "object" in given:
        return selectable(freeze(given["object"]))
    group, kind = group_of(given["apiVersion"]), given["kind"]
    out = {}
    for field in given["convertFieldLabels"]:
        why = refusal(group, kind, field)
        label = ALIASES.get((group, kind), {}).get(field, field)
        out[field] = {"error": why} if why else {"label": label, "value": "v"}
    return {"labels": out}


def selectable(obj):
    whole = with_defaults(obj)
    labels = whole.at("metadata", "labels", default=freeze({}))
    return {"fields": field_set(whole), "labels": dict(labels)}
