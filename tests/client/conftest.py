"""A server, a client and nothing else."""

from dataclasses import dataclass

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.client.client import Client
from kcore.client.transport import InProcessTransport
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store


@dataclass
class API:
    store: Store
    server: APIServer
    clock: VirtualClock
    faults: Faults
    client: Client


def _make() -> API:
    clock, store, faults = VirtualClock(), Store(), Faults()
    server = APIServer(store, default_scheme(), clock, SeededSource(1), Trace())
    bootstrap(server)
    client = Client(InProcessTransport(server, faults), server.scheme, "tester")
    return API(store, server, clock, faults, client)


@pytest.fixture
def api() -> API:
    return _make()


@pytest.fixture(scope="session")
def make_api():
    return _make
