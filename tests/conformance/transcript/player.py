"""Plays recorded HTTP requests against an APIServer, without HTTP."""

import json
import re
from functools import cache
from urllib.parse import parse_qs

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.custom_resources import definitions
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError, NotModelledError, bad_request
from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.patch.patch_text import PatchTextError, read_patch_text
from kcore.machinery.request import (
    JSON_PATCH,
    DeleteOptions,
    ListOptions,
    Request,
    WriteOptions,
)
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.registry import UnsupportedError
from tests.conformance.transcript import forms

REFERENCE = re.compile(r"\{\{(s?\d+)\.([^}+]+)(?:\+(\d+))?\}\}")
DELETES = ("delete", "deletecollection")


@cache
def _bootstrapped():
    server = APIServer(Store(), default_scheme(), VirtualClock(), SeededSource(1), Trace())
    bootstrap(server)
    return server


def fresh_server():
    """A server that holds what a fresh one holds."""
    return ForkMemo()(_bootstrapped())


class Player:
    """One conversation."""

    def __init__(self, server, keeps_owners=False):
        server.track_managed_fields()
        self._server = server
        self._keeps_owners = keeps_owners
        self.setup = []
        self.answers = []

    def play(self, recorded):
        """The answer: `code` and `body` or `events`."""
        if recorded.get("op") == "compact":
            store = self._server.context.storage.store
            store.compact(store.revision)
            return {}
        recorded, wanted = forms.split(recorded)
        try:
            request = to_request(self._filled_in(recorded))
            return self._answer(self._server.handle(request), wanted)
        except NotModelledError as error:
            raise UnsupportedError(str(error)) from None
        except ApiError as error:
            if _is_watch(recorded) and error.code == 410:
                event = {"type": "ERROR", "object": error.to_status()}
                return {"code": 200, "events": [event]}
            return {"code": error.code, "body": error.to_status()}

    def _answer(self, response, wanted):
        now_ns = self._server.context.clock.now_ns()
        if response.stream is not None:
            events = list(_events(response.stream))
            if wanted is not None:
                events = list(forms.shown_events(events, wanted, now_ns))
            return {"code": 200, "events": self._with_owners(events)}
        body = _as_sent(thaw(response.body))
        if wanted is not None:
            known = definitions(self._server.context.storage).values()
            body = forms.shown(body, wanted, now_ns, known)
        return {"code": response.code, "body": self._with_owners(body)}

    def _with_owners(self, value):
        """Field owners in the order that the vectors have them in, or none."""
        if isinstance(value, list):
            return [self._with_owners(item) for item in value]
        if not isinstance(value, dict):
            return value
        value = {key: self._with_owners(item) for key, item in value.items()}
        entries = value.pop("managedFields", None)
        if entries is not None and self._keeps_owners:
            value["managedFields"] = sorted(entries, key=_owner_key)
        return value

    def _filled_in(self, value):
        """`{{3.metadata.uid}}` replaced by what answer 3 said."""
        if isinstance(value, dict):
            return {key: self._filled_in(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled_in(item) for item in value]
        return REFERENCE.sub(self._looked_up, value) if isinstance(value, str) else value

    def _looked_up(self, found):
        place, path, more = found.groups()
        body = self.setup[int(place[1:])] if place[0] == "s" else self.answers[int(place)]
        for step in path.split("."):
            body = body[int(step)] if isinstance(body, list) else body[step]
        return str(int(body) + int(more)) if more else str(body)


def _is_watch(recorded):
    query = _query(recorded)
    return "/watch/" in recorded["path"] or query.get("watch") in ("1", "true")


def _owner_key(entry):
    names = ("operation", "manager", "apiVersion", "subresource")
    fields = json.dumps(entry.get("fieldsV1"), sort_keys=True)
    return (*(entry.get(name) or "" for name in names), fields)


def _events(stream):
    while (event := stream.next()) is not None:
        yield {"type": event.type, "object": thaw(event.object)}


def _as_sent(body):
    """Items of lists travel without their kind."""
    if isinstance(body.get("items"), list) and body["kind"].endswith("List"):
        for item in body["items"]:
            if default_scheme().by_kind(item.get("apiVersion", ""), item.get("kind", "")):
                del item["apiVersion"], item["kind"]
    return body


def to_request(recorded):
    """The Request behind a recorded HTTP one."""
    headers, query, body = recorded.get("headers") or {}, _query(recorded), recorded.get("body")
    _check_supported(recorded, headers, query)
    group, version, namespace, resource, name, subresource, watched = _path(recorded["path"])
    watching = watched or (query.get("watch") in ("1", "true") and not name)
    if watching and name:
        query, name = {**query, "fieldSelector": f"metadata.name={name}"}, ""
    verb = _verb(recorded["verb"], watching, name)
    if not subresource and (name == "") != (verb in ("list", "watch", "create", DELETES[1])):
        raise UnsupportedError("a method the path does not take")
    fields = {"list_options": _list_options(query)}
    if verb in DELETES:
        fields["delete_options"], body = _delete_options(query, body), None
    else:
        fields["write_options"] = _write_options(query)
    if verb == "patch":
        fields["patch_type"] = headers.get("Content-Type", "")
        if isinstance(body, list) and fields["patch_type"] == JSON_PATCH:
            body = {"operations": body}
        elif "bodyText" in recorded or body is None or isinstance(body, str | int | list):
            text = recorded.get("bodyText", json.dumps(body))
            body, fields["body_problems"] = _patch_text(text, fields)
    if body is not None and not isinstance(body, dict):
        raise UnsupportedError("a body that is no object")
    frozen = None if body is None else freeze(body)
    fields["user"] = headers.get("User-Agent", "transcript")
    return Request(verb, resource, group, version, namespace, name, subresource, frozen, **fields)


def _patch_text(text, fields):
    strict = fields["write_options"].field_validation == "Strict"
    try:
        body, problems = read_patch_text(text, fields["patch_type"], strict=strict)
    except PatchTextError as error:
        raise bad_request(str(error)) from None
    return thaw(body), problems


def _query(recorded):
    query = recorded.get("query") or {}
    if isinstance(query, str):
        found = parse_qs(query, keep_blank_values=True)
        return {key: values[-1] for key, values in found.items()}
    return query


def _check_supported(recorded, headers, query):
    if any(name not in ("Content-Type", "User-Agent") for name in headers):
        raise UnsupportedError("content negotiation, users and impersonation")
    if "bodyBase64" in recorded or ("bodyText" in recorded and recorded["verb"] != "PATCH"):
        raise UnsupportedError("bodies as text")
    if query.get("dryRun") not in (None, "All") or "orphanDependents" in query:
        raise UnsupportedError("options that Request cannot say")
    if query.get("sendInitialEvents") not in (None, "true"):
        raise UnsupportedError("options that Request cannot say")


def _path(path):
    parts = [part for part in path.split("/") if part]
    if parts[0] == "api" and len(parts) > 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        raise UnsupportedError("paths that name no resource")
    watched = rest[0] == "watch"
    rest = rest[1:] if watched else rest
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    name = rest[1] if len(rest) > 1 else ""
    return group, version, namespace, rest[0], name, "/".join(rest[2:]), watched


def _verb(method, watching, name):
    if method == "GET":
        return "watch" if watching else "get" if name else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    verb = {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method)
    if verb is None:
        raise UnsupportedError("methods that are no verb")
    return verb


def _list_options(query):
    limit = query.get("limit", "0")
    if not limit.lstrip("-").isdigit():
        raise UnsupportedError("options that Request cannot say")
    return ListOptions(
        label_selector=query.get("labelSelector", ""),
        field_selector=query.get("fieldSelector", ""),
        resource_version=query.get("resourceVersion", ""),
        resource_version_match=query.get("resourceVersionMatch", ""),
        limit=int(limit),
        continue_token=query.get("continue", ""),
        send_initial_events=query.get("sendInitialEvents") == "true",
        allow_watch_bookmarks=query.get("allowWatchBookmarks") == "true",
    )


def _write_options(query):
    return WriteOptions(
        dry_run=query.get("dryRun") == "All",
        field_manager=query.get("fieldManager", ""),
        field_validation=query.get("fieldValidation", "Warn"),
        force=query.get("force") == "true",
    )


def _delete_options(query, body):
    """The body's options; a body makes the server forget the query's, as upstream."""
    given = query if body is None else body
    if "orphanDependents" in given or given.get("kind", "DeleteOptions") != "DeleteOptions":
        raise UnsupportedError("options that Request cannot say")
    grace = given.get("gracePeriodSeconds")
    if grace is not None and not str(grace).lstrip("-").isdigit():
        raise UnsupportedError("options that Request cannot say")
    preconditions = given.get("preconditions") or {}
    return DeleteOptions(
        grace_period_s=None if grace is None else int(grace),
        propagation_policy=given.get("propagationPolicy"),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=bool(given.get("dryRun")),
    )
