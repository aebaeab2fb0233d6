"""Gated pods hear of what their gate waits for and of nothing else."""

from kcore.scheduler.event_handlers import POD_ADDED, POD_DELETED
from kcore.scheduler.framework.events import TARGET_POD, Action, ClusterEvent
from tests.conformance.scheduler.queue import QueueDriver

GATES_GONE = ClusterEvent(TARGET_POD, Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED)


def pod(name, *gates):
    return {
        "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}"},
        "spec": {
            "containers": [{"name": "c"}],
            "schedulingGates": [{"name": gate} for gate in gates],
        },
    }


def keys_concerned(queue, event):
    found = queue._unschedulable.concerned_by(event, queue._rules.hints)
    return [queued.key for queued in found]


def test_an_event_that_concerns_no_gate_is_shown_to_the_others_alone():
    driver = QueueDriver({})
    queue = driver.queue
    driver.do_add_pod({"pod": pod("gated-1", "g")})
    driver.do_add_pod({"pod": pod("free")})
    taken = queue.pop()
    queue.put_back(taken.__class__(taken.info, 0, unschedulable_plugins=("InterPodAffinity",)))
    driver.do_add_pod({"pod": pod("gated-2", "g")})

    assert keys_concerned(queue, POD_ADDED) == ["ns/free"]
    assert keys_concerned(queue, GATES_GONE) == ["ns/gated-1", "ns/free", "ns/gated-2"]
    queue.check_invariants()


def test_an_event_that_no_refusal_waits_for_is_shown_to_nobody():
    driver = QueueDriver({})
    queue = driver.queue
    for name, plugin in (("wide", "NodeResourcesFit"), ("near", "InterPodAffinity")):
        driver.do_add_pod({"pod": pod(name)})
        taken = queue.pop()
        assert not queue._unschedulable.concerns(POD_ADDED, queue._rules.hints)
        queue.put_back(taken.__class__(taken.info, 0, unschedulable_plugins=(plugin,)))
        queue.check_invariants()

    assert queue.has_audience_for(POD_ADDED)
    assert keys_concerned(queue, POD_ADDED) == ["ns/wide", "ns/near"]
    queue._unschedulable.discard("ns/near")
    assert not queue.has_audience_for(POD_ADDED)
    assert keys_concerned(queue, POD_ADDED) == []
    assert queue.has_audience_for(POD_DELETED)


def test_a_fork_counts_its_own_gates():
    driver = QueueDriver({})
    heap = driver.queue._unschedulable
    driver.do_add_pod({"pod": pod("gated", "g")})
    twin = heap.fork()
    twin.discard("ns/gated")

    twin.check_invariants()
    heap.check_invariants()
    assert (len(heap), len(twin)) == (1, 0)
