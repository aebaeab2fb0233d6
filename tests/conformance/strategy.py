"""What kcore answers to the `strategy` vectors: what one object alone gets from the API server."""

from functools import cache

from kcore.api.catalog import default_scheme
from kcore.api.field_labels import ALIASES, refusal, unset
from kcore.api.rules import rules_for
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError, NotModelledError
from kcore.forking import ForkMemo
from kcore.machinery.codec import duplicate_fields
from kcore.machinery.durations import human_duration, short_human_duration
from kcore.machinery.frozen import FrozenMap, JSONError, freeze, loads, thaw
from kcore.machinery.request import Request
from kcore.machinery.schema import decode
from kcore.machinery.timestamps import parse_time
from kcore.printing.table import table_of
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.comparison import text
from tests.conformance.registry import Registry, UnsupportedError

registry = Registry("strategy")

NOW = "2026-01-01T00:00:00Z"
STORED_VERSION = "10"
SCHEME = default_scheme()
UID = "00000000-0000-4000-8000-000000000001"


def group_of(api_version):
    return api_version.rpartition("/")[0]


@registry.answers("duration")
def duration(given):
    nanoseconds = given["nanoseconds"]
    return {"human": human_duration(nanoseconds), "short": short_human_duration(nanoseconds)}


def with_defaults(obj):
    api_version, kind = obj.get("apiVersion"), obj.get("kind")
    decoded = decode(obj, api_version, kind)
    return rules_for(group_of(api_version), kind).default(decoded.object)


@registry.answers("default", prune=True)
def default(given):
    try:
        return {"object": with_defaults(freeze(given["object"]))}
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
    group, kind = group_of(obj["apiVersion"]), obj["kind"]
    metadata = obj.get("metadata") or freeze({})
    found = {"metadata.name": metadata.get("name") or ""}
    if SCHEME.by_group_kind(group, kind).namespaced:
        found["metadata.namespace"] = metadata.get("namespace") or ""
    labelled = "" if kind == "Event" else group  # Both kinds of events are one inside.
    aliases = ALIASES.get((labelled, kind), {})
    readers = rules_for(labelled, kind).field_labels
    defaulted = with_defaults(obj)
    found |= {
        name: read(defaulted)
        for name, read in readers.items()
        if name not in aliases and read is not unset
    }
    labels = defaulted.at("metadata", "labels", default=freeze({}))
    return {"fields": found, "labels": dict(labels)}


@registry.answers("decode", prune=True)
def decode_body(given):
    try:
        obj = loads(given["body"])
    except JSONError:
        raise UnsupportedError("text of a malformed body") from None
    if not isinstance(obj, FrozenMap):
        raise UnsupportedError("text of a body that is no object")
    try:
        decoded = decode(obj, given["apiVersion"], given["kind"])
    except ApiError as error:
        return {"error": error.to_status()}
    rules = rules_for(group_of(given["apiVersion"]), given["kind"])
    problems = [*duplicate_fields(given["body"]), *decoded.problems]
    return {"object": rules.default(decoded.object), "strictErrors": problems}


@cache
def base_server():
    """A server without admission at the recorded time."""
    clock = VirtualClock(parse_time(NOW))
    return APIServer(Store(), SCHEME, clock, SeededSource(1), Trace(), plugins=())


def info_of(obj):
    found = SCHEME.by_kind(obj.get("apiVersion") or "", obj.get("kind") or "")
    if found is None:
        raise UnsupportedError("a kind that is not served")
    return found


def request_for(verb, obj, info, namespace, subresource=""):
    gvk = info.gvk
    name = "" if verb == "create" else obj.at("metadata", "name", default="")
    place = namespace if info.namespaced else ""
    return Request(verb, info.resource, gvk.group, gvk.version, place, name, subresource, obj)


def answered(server, request, expected):
    try:
        response = server.handle(request)
    except NotModelledError as error:
        raise UnsupportedError(str(error)) from None
    except ApiError as error:
        return {"error": comparable(error.to_status(), expected.get("error") or {})}
    out = {"object": thaw(response.body)}
    return out | ({"warnings": list(response.warnings)} if response.warnings else {})


def comparable(status, expected):
    """Causes whose order upstream leaves to chance are sorted, and their message is left out."""
    if not expected.get("causesUnordered"):
        return status
    status.pop("message")
    details = status.get("details", {})
    details["causes"] = sorted(details.get("causes", []), key=in_recorded_order(expected))
    return {**status, "causesUnordered": True}


def in_recorded_order(expected):
    """Sorts causes as the record has them; what is not in it goes last."""
    recorded = [text(cause) for cause in expected.get("details", {}).get("causes", [])]
    return lambda cause: recorded.index(text(cause)) if text(cause) in recorded else len(recorded)


def normal(out, version=None):
    """The constants of the vectors in place of what was minted."""
    obj = out.get("object")
    if obj is not None:
        metadata = obj["metadata"]
        metadata.pop("managedFields", None)
        metadata.pop("resourceVersion", None)
        if version is None:
            metadata["uid"] = UID
        else:
            metadata["resourceVersion"] = version
        prefix = metadata.get("generateName")
        if prefix and version is None and metadata["name"].startswith(prefix[:58]):
            metadata["name"] = metadata["name"][:-5] + "xxxxx"
    return out


@registry.answers("create", "create-hand", prune=True, whole_record=True)
def create(record):
    given = record["in"]
    obj = freeze(given["object"])
    info = info_of(obj)
    request = request_for("create", obj, info, given["namespace"])
    return normal(answered(ForkMemo()(base_server()), request, record["out"]))


@registry.answers("update", "update-hand", prune=True, whole_record=True)
def update(record):
    given = record["in"]
    new, old = freeze(given["new"]), freeze(given["old"])
    info = info_of(new)
    server = ForkMemo()(base_server())
    namespace = "default" if info.namespaced else ""
    name = old.at("metadata", "name", default="")
    bucket = str(info.group_resource)
    server.context.storage.declare(bucket)
    stored_form = decode(old, old["apiVersion"], old["kind"]).object
    stored = server.context.storage.create(bucket, f"{namespace}/{name}", stored_form)
    version = stored["metadata"]["resourceVersion"]
    if new.at("metadata", "resourceVersion") == STORED_VERSION:
        new = new.set(("metadata", "resourceVersion"), version)
    request = request_for("update", new, info, "default", given.get("subresource") or "")
    return normal(answered(server, request, record["out"]), STORED_VERSION)


@registry.answers("table")
def table(given):
    obj = with_defaults(freeze(given["object"]))
    shown = table_of([obj], parse_time(given["now"])).to_dict()
    return {"columns": shown["columnDefinitions"], "rows": thaw(freeze(shown["rows"]))}
