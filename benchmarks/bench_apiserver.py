"""The API server in process, beside a plain dict that keeps the same objects as JSON texts.

The peer does what a test double usually does: parse, stamp a version, put the text into a dict.
It has no defaults, rules, admission, history or indexes; the ratio is the price of those.

    pytest benchmarks/bench_apiserver.py -p benchmark --benchmark-group-by=group
"""

import itertools
import json
from typing import Any

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.labels import parse_selector
from kcore.machinery.request import ListOptions, Request
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store

COUNT = 2_000
BATCH = 200
NODES_COUNT = 100
SPEC = freeze(
    {
        "containers": [
            {
                "name": "c",
                "image": "nginx:1",
                "ports": [{"containerPort": 80}],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
            }
        ]
    }
)


def pod(name: str, number: int) -> dict[str, Any]:
    """One pod of a template, as a controller would send it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": "web", "shard": str(number % 10)}},
        "spec": SPEC,
    }


def send(server: APIServer, verb: Any, name: str = "", **fields: Any) -> Any:
    """One request on pods in `default`."""
    return server.handle(Request(verb, "pods", namespace="default", name=name, **fields))


def fresh_server(store: Store | None = None) -> APIServer:
    """A server with its bootstrap objects."""
    store = Store() if store is None else store
    server = APIServer(store, default_scheme(), VirtualClock(), SeededSource(1), Trace())
    bootstrap(server)
    return server


class JsonDict:
    """The peer: texts by key, a version, a list of events."""

    def __init__(self) -> None:
        self.version = 0
        self.texts: dict[str, str] = {}
        self.events: list[tuple[str, str]] = []

    def put(self, name: str, obj: dict[str, Any]) -> None:
        """Stamp and keep."""
        self.version += 1
        obj["metadata"]["resourceVersion"] = str(self.version)
        self.texts[name] = json.dumps(obj)
        self.events.append((name, self.texts[name]))

    def get(self, name: str) -> Any:
        """Parse."""
        return json.loads(self.texts[name])


@pytest.fixture(scope="module")
def filled() -> APIServer:
    """A server with `COUNT` bound pods, to be forked."""
    server = fresh_server()
    for number in range(COUNT):
        name = f"pod-{number}"
        body = freeze(pod(name, number)).set(("spec", "nodeName"), f"n{number % NODES_COUNT}")
        send(server, "create", body=body)
    return server


@pytest.fixture(scope="module")
def filled_dict() -> JsonDict:
    """The same objects as texts."""
    peer = JsonDict()
    for number in range(COUNT):
        body = pod(f"pod-{number}", number)
        spec = {**thaw(SPEC), "nodeName": f"n{number % NODES_COUNT}"}
        peer.put(f"pod-{number}", {**body, "spec": spec})
    return peer


@pytest.mark.benchmark(group="create x200")
def test_create(benchmark: Any) -> None:
    """Decode, default, admit, validate, store, index, trace."""
    server, numbers = fresh_server(), itertools.count()

    def creates() -> None:
        for number in itertools.islice(numbers, BATCH):
            send(server, "create", body=freeze(pod(f"p-{number}", number)))

    benchmark(creates)


@pytest.mark.benchmark(group="create x200")
def test_create_dict(benchmark: Any) -> None:
    """Parse the client's text, keep ours."""
    peer, numbers, spec = JsonDict(), itertools.count(), thaw(SPEC)
    sent = json.dumps({**pod("p", 1), "spec": spec})

    def creates() -> None:
        for number in itertools.islice(numbers, BATCH):
            body = json.loads(sent)
            body["metadata"]["name"] = f"p-{number}"
            peer.put(f"p-{number}", body)

    benchmark(creates)


@pytest.mark.benchmark(group="get x200 of 2000")
def test_get(benchmark: Any, filled: APIServer) -> None:
    """Ours."""
    benchmark(lambda: [send(filled, "get", f"pod-{number}") for number in range(BATCH)])


@pytest.mark.benchmark(group="get x200 of 2000")
def test_get_dict(benchmark: Any, filled_dict: JsonDict) -> None:
    """Theirs."""
    benchmark(lambda: [filled_dict.get(f"pod-{number}") for number in range(BATCH)])


@pytest.mark.benchmark(group="status update x200 of 2000")
def test_update_status(benchmark: Any, filled: APIServer) -> None:
    """What kubelets do all day."""
    server, phases = ForkMemo()(filled), itertools.cycle(["Running", "Pending"])

    def updates() -> None:
        phase = next(phases)
        for number in range(BATCH):
            name = f"pod-{number}"
            obj = send(server, "get", name).body.set(("status", "phase"), phase)
            send(server, "update", name, subresource="status", body=obj)

    benchmark(updates)


@pytest.mark.benchmark(group="status update x200 of 2000")
def test_update_status_dict(benchmark: Any, filled_dict: JsonDict) -> None:
    """Parse, change, keep."""
    phases = itertools.cycle(["Running", "Pending"])

    def updates() -> None:
        phase = next(phases)
        for number in range(BATCH):
            obj = filled_dict.get(f"pod-{number}")
            obj["status"] = {"phase": phase}
            filled_dict.put(f"pod-{number}", obj)

    benchmark(updates)


