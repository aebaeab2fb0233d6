"""Conversations about tables, played when they were recorded: ages depend on it."""

from functools import cache

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.forking import ForkMemo
from kcore.machinery.timestamps import parse_time
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.registry import Registry
from tests.conformance.transcript.matching import Matcher
from tests.conformance.transcript.player import Player

registry = Registry("transcript")

RECORDED = "2026-11-23T12:00:00Z"


@cache
def _bootstrapped():
    clock = VirtualClock(parse_time(RECORDED))
    server = APIServer(Store(), default_scheme(), clock, SeededSource(1), Trace())
    bootstrap(server)
    return server


@registry.answers("tables", whole_record=True)
def tables(record):
    """The recorded answers where ours match them; ours, and why, where they do not."""
    player, matcher = Player(ForkMemo()(_bootstrapped())), Matcher()
    for request in record["in"].get("setup", ()):
        player.setup.append(player.play(request).get("body"))
    for position, request in enumerate(record["in"]["requests"]):
        answer = player.play(request)
        player.answers.append(answer.get("body"))
        expected = dict(record["out"]["responses"][position])
        expected.pop("headers", None)
        difference = matcher.match(expected, answer)
        if difference:
            return {"request": position, "difference": difference}
    return record["out"]
