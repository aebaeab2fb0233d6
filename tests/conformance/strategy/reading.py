"""Pure questions: decoding, defaults, fields for selectors, facts, durations."""

from kcore.api.catalog import default_scheme
from kcore.api.field_labels import ALIASES, refusal
from kcore.api.rules import rules_for
from kcore.apiserver.decoding import check_kind
from kcore.errors import ApiError
from kcore.machinery.codec import duplicate_fields
from kcore.machinery.durations import human_duration, short_human_duration
from kcore.machinery.frozen import FrozenMap, JSONError, freeze, loads, thaw
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import decode
from tests.conformance.registry import Registry, UnsupportedError

registry = Registry("strategy")


def stored(obj):
    """The object and its rules, decoded and defaulted."""
    gvk = GroupVersionKind.of(obj["apiVersion"], obj["kind"])
    rules = rules_for(gvk.group, gvk.kind)
    return rules.default(decode(freeze(obj), gvk.api_version, gvk.kind).object), rules


@registry.answers("decode")
def decode_body(given):
    try:
        body = loads(given["body"])
    except JSONError:
        raise UnsupportedError("text of a malformed body") from None
    if not isinstance(body, FrozenMap):
        raise UnsupportedError("text of a body that is no object")
    expected = GroupVersionKind.of(given["apiVersion"], given["kind"])
    try:
        check_kind(body, expected, default_scheme())
        decoded = decode(body, given["apiVersion"], given["kind"])
    except ApiError as error:
        return {"error": error.to_status()}
    out = {"object": rules_for(expected.group, expected.kind).default(decoded.object)}
    problems = [*duplicate_fields(given["body"]), *decoded.problems]
    return out | {"strictErrors": problems} if problems else out


@registry.answers("default")
def default(given):
    try:
        return {"object": stored(given["object"])[0]}
    except ApiError as error:
        return {"error": error.to_status()}


@registry.answers("fields")
def fields(given):
    if "object" not in given:
        return _converted(given["apiVersion"], given["kind"], given["convertFieldLabels"])
    obj, rules = stored(given["object"])
    found = {label: read(obj) for label, read in rules.field_labels.items()}
    metadata = obj["metadata"]
    found["metadata.name"] = metadata.get("name") or ""
    gvk = GroupVersionKind.of(given["object"]["apiVersion"], given["object"]["kind"])
    if default_scheme().by_kind(gvk.api_version, gvk.kind).namespaced:
        found["metadata.namespace"] = metadata.get("namespace") or ""
    labels = thaw(metadata.get("labels") or freeze({}))
    return {"fields": found, "labels": labels}


def _converted(api_version, kind, labels):
    group = api_version.rpartition("/")[0]
    aliases = ALIASES.get((group, kind), {})
    answers = {}
    for label in labels:
        error = refusal(group, kind, label)
        known = {"label": aliases.get(label, label), "value": "v"}
        answers[label] = {"error": error} if error else known
    return {"labels": answers}


@registry.answers("duration")
def duration(given):
    age_ns = given["nanoseconds"]
    return {"human": human_duration(age_ns), "short": short_human_duration(age_ns)}
