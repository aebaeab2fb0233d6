"""Plays the `patch` vectors that are sequences of API requests, without HTTP."""

import json
import re
from functools import cache
from pathlib import Path

import yaml

from kcore.api.catalog import default_scheme
from kcore.apiserver.server import APIServer
from kcore.apiserver.strategy.networking import NODE_PORT_FIRST
from kcore.errors import ApiError, NotModelledError, bad_request
from kcore.forking import ForkMemo
from kcore.limits import NODE_PORT_STATIC_COUNT
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.go_text import quote
from kcore.machinery.patch.patch_text import PatchTextError, read_patch_text
from kcore.machinery.request import APPLY_PATCH, Request
from kcore.machinery.timestamps import parse_time
from kcore.runtime.choice import FairSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.transcript.player import to_request

registry = Registry("patch")
PORTS_COUNT = 20
ROUTER_REFUSAL = "415: Unsupported Media Type"
VERSION = re.compile(r'(resourceVersion\\*": ?\\*")(\d+)')
CRDS = Path(__file__).parent / "vectors/patch/crds.yaml"


class CountingSource(FairSource):
    """Always the first free address and port."""

    def choose(self, count, label):
        return 0 if label in ("service-ip", "node-port") else super().choose(count, label)


def with_places(value, shift):
    """Addresses and node ports counted from where the vectors count them, or back.

    kcore leaves the first ones to those who ask for them, as upstream does.
    """
    text = json.dumps(value)
    ours, theirs = ("10.96.1.1", "10.96.0.10")
    text = text.replace(ours, theirs) if shift < 0 else text.replace(theirs, ours)
    first = NODE_PORT_FIRST if shift > 0 else NODE_PORT_FIRST + NODE_PORT_STATIC_COUNT

    def moved(found):
        number = int(found.group())
        here = first <= number < first + PORTS_COUNT
        return str(number + shift * NODE_PORT_STATIC_COUNT) if here else found.group()

    return json.loads(re.sub(r"\b30[01]\d\d\b", moved, text))


@cache
def empty_server():
    """A server that serves the custom kinds of the vectors and holds nothing else."""
    clock = VirtualClock(parse_time("2000-01-01T00:00:00Z"))
    server = APIServer(Store(), default_scheme(), clock, CountingSource(), Trace(), plugins=())
    server.track_managed_fields()
    for definition in yaml.safe_load_all(CRDS.read_text(encoding="utf-8")):
        place = ("customresourcedefinitions", "apiextensions.k8s.io")
        server.handle(Request("create", *place, body=freeze(definition)))
    return server


class Sequence:
    """An empty cluster and the answers it has given."""

    def __init__(self):
        self.server = ForkMemo()(empty_server())
        self.clock = self.server.context.clock
        self.start = self.server.context.storage.store.revision
        self.uids = {}

    def play(self, recorded):
        """One answer: code, body, warnings."""
        self.clock.advance_to(parse_time(recorded["time"]))
        try:
            response = self.server.handle(self.request(recorded))
        except NotModelledError as error:
            raise UnsupportedError(str(error)) from None
        except ApiError as error:
            body = self.shown(error.to_status())
            if body["message"] == ROUTER_REFUSAL:
                body = {"not_json": ROUTER_REFUSAL}
            return self.warned({"code": error.code, "body": body}, error.warnings)
        answer = {"code": response.code, "body": self.shown(thaw(response.body))}
        return self.warned(answer, response.warnings)

    def warned(self, answer, warnings):
        """The answer with its Warning headers."""
        if warnings:
            answer["warnings"] = [f"299 - {quote(text)}" for text in warnings]
        return answer

    def request(self, recorded):
        """The request as the server takes it."""
        plain = self.with_headers(recorded)
        content_type = plain["headers"].get("Content-Type", "")
        text = recorded.get("text")
        if text is None and not content_type.startswith("application/apply"):
            return to_request(plain)
        bare = {**plain, "headers": {}, "body": plain["body"] or {}}
        request = to_request(bare)._replace(patch_type=content_type)
        if text is None:
            return request
        strict = request.write_options.field_validation == "Strict"
        try:
            body, problems = read_patch_text(text, content_type, strict=strict)
        except PatchTextError as error:
            raise bad_request(str(error)) from None
        return request._replace(body=body, body_problems=problems)

    def with_headers(self, recorded):
        """The request in the form that transcripts have."""
        query = dict(recorded.get("query") or {})
        if recorded.get("contentType") != APPLY_PATCH:
            agent = recorded.get("userAgent", "tester/1.0").partition("/")[0]
            query.setdefault("fieldManager", agent)
        body = recorded.get("body")
        return {
            "verb": recorded["method"],
            "path": recorded["path"],
            "query": query,
            "body": with_places(self.rewritten(body), 1),
            "headers": {"Content-Type": recorded.get("contentType", "")},
        }

    def rewritten(self, body):
        """The body with our resource versions for theirs, our uids for theirs."""
        if not isinstance(body, dict):
            return body
        metadata = body.get("metadata")
        if isinstance(metadata, dict):
            metadata = dict(metadata)
            version = metadata.get("resourceVersion")
            if isinstance(version, str) and version.isdigit() and version != "0":
                metadata["resourceVersion"] = str(int(version) + self.start)
            ours = {theirs: mine for mine, theirs in self.uids.items()}
            if isinstance(metadata.get("uid"), str):
                metadata["uid"] = ours.get(metadata["uid"], metadata["uid"])
            return {**body, "metadata": metadata}
        return body

    def shown(self, body):
        """An answer with resource versions and uids numbered by first appearance."""
        metadata = body.get("metadata") or {}
        text = VERSION.sub(
            lambda found: f"{found.group(1)}{int(found.group(2)) - self.start}", json.dumps(body)
        )
        uid = metadata.get("uid")
        if uid and body.get("kind") != "Status":
            self.uids.setdefault(uid, f"00000000-0000-4000-8000-{len(self.uids) + 1:012d}")
        for mine, theirs in self.uids.items():
            text = text.replace(mine, theirs)
        body = with_places(json.loads(text), -1)
        return with_sorted_causes(body)


def with_sorted_causes(body):
    causes = (body.get("details") or {}).get("causes")
    if causes and causes[0].get("reason") == "FieldManagerConflict":
        causes.sort(key=lambda cause: (cause["field"], cause["message"]))
    message = body.get("message") or ""
    if "errors:\n" in message:
        first, *lines = message.split("\n")
        body["message"] = "\n".join([first, *sorted(lines)])
    return body


@registry.answers("ssa-hand", "ssa-random", "api-patch-hand", "api-patch-random")
def sequence(given):
    world = Sequence()
    return {"responses": [world.play(each) for each in given["requests"]]}
