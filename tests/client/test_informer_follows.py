"""An informer's cache is a past state of the API; one step is one event; handlers hear each."""

from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.client.informer import Informer, InformerFactory
from kcore.errors import InvariantError, internal_error
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.faults import Effect, Fault
from kcore.testing.builders import pod


class Heard:
    """Keeps what it was told, and the state that follows from it."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.state: dict[str, FrozenMap] = {}

    def on_add(self, obj: FrozenMap) -> None:
        self.log.append(f"+{obj.metadata.name}")
        assert obj.metadata.name not in self.state
        self.state[obj.metadata.name] = obj

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        self.log.append(f"~{new.metadata.name}")
        assert self.state[new.metadata.name] == old
        self.state[new.metadata.name] = new

    def on_delete(self, obj: FrozenMap) -> None:
        self.log.append(f"-{obj.metadata.name}")
        del self.state[obj.metadata.name]

    def fork(self, memo: ForkMemo) -> Self:
        twin = type(self)()
        twin.log, twin.state = list(self.log), dict(self.state)
        return twin


@pytest.fixture
def informer(api):
    return Informer(api.client, "pods")


@pytest.fixture
def heard(informer):
    handler = Heard()
    informer.add_handler(handler)
    return handler


def drain(informer: Informer) -> None:
    while informer.ready():
        informer.step()


def test_the_first_step_lists(api, informer, heard) -> None:
    api.client.create(pod("a"))
    api.client.create(pod("b"))
    assert not informer.has_synced
    assert informer.step() == "list 2"
    assert informer.has_synced
    assert heard.log == ["+a", "+b"]
    assert not informer.ready()


def test_one_step_is_one_event(api, informer, heard) -> None:
    informer.step()
    api.client.create(pod("a"))
    api.client.patch("pods", "a", {"metadata": {"labels": {"x": "1"}}}, "default")
    api.client.delete("pods", "a", "default")
    seen = []
    while informer.ready():
        informer.step()
        seen.append((heard.log[-1], len(informer.lister)))
    # Deleting a pod marks it first, even without a grace period, as upstream does.
    assert seen == [("+a", 1), ("~a", 1), ("~a", 1), ("-a", 0)]


def test_the_cache_lags_until_the_informer_gets_a_turn(api, informer) -> None:
    informer.step()
    api.client.create(pod("a"))
    assert informer.lister.get("default", "a") is None
    informer.step()
    assert informer.lister.get("default", "a") is not None


def test_a_held_watch_is_a_stale_cache(api, informer) -> None:
    informer.step()
    api.client.create(pod("a"))
    api.faults.hold("tester/watch/pods")
    assert not informer.ready()
    api.faults.release("tester/watch/pods")
    assert informer.ready()


def test_after_compaction_it_lists_again_and_reports_everything(api, informer, heard) -> None:
    api.client.create(pod("stays"))
    api.client.create(pod("goes"))
    api.client.create(pod("again"))
    informer.step()
    heard.log.clear()
    api.client.delete("pods", "goes", "default")
    api.client.delete("pods", "again", "default")
    api.client.create(pod("again"))
    api.client.create(pod("new"))
    api.store.compact(api.store.revision)
    drain(informer)
    assert heard.log == ["-again", "+again", "+new", "~stays", "-goes"]
    assert sorted(heard.state) == ["again", "new", "stays"]


def test_a_restart_forgets_and_lists(api, informer) -> None:
    api.client.create(pod("a"))
    informer.step()
    informer.restart()
    assert not informer.has_synced
    with pytest.raises(InvariantError, match="pods cache is read before it has synced"):
        informer.lister.list()
    informer.step()
    assert len(informer.lister) == 1


def test_a_late_handler_hears_of_what_is_there(api, informer) -> None:
    api.client.create(pod("a"))
    informer.step()
    late = Heard()
    informer.add_handler(late)
    assert late.log == ["+a"]


def test_a_fork_goes_its_own_way(api) -> None:
    factory = InformerFactory(api.client)
    informer = factory.informer("po")
    assert factory.informer("pods") is informer
    heard = Heard()
    informer.add_handler(heard)
    informer.step()
    memo = ForkMemo()
    twin_client, twin = memo(api.client), memo(factory).informer("pods")
    twin_client.create(pod("only-there"))
    drain(twin)
    assert len(twin.lister) == 1
    assert not informer.ready()
    assert heard.log == []


def test_a_refused_list_is_tried_again_after_a_while(api) -> None:
    informer = Informer(api.client, "pods", api.clock)
    refusal = internal_error("by order")
    api.faults.inject(Fault("tester/watch/pods", Effect.REFUSE, count=2, error=refusal))
    assert informer.step() == "list refused: Internal error occurred: by order"
    assert not informer.ready()
    waits = []
    while not informer.has_synced:
        deadline_ns = informer.next_deadline_ns()
        waits.append(deadline_ns - api.clock.now_ns())
        api.clock.advance_to(deadline_ns)
        informer.step()
    assert waits == [800_000_000, 1_600_000_000]
    assert informer.next_deadline_ns() is None


@given(
    operations=st.lists(
        st.tuples(
            st.sampled_from(["create", "label", "delete", "deliver", "compact"]),
            st.sampled_from("abc"),
        ),
        max_size=40,
    )
)
@settings(max_examples=60)
def test_handlers_fold_to_the_listed_state(make_api, operations) -> None:
    api = make_api()
    informer, heard = Informer(api.client, "pods"), Heard()
    informer.add_handler(heard)
    alive: set[str] = set()
    for number, (operation, name) in enumerate(operations):
        if operation == "create" and name not in alive:
            api.client.create(pod(name))
            alive.add(name)
        elif operation == "label" and name in alive:
            patch = {"metadata": {"labels": {"number": str(number)}}}
            api.client.patch("pods", name, patch, "default")
        elif operation == "delete" and name in alive:
            api.client.delete("pods", name, "default")
            alive.discard(name)
        elif operation == "deliver" and informer.ready():
            informer.step()
        elif operation == "compact" and api.store.compact_revision < api.store.revision:
            api.store.compact(api.store.revision)
    drain(informer)
    listed = {obj.metadata.name: obj for obj in api.client.list("pods")}
    assert heard.state == listed
    assert {obj.metadata.name: obj for obj in informer.lister.list()} == listed
    assert listed.keys() == alive
