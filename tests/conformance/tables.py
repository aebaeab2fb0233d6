"""Conversations in which answers are tables, or the metadata of objects alone."""

import re
from functools import cache

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.timestamps import parse_time
from kcore.printing.representation import Representation, representation, represented
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from tests.conformance.registry import Registry, UnsupportedError
from tests.conformance.transcript.matching import Matcher
from tests.conformance.transcript.player import Player

registry = Registry("transcript")

# When the answers were recorded: ages of times that requests spell depend on it.
RECORDED = "2026-11-23T12:00:00Z"
AGE = re.compile(r"\d+[smhdy]\S*|<invalid>")


@cache
def _bootstrapped():
    clock = VirtualClock(parse_time(RECORDED))
    server = APIServer(Store(), default_scheme(), clock, SeededSource(1), Trace())
    bootstrap(server)
    return server


class TablePlayer(Player):
    """Plays requests as they come, and answers in the form their header asks for."""

    def __init__(self, server: APIServer) -> None:
        super().__init__(server)
        self._clock = server.context.clock

    def play(self, recorded):
        headers = dict(recorded.get("headers") or {})
        accept = headers.pop("Accept", "application/json")
        query = dict(recorded.get("query") or {})
        wanted = wanted_form(accept, query.pop("includeObject", ""))
        answer = super().play({**recorded, "headers": headers, "query": query})
        if wanted is None or "events" in answer:
            return answer
        try:
            shown = represented(freeze(answer["body"]), wanted, self._clock.now_ns())
        except ApiError as error:
            return {"code": error.code, "body": error.to_status()}
        return {"code": answer["code"], "body": with_ages_hidden(thaw(shown))}


def wanted_form(accept: str, include_object: str) -> Representation | None:
    """The first form of the header that there is."""
    for media_range in accept.split(","):
        media_type, *parameters = [part.strip() for part in media_range.split(";")]
        if media_type != "application/json":
            raise UnsupportedError("texts in YAML")
        given = dict(one.split("=") for one in parameters)
        if "as" not in given:
            return None
        return representation(given["as"], given["v"], given["g"], include_object)
    return None


def with_ages_hidden(table):
    """Cells that hold an age, as the recorded ones are."""
    columns = [column["name"] for column in table.get("columnDefinitions") or ()]
    for row in table.get("rows", ()):
        row["cells"] = [
            "<age>" if column in AGES and AGE.fullmatch(str(cell)) else cell
            for column, cell in zip(columns, row["cells"], strict=True)
        ]
    return table


AGES = ("Age", "Created At", "Last Seen", "First Seen", "Duration")


@registry.answers("tables", whole_record=True)
def tables(record):
    """The recorded answers where ours match them; ours, and why, where they do not."""
    player, matcher = TablePlayer(ForkMemo()(_bootstrapped())), Matcher()
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
