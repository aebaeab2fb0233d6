"""Faults hit exactly the calls they name, count on their own in a fork, and cost nothing else."""

import pytest

from kcore.errors import internal_error
from kcore.forking import ForkMemo
from kcore.runtime.faults import Effect, Fault, Faults, LostResponseError
from kcore.runtime.process import ActorCrashed

CALL = "kube-scheduler/create/pods/binding"


def test_a_fault_hits_the_calls_it_counts_to() -> None:
    faults = Faults([Fault("kube-scheduler/create/*", Effect.REFUSE, first=2, count=2)])
    assert [bool(faults.hits(CALL)) for _ in range(5)] == [False, True, True, False, False]


def test_other_calls_are_not_counted() -> None:
    faults = Faults([Fault("*/update/pods", Effect.REFUSE)])
    assert not faults.hits(CALL)
    assert not faults.hits("kubelet/update/pods/status")
    assert faults.hits("kubelet/update/pods")


def test_a_fork_counts_on_its_own() -> None:
    faults = Faults([Fault("*", Effect.REFUSE, first=2)])
    faults.hits(CALL)
    twin = faults.fork(ForkMemo())
    assert twin.hits(CALL)
    assert faults.hits(CALL)
    assert not twin.hits(CALL)


def test_what_the_caller_sees() -> None:
    with pytest.raises(ActorCrashed, match=f"after {CALL}"):
        Fault("*", Effect.CRASH).raise_for(CALL)
    with pytest.raises(LostResponseError, match="no response"):
        Fault("*", Effect.DROP_RESPONSE).raise_for(CALL)
    refusal = internal_error("by order")
    with pytest.raises(type(refusal), match="by order"):
        Fault("*", Effect.REFUSE, error=refusal).raise_for(CALL)


def test_watches_are_held_until_released() -> None:
    faults = Faults()
    faults.hold("kube-scheduler/watch/*")
    assert faults.is_held("kube-scheduler/watch/pods")
    assert not faults.is_held("kubelet/watch/pods")
    twin = faults.fork(ForkMemo())
    faults.release("kube-scheduler/watch/*")
    assert not faults.is_held("kube-scheduler/watch/pods")
    assert twin.is_held("kube-scheduler/watch/pods")


def test_an_injected_fault_counts_from_now_on() -> None:
    faults = Faults()
    faults.hits(CALL)
    faults.inject(Fault("*", Effect.REFUSE))
    assert faults.hits(CALL)


def test_who_listens_hears_of_the_first_fault_only() -> None:
    heard: list[str] = []
    faults = Faults()
    faults.before_first(lambda: heard.append("early"))
    assert heard == []
    for _ in range(2):
        faults.inject(Fault("*", Effect.REFUSE))
    faults.before_first(lambda: heard.append("late"))
    assert heard == ["early", "late"]
