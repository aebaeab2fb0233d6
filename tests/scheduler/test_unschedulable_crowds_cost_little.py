"""Thousands of pods that fit nowhere: each is tried once, and again only when it may help."""

from dataclasses import replace

import pytest

from tests.conformance.scheduler.queue import QueueDriver

CROWD_COUNT = 10_000
REFUSALS = ("NodeResourcesFit", "NodeAffinity")


def pod(number):
    return {
        "metadata": {"name": f"p{number:05}", "namespace": "ns", "uid": f"u{number}"},
        "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "64"}}}]},
    }


def node(cpu, **labels):
    return {
        "metadata": {"name": "n0", "labels": labels},
        "status": {"allocatable": {"cpu": cpu, "pods": "110"}},
    }


class Crowd:
    """A queue whose every pod has failed once, for one of two reasons in turn."""

    def __init__(self):
        self.driver = QueueDriver({})
        self.queue = self.driver.queue
        self.driver.do_add_node({"node": node("4")})
        for number in range(CROWD_COUNT):
            self.driver.do_add_pod({"pod": pod(number)})
        self.fail_all()

    def fail_all(self):
        """Try everybody who may be tried now; returns how many."""
        count = 0
        while (queued := self.queue.pop()) is not None:
            plugin = REFUSALS[int(queued.info.name[1:]) % 2]
            self.queue.put_back(replace(queued, unschedulable_plugins=(plugin,)))
            count += 1
        return count

    def change_node(self, new):
        self.driver.do_update_node({"node": new})

    def wait(self, seconds):
        self.driver._advance(seconds * 10**9)
        self.queue.flush_backoff()


@pytest.fixture
def crowd():
    return Crowd()


@pytest.mark.slow
def test_events_that_cannot_help_wake_nobody(crowd):
    for number in range(20):
        crowd.change_node(node(str(3 + number % 2)))
        crowd.wait(1)
        assert crowd.fail_all() == 0
    assert crowd.queue.cycle_count == len(crowd.queue) == CROWD_COUNT


@pytest.mark.slow
def test_a_label_wakes_only_those_who_read_labels(crowd):
    crowd.change_node(node("4", disk="ssd"))
    crowd.wait(2)

    assert crowd.fail_all() <= CROWD_COUNT // 2


@pytest.mark.slow
def test_comers_and_goers_leave_the_others_alone(crowd):
    for number in range(0, CROWD_COUNT, 2):
        crowd.driver.do_delete_pod({"pod": f"ns/p{number:05}"})
    crowd.wait(2)
    assert crowd.fail_all() == 0
    assert len(crowd.queue) == CROWD_COUNT // 2

    for number in range(0, CROWD_COUNT, 2):
        crowd.driver.do_add_pod({"pod": pod(number)})
    assert crowd.fail_all() == CROWD_COUNT // 2
    crowd.queue.check_invariants()


@pytest.mark.slow
def test_an_event_that_may_help_wakes_those_it_may_help_once(crowd):
    crowd.change_node(node("3"))
    crowd.wait(20)
    crowd.fail_all()
    before = crowd.queue.cycle_count

    crowd.change_node(node("128"))
    crowd.wait(20)
    assert crowd.fail_all() == CROWD_COUNT // 2

    crowd.wait(20)
    assert crowd.fail_all() == 0
    assert crowd.queue.cycle_count - before == CROWD_COUNT // 2
    crowd.queue.check_invariants()


@pytest.mark.slow
def test_time_alone_wakes_everybody_every_five_minutes_and_not_before(crowd):
    crowd.wait(290)
    crowd.queue.flush_unschedulable()
    assert crowd.fail_all() == 0

    crowd.wait(40)
    crowd.queue.flush_unschedulable()
    crowd.wait(20)
    assert crowd.fail_all() == CROWD_COUNT
