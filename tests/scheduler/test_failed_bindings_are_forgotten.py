"""A binding that fails gives the room back; the pod is tried again and never placed twice."""

import pytest

import kcore
from kcore.errors import internal_error
from kcore.runtime.faults import Effect, Fault
from kcore.testing.builders import pod

BINDING = "kube-scheduler/create/pods/binding"


def world(*faults):
    cluster = kcore.Cluster(nodes=2, seed=3)
    cluster.settle()
    for fault in faults:
        cluster.faults.inject(fault)
    for number in range(4):
        cluster.apply(pod(f"web-{number}", requests={"cpu": "500m"}))
    return cluster


@pytest.mark.parametrize("effect", list(Effect))
def test_every_pod_is_placed_in_the_end(effect):
    error = internal_error("disk full") if effect is Effect.REFUSE else None
    cluster = world(Fault(BINDING, effect, first=2, count=2, error=error))

    assert cluster.settle().quiet

    pods = cluster.client.list("pods", "default")
    assert all(value.spec.nodeName for value in pods)
    scheduler = cluster._world.scheduler
    scheduler.check_invariants()
    assert len(scheduler.queue) == 0
    counted = [info.key for node in scheduler.world.cache.refresh() for info in node.pods]
    assert sorted(counted) == sorted(f"default/web-{number}" for number in range(4))


def test_a_refused_binding_is_reported_as_a_scheduler_error():
    cluster = world(Fault(BINDING, Effect.REFUSE, count=1, error=internal_error("disk full")))

    def reported(cluster):
        return any(event.reason == "FailedScheduling" for event in cluster.client.list("events"))

    assert cluster.run_until(reported, "1s")
    reasons = {
        one.reason: one.message
        for value in cluster.client.list("pods", "default")
        for one in value.at("status", "conditions", default=())
        if one.type == "PodScheduled" and one.status == "False"
    }
    assert "disk full" in reasons["SchedulerError"]
