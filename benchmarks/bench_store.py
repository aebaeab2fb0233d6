"""The store beside the maps people would use instead, and beside etcd where it is installed.

Every peer holds the same keys and the same values in the same run. What a peer cannot do (a fork
of a dict, a watch) is done the obvious way: a copy, a list per watcher. How all of them grow from
ten thousand keys to ten million: `python -m benchmarks.growth_of_store`.

    pytest benchmarks/bench_store.py -p benchmark --benchmark-group-by=group
"""

import base64
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import pytest
from immutables import Map
from sortedcontainers import SortedDict

from kcore.machinery.frozen import freeze
from kcore.store.mvcc import Store
from kcore.store.txn import Compare, Put

COUNT = 100_000
BATCH = 1000
VALUE = freeze({"metadata": {"name": "web", "labels": {"app": "web"}}, "spec": {"node": "n1"}})
OTHER = VALUE.set(("spec", "node"), "n2")


def key_of(number: int) -> str:
    """The key at one place of the writing order."""
    # A stride by a prime: neighbours in time are strangers in the tree.
    return f"ns-{number % 10}/pod-{number * 7919 % COUNT:06d}"


KEYS = [key_of(number) for number in range(COUNT)]


def filled_store(count: int = COUNT) -> Store:
    """A store with `count` pods."""
    store = Store()
    store.declare("pods", {})
    for key in KEYS[:count]:
        store.put("pods", key, VALUE)
    return store


@pytest.fixture(scope="module")
def store() -> Store:
    """One store for all reads."""
    return filled_store()


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """The same content in a dict."""
    return dict.fromkeys(KEYS, VALUE)


@pytest.fixture(scope="module")
def ordered(plain: Any) -> Any:
    """The same content in a SortedDict."""
    return SortedDict(plain)


@pytest.fixture(scope="module")
def hamt(plain: Any) -> Any:
    """The same content in an immutables.Map."""
    return Map(plain)


@pytest.fixture(scope="module")
def oob_tree(plain: Any) -> Any:
    """The same content in a B-tree of ZODB, where it is installed (`pip install kcore[bench]`)."""
    return pytest.importorskip("BTrees.OOBTree").OOBTree(plain)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.fixture(scope="module")
