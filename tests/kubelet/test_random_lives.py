"""Any pod under any behaviour: phases go forward, readiness means probes, deletion ends it."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from kcore.kubelet.pod_lifecycle import World, advance, container_specs
from tests.kubelet.life import Life, a_pod

PHASES = ["Pending", "Running", "Succeeded", "Failed"]
SECONDS = st.integers(0, 30)
BEHAVIORS = st.builds(
    ContainerBehavior,
    pull_s=st.sampled_from([0, 1, 5]),
    start_s=st.sampled_from([0, 0.5]),
    run_s=st.none() | SECONDS,
    exit_code=st.sampled_from([0, 0, 1]),
    started_after_s=st.none() | SECONDS,
    ready_after_s=st.none() | SECONDS,
    unready_after_s=st.none() | SECONDS,
    unhealthy_after_s=st.none() | SECONDS,
    stop_s=st.sampled_from([0, 0.5, 50]),
    pull_error=st.sampled_from(["", "", "", "manifest unknown"]),
)
PROBE = st.just({"periodSeconds": 3, "failureThreshold": 2, "successThreshold": 1})
MAYBE_PROBES = st.fixed_dictionaries(
    {}, optional={f"{kind}Probe": PROBE for kind in ("startup", "readiness", "liveness")}
)


@st.composite
def lives(draw):
    names = ["i1", "i2"][: draw(st.integers(0, 2))], ["a", "b"][: draw(st.integers(1, 2))]
    inits = [
        {
            "name": name,
            "image": name,
            **({"restartPolicy": "Always"} if draw(st.booleans()) else {}),
        }
        for name in names[0]
    ]
    mains = [{"name": name, "image": name, **draw(MAYBE_PROBES)} for name in names[1]]
    policy = draw(st.sampled_from(["Always", "OnFailure", "Never"]))
    extra = {"activeDeadlineSeconds": draw(st.integers(1, 60))} if draw(st.booleans()) else {}
    images = {name: draw(BEHAVIORS) for name in (*names[0], *names[1])}
    pod = a_pod(mains, initContainers=inits, restartPolicy=policy, **extra)
    return Life(pod, Behavior(images=images))


@given(lives(), st.integers(0, 200), st.sampled_from([0, 5, 30]))
@settings(max_examples=150)
def test_every_life(life, delete_at_s, grace_s):
    life.until(delete_at_s)
    check_forward(life)
    check_ready(life)

    life.delete(grace_s)
    life.settle()

    check_forward(life)
    assert life.record.stopped
    assert life.phase in ("Succeeded", "Failed")
    # Sidecars may take their grace one after the other.
    assert life.at_s <= delete_at_s + (grace_s + 1) * 5


def check_forward(life):
    ranks = [PHASES.index(status.phase) for _, status in life.statuses]
    # A pod that has started never waits again, and an ended one never comes back.
    for before, after in pairwise(ranks):
        assert before <= after or (PHASES[before], PHASES[after]) == ("Failed", "Failed")
        assert before < 2 or before == after


def check_ready(life):
    status = life.pod.status
    if life.condition("Ready")[0] != "True":
        return
    assert status.phase == "Running"
    specs = container_specs(life.pod)
    for row in status.containerStatuses:
        assert row.ready
        assert row.state.running is not None
        assert row.started
        behavior = life.behavior.images[row.name]
        if specs[row.name].readinessProbe is not None:
            assert behavior.ready_after_s is not None


@given(lives(), st.integers(0, 100))
@settings(max_examples=100)
def test_looking_more_often_changes_nothing(life, at_s):
    twin = replace(life, images=set())

    life.until(at_s)
    for second in range(0, at_s, 7):
        twin.until(second)
    twin.until(at_s)

    assert twin.record == life.record
    assert twin.pod == life.pod


@given(lives(), st.integers(0, 100))
@settings(max_examples=100)
def test_a_settled_record_is_settled(life, at_s):
    life.until(at_s)

    again = advance(life.pod, life.record, World(life.now_ns, life.behavior, life.images))

    assert again.record == life.record
    assert again.remarks == ()
    assert again.wake_ns is None or again.wake_ns > life.now_ns
