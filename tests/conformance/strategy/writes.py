"""`create` and `update`: a write to a server without admission."""

from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from kcore.api.catalog import default_scheme
from kcore.apiserver import mutation
from kcore.apiserver import registry as registry_module
from kcore.apiserver.context import ServerContext
from kcore.apiserver.empties import has_empties
from kcore.apiserver.server import APIServer
from kcore.apiserver.strategy import networking
from kcore.apiserver.strategy.service_update import (
    _without_old_types_fields as without_old_types_fields,
)
from kcore.errors import ApiError, NotModelledError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_MAP, freeze, thaw
from kcore.machinery.names import generate_name
from kcore.machinery.request import Request
from kcore.machinery.schema import decode
from kcore.machinery.timestamps import parse_time
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


def request_for(verb, obj, info, namespace, name="", subresource=""):
    gvk = info.gvk
    place = namespace if info.namespaced else ""
    request = Request(verb, info.resource, gvk.group, gvk.version, place, name, subresource, obj)
    return request._replace(has_empties=has_empties(obj))


def only_typed_fields(new, old):
    """What a service's strategy does at an update, without the allocator's memory."""
    spec = new.get("spec") or EMPTY_MAP
    return new.set("spec", without_old_types_fields(spec, old.get("spec") or EMPTY_MAP))


def precondition(_endpoint, _request, what, found):
    """The words of the strategy, which a server's store is ahead of."""
    return f"Precondition failed: {what} in object meta: {found}"


def generated(prefix):
    return generate_name(prefix, "xxxxx")


@contextmanager
def strategy_alone():
    """The recorded strategies ran without URL, store and allocators of addresses and ports."""
    with (
        patch.object(ServerContext, "mint_uid", lambda _context: UID),
        patch.object(ServerContext, "generate_name", lambda _context, prefix: generated(prefix)),
        patch.object(registry_module, "check_name"),
        patch.object(mutation, "storage_error", precondition),
        patch.object(networking, "_allocated", lambda service, _old, _context: service),
        patch.object(networking, "carried_service", only_typed_fields),
    ):
        yield


def answered(server, request, expected):
    try:
        with strategy_alone():
            response = server.handle(request)
    except NotModelledError as error:
        raise UnsupportedError(str(error)) from None
    except ApiError as error:
        out, warnings = (
            {"error": comparable(error.to_status(), expected.get("error") or {})},
            error.warnings,
        )
    else:
        out, warnings = {"object": thaw(response.body)}, response.warnings
    return out | ({"warnings": list(warnings)} if warnings else {})


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


def normal(out, sent, version=None):
    """The constants of the vectors in place of what was minted, and what only a store wipes."""
    obj = out.get("object")
    if obj is not None:
        metadata = obj["metadata"]
        metadata.pop("managedFields", None)
        metadata["resourceVersion"] = version
        if version is None:
            metadata["resourceVersion"] = sent.at("metadata", "resourceVersion") or None
        else:
            metadata["selfLink"] = sent.at("metadata", "selfLink") or None
    return out


@registry.answers("create", "create-hand", prune=True, whole_record=True)
def create(record):
    given = record["in"]
    obj = freeze(given["object"])
    info = info_of(obj)
    unversioned = obj.remove(("metadata", "resourceVersion"))
    request = request_for("create", unversioned, info, given["namespace"])
    return normal(answered(ForkMemo()(base_server()), request, record["out"]), obj)


@registry.answers("update", "update-hand", prune=True, whole_record=True)
def update(record):
    given = record["in"]
    new, old = freeze(given["new"]), freeze(given["old"])
    info = info_of(new)
    server = ForkMemo()(base_server())
    namespace = "default" if info.namespaced else ""
    # The name in the URL is the object's, as the strategy is not told any other.
    name = new.at("metadata", "name", default="")
    bucket = str(info.group_resource)
    server.context.storage.declare(bucket)
    stored_form = decode(old, old["apiVersion"], old["kind"]).object
    stored = server.context.storage.create(bucket, f"{namespace}/{name}", stored_form)
    version = stored["metadata"]["resourceVersion"]
    if new.at("metadata", "resourceVersion") == STORED_VERSION:
        new = new.set(("metadata", "resourceVersion"), version)
    request = request_for("update", new, info, "default", name, given.get("subresource") or "")
    return normal(answered(server, request, record["out"]), new, STORED_VERSION)
