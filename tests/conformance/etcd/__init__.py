"""etcd's vectors: who answers which topic."""

from pathlib import Path

from tests.conformance.etcd.histories import verdict
from tests.conformance.etcd.kube_calls import replay
from tests.conformance.etcd.player import Player
from tests.conformance.etcd.snapshots import answer
from tests.conformance.registry import Registry

registry = Registry("etcd")


@registry.answers("kv", "kv_edge", "watch", "lease", "limits")
def steps(given):
    """Requests to one server, in order."""
    player = Player(given.get("flags", ()))
    return {"steps": [player.play(step) for step in given["steps"]]}


@registry.answers("apiserver")
def calls(given):
    """Calls of kube-apiserver's storage, and the requests they make."""
    return replay(given)


@registry.answers("snapshot", whole_record=True)
def snapshot(record):
    """A saved snapshot."""
    return answer(Path(record["folder"]), record["in"], record["out"])


@registry.answers("history", whole_record=True)
def history(record):
    """What concurrent clients saw."""
    return verdict(record)