SELECTORS = {
    "label": ListOptions(label_selector="shard=3"),
    "node": ListOptions(field_selector="spec.nodeName=n7"),
    "page": ListOptions(limit=100),
}


@pytest.mark.benchmark(group="list of 2000 by label, node, page")
@pytest.mark.parametrize("selector", SELECTORS)
def test_list(benchmark: Any, filled: APIServer, selector: str) -> None:
    """By scan, by index, by key order."""
    options = SELECTORS[selector]
    benchmark(lambda: send(filled, "list", list_options=options))


@pytest.mark.benchmark(group="list of 2000 by label, node, page")
@pytest.mark.parametrize("selector", SELECTORS)
def test_list_dict(benchmark: Any, filled_dict: JsonDict, selector: str) -> None:
    """Parse everything and look."""
    wanted = {
        "label": lambda obj: obj["metadata"]["labels"]["shard"] == "3",
        "node": lambda obj: obj["spec"]["nodeName"] == "n7",
        "page": lambda _: True,
    }[selector]

    def scan() -> list[Any]:
        found = (obj for obj in map(json.loads, filled_dict.texts.values()) if wanted(obj))
        return list(itertools.islice(found, 100) if selector == "page" else found)

    benchmark(scan)


@pytest.mark.benchmark(group="watch 2000 events")
@pytest.mark.parametrize("selector", ["", "shard=3"])
def test_watch(benchmark: Any, filled: APIServer, selector: str) -> None:
    """From the first write to the last."""
    options = ListOptions(resource_version="1", label_selector=selector)

    def drain() -> None:
        stream = send(filled, "watch", list_options=options).stream
        while stream.next() is not None:
            pass

    benchmark(drain)


@pytest.mark.benchmark(group="watch 2000 events")
@pytest.mark.parametrize("selector", ["", "shard=3"])
def test_watch_dict(benchmark: Any, filled_dict: JsonDict, selector: str) -> None:
    """Parse each event."""

    def drain() -> list[Any]:
        objects = [json.loads(text) for _, text in filled_dict.events[:COUNT]]
        if not selector:
            return objects
        return [obj for obj in objects if obj["metadata"]["labels"]["shard"] == "3"]

    benchmark(drain)


WATCHERS = "write one pod among 10,000 watchers"


class Watched:
    """One pod, and a watcher with a selector of its own for each of so many owners."""

    def __init__(self, watchers_count: int) -> None:
        self.store = Store()
        server = fresh_server(self.store)
        send(server, "create", body=freeze(pod("pod", 1)))
        options = [
            ListOptions(resource_version=str(self.store.revision), label_selector=f"owner=o-{one}")
            for one in range(watchers_count)
        ]
        self.streams = [send(server, "watch", list_options=one).stream for one in options]
        self.wanted = self.streams[watchers_count // 2]
        labels = {"app": "web", "owner": f"o-{watchers_count // 2}"}
        found = self.store.get("pods", "default/pod")
        assert found is not None
        self.pod = found.value.set(("metadata", "labels"), freeze(labels))
        self.ask_all()

    def write(self) -> None:
        """A change that one watcher is to hear of."""
        self.store.put("pods", "default/pod", self.pod)

    def ask_all(self) -> int:
        """How many watchers have something."""
        return sum(stream.pending() for stream in self.streams)


@pytest.mark.benchmark(group=WATCHERS)
def test_write_for_one_watcher(benchmark: Any) -> None:
    """Who is told is asked, the others are not."""
    held = Watched(10_000)

    def deliver() -> None:
        held.write()
        assert held.wanted.next() is not None

    benchmark(deliver)


@pytest.mark.benchmark(group=WATCHERS)
def test_write_and_ask_every_watcher(benchmark: Any) -> None:
    """As a loop does that cannot know whom a write concerns."""
    held = Watched(10_000)

    def deliver() -> None:
        held.write()
        assert held.ask_all() == 1
        held.wanted.next()

    benchmark(deliver)


@pytest.mark.benchmark(group=WATCHERS)
def test_write_and_match_every_selector(benchmark: Any) -> None:
    """What kube-apiserver does: the old and the new labels meet each watcher's selector."""
    selectors = [parse_selector(f"owner=o-{number}") for number in range(10_000)]
    old, new = freeze({"app": "web"}), freeze({"app": "web", "owner": "o-5000"})

    def match() -> None:
        told = [one for one in selectors if one.matches(old) or one.matches(new)]
        assert len(told) == 1

    benchmark(match)


@pytest.mark.benchmark(group="fork a server with 2000 pods")
def test_fork(benchmark: Any, filled: APIServer) -> None:
    """O(1)."""
    benchmark(lambda: ForkMemo()(filled))


@pytest.mark.benchmark(group="fork a server with 2000 pods")
def test_fork_dict(benchmark: Any, filled_dict: JsonDict) -> None:
    """A shallow copy of the texts."""
    benchmark(lambda: dict(filled_dict.texts))