def etcd() -> Iterator[http.client.HTTPConnection]:
    """A connection to the JSON gateway of a fresh etcd."""
    program = shutil.which("etcd")
    if program is None:
        pytest.skip("etcd is not installed")
    client_port, peer_port = free_ports(2)
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--data-dir", folder, "--log-level", "error", "--name", "one"]
        command += ["--listen-client-urls", client, "--advertise-client-urls", client]
        command += ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
        command += ["--initial-cluster", f"one={peer}"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
            try:
                with closing(connected(client_port)) as connection:
                    yield connection
            finally:
                server.terminate()


def connected(port: int) -> http.client.HTTPConnection:
    """A connection, once the server has elected itself: asked for until then."""
    for _ in range(100_000):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            etcd_put(connection, "first", "")
        except (OSError, RuntimeError):
            connection.close()
        else:
            return connection
    raise RuntimeError("etcd does not answer")


def etcd_put(connection: http.client.HTTPConnection, key: str, value: str) -> None:
    """Write one key.

    Raises:
        RuntimeError: etcd refuses, or is not ready.
    """
    body = {"key": base64.b64encode(key.encode()).decode()}
    body["value"] = base64.b64encode(value.encode()).decode()
    connection.request("POST", "/v3/kv/put", json.dumps(body))
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise RuntimeError(text.decode())


def gets(get: Any) -> None:
    """Read a batch of keys."""
    for key in KEYS[:BATCH]:
        get(key)


@pytest.mark.benchmark(group="get x1000 of 100k")
def test_get_store(benchmark: Any, store: Any) -> None:
    """Ours."""
    benchmark(gets, lambda key: store.get("pods", key))


@pytest.mark.benchmark(group="get x1000 of 100k")
@pytest.mark.parametrize("peer", ["plain", "ordered", "oob_tree", "hamt"])
def test_get_peer(benchmark: Any, request: Any, peer: str) -> None:
    """Theirs."""
    mapping = request.getfixturevalue(peer)
    benchmark(gets, mapping.get)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
@pytest.mark.parametrize("watchers", [0, 1, 10_000])
def test_put_store(benchmark: Any, watchers: int) -> None:
    """Ours; watchers read the log when they like, so a write does not know of them."""
    store = filled_store()
    cursors = [store.watch("pods") for _ in range(watchers)]

    def puts() -> None:
        for key in KEYS[:BATCH]:
            store.put("pods", key, OTHER)

    benchmark(puts)
    assert all(cursor.pending() for cursor in cursors)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_read_compare_and_put_store(benchmark: Any) -> None:
    """Ours, as updates do it: at the revision that was read."""
    store = filled_store()

    def updates() -> None:
        for key in KEYS[:BATCH]:
            found = store.get("pods", key)
            assert found is not None
            store.put("pods", key, OTHER, expect=found.mod_revision)

    benchmark(updates)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_read_and_txn_store(benchmark: Any) -> None:
    """Ours, in the words of etcd's transactions."""
    store = filled_store()

    def updates() -> None:
        for key in KEYS[:BATCH]:
            found = store.get("pods", key)
            assert found is not None
            same = Compare("pods", key, "mod", "=", found.mod_revision)
            store.txn([same], [Put("pods", key, OTHER)])

    benchmark(updates)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_put_dict(benchmark: Any, plain: Any) -> None:
    """No order, no revisions."""
    mapping = dict(plain)

    def puts() -> None:
        for key in KEYS[:BATCH]:
            mapping[key] = OTHER

    benchmark(puts)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_put_sorted_dict(benchmark: Any, ordered: Any) -> None:
    """Order, no revisions."""
    mapping = ordered.copy()

    def puts() -> None:
        for key in KEYS[:BATCH]:
            mapping[key] = OTHER

    benchmark(puts)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_put_oob_tree(benchmark: Any, oob_tree: Any) -> None:
    """Order, no revisions."""
    tree = type(oob_tree)(oob_tree)

    def puts() -> None:
        for key in KEYS[:BATCH]:
            tree[key] = OTHER

    benchmark(puts)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_put_etcd_from_one_client(benchmark: Any, etcd: Any) -> None:
    """Over its JSON gateway on this machine: a process away, with a log on disk."""

    def puts() -> None:
        for key in KEYS[:BATCH]:
            etcd_put(etcd, key, "{}")

    benchmark.pedantic(puts, rounds=3)


@pytest.mark.benchmark(group="put x1000 into 100k, a revision each")
def test_put_immutables_keeping_each_revision(benchmark: Any, hamt: Any) -> None:
    """Every revision kept, no order."""

    def puts() -> None:
        mapping, revisions = hamt, []
        for key in KEYS[:BATCH]:
            mapping = mapping.set(key, OTHER)
            revisions.append(mapping)

    benchmark(puts)


@pytest.mark.benchmark(group="range of 500 in 100k")
def test_range_store(benchmark: Any, store: Any) -> None:
    """Ours."""
    view = store.view("pods")
    assert len(benchmark(lambda: view.page("ns-5/", limit=500))) == 500


@pytest.mark.benchmark(group="range of 500 in 100k")
def test_range_sorted_dict(benchmark: Any, ordered: Any) -> None:
    """Theirs."""

    def read() -> list[Any]:
        keys = list(ordered.irange("ns-5/", "ns-6/"))[:500]
        return [ordered[key] for key in keys]

    assert len(benchmark(read)) == 500


@pytest.mark.benchmark(group="range of 500 in 100k")
def test_range_oob_tree(benchmark: Any, oob_tree: Any) -> None:
    """Theirs."""
    assert len(benchmark(lambda: list(islice(oob_tree.values("ns-5/"), 500)))) == 500


@pytest.mark.benchmark(group="range of 500 in 100k")
def test_range_dict_by_sorting(benchmark: Any, plain: Any) -> None:
    """Without order: a scan."""

    def read() -> list[Any]:
        keys = sorted(key for key in plain if key.startswith("ns-5/"))[:500]
        return [plain[key] for key in keys]

    assert len(benchmark(read)) == 500


@pytest.mark.benchmark(group="fork")
@pytest.mark.parametrize("count", [1000, 10_000, 100_000])
def test_fork_store(benchmark: Any, count: int) -> None:
    """Ours."""
    store = filled_store(count)
    benchmark(store.fork)


@pytest.mark.benchmark(group="fork")
@pytest.mark.parametrize("count", [1000, 10_000, 100_000])
def test_fork_store_and_write_one_key(benchmark: Any, count: int) -> None:
    """The first write pays for the table and one path."""
    store = filled_store(count)

    def fork() -> None:
        store.fork().put("pods", KEYS[0], OTHER)

    benchmark(fork)


@pytest.mark.benchmark(group="fork")
@pytest.mark.parametrize("count", [1000, 10_000, 100_000])
def test_fork_dict(benchmark: Any, count: int) -> None:
    """A copy."""
    mapping = dict.fromkeys(KEYS[:count], VALUE)
    benchmark(mapping.copy)


@pytest.mark.benchmark(group="deliver 1000 events to 10 watchers")
def test_deliver_store(benchmark: Any) -> None:
    """Watchers that fell a thousand events behind."""
    store = filled_store(10_000)

    def start() -> Any:
        cursors = [store.watch("pods") for _ in range(10)]
        for key in KEYS[:BATCH]:
            store.put("pods", key, OTHER)
        return (cursors,), {}

    def deliver(cursors: Any) -> None:
        for cursor in cursors:
            while cursor.next() is not None:
                pass

    benchmark.pedantic(deliver, setup=start, rounds=10)


@pytest.mark.benchmark(group="deliver 1000 events to 10 watchers")
def test_deliver_store_in_step_with_writes(benchmark: Any) -> None:
    """As informers do it: every watcher sees an event, and its view, before the next write."""
    store = filled_store(10_000)
    cursors = [store.watch("pods") for _ in range(10)]

    def deliver() -> None:
        for key in KEYS[:BATCH]:
            store.put("pods", key, OTHER)
            for cursor in cursors:
                cursor.next()
                assert cursor.view is not None

    benchmark.pedantic(deliver, rounds=5)


@pytest.mark.benchmark(group="deliver 1000 events to 10 watchers")
def test_deliver_to_a_dict_per_watcher(benchmark: Any) -> None:
    """What client-go does: every watcher keeps a copy of its own up to date."""
    caches = [dict.fromkeys(KEYS[:10_000], VALUE) for _ in range(10)]

    def deliver() -> None:
        queues: list[list[Any]] = [[] for _ in caches]
        for key in KEYS[:BATCH]:
            for queue in queues:
                queue.append((key, OTHER))
        for queue, cache in zip(queues, caches, strict=True):
            for key, value in queue:
                cache[key] = value

    benchmark(deliver)
