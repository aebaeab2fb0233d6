"""Replays what kube-apiserver asked its storage, and compares what that asked etcd."""

from tests.conformance.etcd.kube_errors import StorageError
from tests.conformance.etcd.kube_lists import get_list
from tests.conformance.etcd.kube_storage import Storage
from tests.conformance.etcd.kube_watch import watch
from tests.conformance.etcd.player import Player

METHODS = {
    "create": "create",
    "get": "get",
    "delete": "delete",
    "guaranteedUpdate": "guaranteed_update",
    "stats": "stats",
    "getCurrentResourceVersion": "get_current_resource_version",
    "compact": "compact",
}

CALL_NS = 1_000_000


class Replay:
    """One record: a server, the storage layer on it, and the requests made so far."""

    def __init__(self, given):
        self.given = given
        self.player = Player(first_label="chosen-1")
        self.storage = Storage(self.ask, self.player.clock)
        self.streamed = given["profile"] == "streamed lists"
        self.answers = []

    def ask(self, step, recorded=True):
        """Play a request; a recorded one must be the one that upstream made at this point."""
        if not recorded:
            return self.player.play(step)
        expected = self.given["steps"][len(self.answers)]
        if step != expected:
            raise AssertionError(f"request {len(self.answers)}: upstream {expected}, we {step}")
        self.answers.append(self.player.play(step))
        return self.answers[-1]

    def call(self, place, call):
        """The outcome of one call."""
        # Time passes between calls, as leases notice.
        self.player.clock.advance_to(self.player.clock.now_ns() + CALL_NS)
        try:
            return {"result": self._result(place, call)}
        except StorageError as error:
            return {"error": str(error), "kind": error.kind}

    def _result(self, place, call):
        if call["call"] == "getList":
            return get_list(self.ask, call, self.streamed)
        if call["call"] == "watch":
            return watch(self.ask, call, self.streamed, f"call {place}")
        return getattr(self.storage, METHODS[call["call"]])(call)


def replay(given):
    """All calls in order, and the answers to the requests they made."""
    run = Replay(given)
    calls = [run.call(place, call) for place, call in enumerate(given["calls"])]
    return {"calls": calls, "steps": run.answers}
