"""A line is short while nothing has changed and no fault may strike; its answers are the same."""

import pytest

from kcore.apiserver.admission.plugins.callback import Callback
from kcore.client.client import Client
from kcore.client.transport import InProcessTransport
from kcore.errors import ApiError, internal_error
from kcore.forking import ForkMemo
from kcore.runtime.faults import Effect, Fault, Faults, LostResponseError
from kcore.testing.builders import deployment, pod


class CountingServer:
    """A server that counts who comes the long way."""

    def __init__(self, server):
        self.server, self.count = server, 0

    def handle(self, request):
        self.count += 1
        return self.server.handle(request)

    def shorten(self, line, request):
        self.server.shorten(line, request)

    def fork(self, memo):
        return CountingServer(memo(self.server))


@pytest.fixture
def counting(api):
    return CountingServer(api.server)


@pytest.fixture
def client(api, counting):
    return Client(InProcessTransport(counting, api.faults), api.server.scheme, "tester")


def long_ways(counting, calls):
    before = counting.count
    for call in calls:
        call()
    return counting.count - before


def test_only_the_first_create_goes_the_long_way(api, counting, client):
    for make in (pod, deployment):
        creates = [lambda name=name, make=make: client.create(make(name)) for name in "abcd"]
        assert long_ways(counting, creates) == 1
    other = client.as_actor("other")
    assert long_ways(counting, [lambda: other.create(pod("e"))]) == 0
    assert len(api.client.list("pods")) == 5


def test_only_the_first_binding_goes_the_long_way(api, counting, client):
    pods = [client.create(pod(name)) for name in "abc"]
    binds = [lambda one=one: client.bind(one, "n") for one in pods]
    assert long_ways(counting, binds) == 1
    assert [one.spec.nodeName for one in api.client.list("pods")] == ["n", "n", "n"]


def test_the_same_object_again_is_the_same_request(client):
    web = pod("web").remove(("metadata", "namespace"))
    client.create(web)
    with pytest.raises(ApiError, match="already exists"):
        client.create(web)
    assert client.create(web, "kube-system").metadata.namespace == "kube-system"
    assert client.create(web, "kube-public", dry_run=True).metadata.namespace == "kube-public"
    assert client.create(web, "kube-public").metadata.namespace == "kube-public"


def test_a_plugin_that_joins_later_is_asked(api, counting, client):
    client.create(pod("a"))
    hook = Callback("hook", validating=lambda attributes: "no more pods", resources=("pods",))
    api.server.add_plugins([hook])
    for name in ("b", "c"):
        with pytest.raises(ApiError, match="no more pods"):
            client.create(pod(name))
    assert counting.count == 2  # One before it joined, and one after.


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_fault_that_comes_later_strikes(api, client, count):
    for number in range(count):
        client.create(pod(f"before-{number}"))
    refusal = internal_error("x")
    api.faults.inject(Fault("tester/create/pods", Effect.REFUSE, first=2, error=refusal))
    api.faults.inject(Fault("tester/create/pods", Effect.DROP_RESPONSE, first=3))
    client.create(pod("one"))
    with pytest.raises(ApiError):
        client.create(pod("two"))
    with pytest.raises(LostResponseError, match="tester/create/pods: no response"):
        client.create(pod("three"))
    client.create(pod("four"))
    api.server.add_plugins([])
    client.create(pod("five"))
    assert len(api.client.list("pods")) == 4 + count


def test_a_fault_that_was_there_strikes(api, counting):
    faults = Faults([Fault("tester/create/pods/binding", Effect.DROP_RESPONSE, first=2)])
    client = Client(InProcessTransport(counting, faults), api.server.scheme, "tester")
    first, second = client.create(pod("a")), client.create(pod("b"))
    client.bind(first, "n")
    with pytest.raises(LostResponseError):
        client.bind(second, "n")
    assert counting.count == 4


def test_a_fork_has_lines_of_its_own(api, counting, client):
    client.create(pod("a"))
    memo = ForkMemo()
    twin, faults = memo(client), memo(api.faults)
    faults.inject(Fault("tester/create/pods", Effect.REFUSE, error=internal_error("x")))
    with pytest.raises(ApiError):
        twin.create(pod("b"))
    assert twin.create(pod("c"))
    assert client.create(pod("b"))
    assert [one.metadata.name for one in twin.list("pods")] == ["a", "c"]
    assert [one.metadata.name for one in client.list("pods")] == ["a", "b"]
    assert counting.count == 2
