"""Computed probe times against a kubelet that ticks."""

from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from kcore.kubelet.probes import probe_times
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import SECOND_NS
from tests.kubelet.life import Life, a_pod

PROBES = st.fixed_dictionaries(
    {
        "initialDelaySeconds": st.integers(0, 7),
        "periodSeconds": st.integers(1, 5),
        "successThreshold": st.just(1),
        "failureThreshold": st.integers(1, 4),
    }
)
READINESS = st.builds(lambda probe, n: {**probe, "successThreshold": n}, PROBES, st.integers(1, 3))
MOMENTS = st.none() | st.integers(0, 40)


def ticking(container, behavior, seconds=150):
    """(started, ready, unready, killed) of a container started at 0: ask at every tick."""
    started, gave_up = first_row(
        container.get("startupProbe"),
        lambda second: reached(behavior.started_after_s, second),
        range(seconds),
    )
    if started is None:
        return None, None, None, gave_up
    later = range(started, seconds)
    bad = partial(reached, behavior.unready_after_s)
    ready, _ = first_row(
        container.get("readinessProbe"),
        lambda second: reached(behavior.ready_after_s, second) and not bad(second),
        later,
        may_fail=True,
    )
    unready = failed(container.get("readinessProbe"), bad, later)
    sick = partial(reached, behavior.unhealthy_after_s)
    return started, ready, unready, failed(container.get("livenessProbe"), sick, later)


def first_row(probe, is_good, seconds, may_fail=False):
    """(when enough good answers in a row came in, when too many bad ones did)."""
    if probe is None:
        return seconds.start, None
    good = bad = 0
    for second in seconds:
        if not due(probe, second):
            continue
        good, bad = (good + 1, 0) if is_good(second) else (0, bad + 1)
        if good == probe["successThreshold"]:
            return second, None
        if bad == probe["failureThreshold"] and not may_fail:
            return None, second
    return None, None


def failed(probe, is_bad, seconds):
    """When too many bad answers in a row came in."""
    if probe is None:
        return None
    bad = 0
    for second in seconds:
        if due(probe, second):
            bad = bad + 1 if is_bad(second) else 0
            if bad == probe["failureThreshold"]:
                return second
    return None


def due(probe, second):
    since = second - probe["initialDelaySeconds"]
    return since >= 0 and since % probe["periodSeconds"] == 0


def reached(moment, second):
    return moment is not None and second >= moment


CONTAINERS = st.fixed_dictionaries(
    {"name": st.just("app")},
    optional={"startupProbe": PROBES, "readinessProbe": READINESS, "livenessProbe": PROBES},
)
BEHAVIORS = st.builds(
    ContainerBehavior,
    started_after_s=MOMENTS,
    ready_after_s=MOMENTS,
    unready_after_s=MOMENTS,
    unhealthy_after_s=MOMENTS,
)


@given(CONTAINERS, BEHAVIORS)
@settings(max_examples=200)
def test_arithmetic_agrees_with_ticks(container, behavior):
    container = freeze(container)

    times = probe_times(container, behavior, 0)
    wanted = ticking(container, behavior)

    def seconds(time_ns):
        return None if time_ns is None else time_ns / SECOND_NS

    assert seconds(times.started_ns) == wanted[0]
    assert seconds(times.killed_ns) == wanted[3]
    for second in range(150):
        ready_now = wanted[1] is not None and wanted[1] <= second
        unready_now = wanted[2] is not None and wanted[2] <= second
        assert times.is_ready(second * SECOND_NS) == (ready_now and not unready_now)


def test_a_failed_liveness_probe_restarts_the_container():
    probe = {"livenessProbe": {"periodSeconds": 10, "failureThreshold": 3}}
    behavior = Behavior(images={"app:1": ContainerBehavior(unhealthy_after_s=12)})

    life = Life(a_pod([{"name": "app", "image": "app:1", **probe}]), behavior).until(45)

    assert ("Unhealthy", "Liveness probe failed: ") in life.remarks
    assert ("Killing", "Container app failed liveness probe, will be restarted") in life.remarks
    assert life.state() == ("running", None, True, 1)
    finished = life.pod.status.containerStatuses[0].lastState.terminated.finishedAt
    assert finished == "2026-01-01T00:00:42Z"


def test_a_startup_probe_that_never_succeeds_kills():
    probe = {"startupProbe": {"periodSeconds": 2, "failureThreshold": 5}}
    behavior = Behavior(images={"app:1": ContainerBehavior(started_after_s=None)})

    life = Life(a_pod([{"name": "app", "image": "app:1", **probe}]), behavior).until(12)

    assert life.state()[3] == 1
    assert ("Unhealthy", "Startup probe failed: ") in life.remarks


def test_readiness_gates_hold_a_pod_back():
    life = Life(a_pod(readinessGates=[{"conditionType": "lb"}])).settle()
    assert life.condition("ContainersReady")[0] == "True"
    assert life.condition("Ready") == (
        "False",
        "ReadinessGatesNotReady",
        'corresponding condition of pod readiness gate "lb" does not exist.',
    )

    rows = life.pod.status.conditions
    life.pod = life.pod.set(("status", "conditions"), [*rows, {"type": "lb", "status": "True"}])
    life.sync()

    assert life.condition("Ready")[0] == "True"
    assert life.condition("lb")[0] == "True"
