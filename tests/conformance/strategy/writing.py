"""`create` and `update` through an API server without admission."""

from dataclasses import replace

from kcore.api.catalog import default_scheme
from kcore.apiserver.endpoint import build_endpoint
from kcore.apiserver.registry import Registry as ServerRegistry
from kcore.apiserver.server import APIServer
from kcore.apiserver.storage import object_key
from kcore.apiserver.strategy.base import Hooks
from kcore.apiserver.strategy.service_update import carried_service
from kcore.errors import ApiError, NotModelledError
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.request import Request, WriteOptions
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.registry import Registry, UnsupportedError

registry = Registry("strategy")

# The stored object of an update gets the next revision.
REVISION_BEFORE = 9
DRY_RUN = WriteOptions(dry_run=True, field_validation="Ignore")
SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
# Allocation of addresses and ports is not part of these vectors.
SERVICE_HOOKS = Hooks(at_update=lambda new, old, _context: carried_service(new, old))


class Choices:
    """Draws the uid ...01 and the name suffix `xxxxx`."""

    def choose(self, _count, stream):
        if stream == "uid":
            return 1
        base = len(SUFFIX_ALPHABET)
        return sum(SUFFIX_ALPHABET.index("x") * base**place for place in range(5))


def empty_server():
    store = Store()
    store.restore(REVISION_BEFORE, {})
    return APIServer(store, default_scheme(), VirtualClock(), Choices(), Trace(), plugins=())


def info_of(obj):
    return default_scheme().by_kind(obj["apiVersion"], obj["kind"])


def request_for(verb, info, obj, **more):
    names = {"group": info.gvk.group, "version": info.gvk.version, "resource": info.resource}
    return Request(verb, body=freeze(obj), write_options=DRY_RUN, **names, **more)


def handled(server, info, request):
    if info.gvk.kind != "Service" or request.subresource:
        return server.handle(request)
    endpoint = build_endpoint(info)
    strategy = replace(endpoint.strategy, hooks=SERVICE_HOOKS)
    server.context.storage.declare(endpoint.bucket)
    found = ServerRegistry(server.context, replace(endpoint, strategy=strategy), server.scheme)
    return getattr(found, request.verb)(request)


def outcome(server, info, request, record):
    try:
        response = handled(server, info, request)
    except NotModelledError as error:
        raise UnsupportedError(str(error)) from None
    except ApiError as error:
        return {"error": as_unordered(thaw(error.to_status()), record)}
    out = {"object": thaw(response.body)}
    return out | {"warnings": list(response.warnings)} if response.warnings else out


def as_unordered(status, record):
    """Where upstream's order is a map's, causes are sorted and the message says nothing."""
    if not record["out"].get("error", {}).get("causesUnordered"):
        return status
    status.pop("message", None)
    causes = status.get("details", {}).get("causes", [])
    causes.sort(key=lambda cause: (cause["field"], cause["message"], cause["reason"]))
    return status | {"causesUnordered": True}


@registry.answers("create", "create-hand", prune=True, whole_record=True)
def create(record):
    sent, info = record["in"]["object"], info_of(record["in"]["object"])
    metadata = sent.get("metadata") or {}
    version = metadata.get("resourceVersion")
    if version:
        # The store refuses it, which is not part of these vectors.
        metadata = {key: item for key, item in metadata.items() if key != "resourceVersion"}
        sent = sent | {"metadata": metadata}
    namespace = record["in"].get("namespace") or "default" if info.namespaced else ""
    request = request_for("create", info, sent, namespace=namespace)
    out = outcome(empty_server(), info, request, record)
    if version and "object" in out:
        out["object"]["metadata"]["resourceVersion"] = version
    return out


@registry.answers("update", "update-hand", prune=True, whole_record=True)
def update(record):
    given = record["in"]
    old, new = given["old"], given["new"]
    info, name = info_of(new), old["metadata"]["name"]
    if (new.get("metadata") or {}).get("name") != name:
        raise UnsupportedError("another name than the URL's, refused before validation")
    namespace = "default" if info.namespaced else ""
    server = empty_server()
    bucket = str(info.group_resource)
    storage = server.context.storage
    storage.declare(bucket)
    storage.create(bucket, object_key(namespace, name), freeze(old))
    place = {"namespace": namespace, "name": name, "subresource": given.get("subresource", "")}
    return outcome(server, info, request_for("update", info, new, **place), record)
