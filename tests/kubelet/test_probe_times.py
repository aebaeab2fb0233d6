"""Computed probe times against a kubelet that ticks."""

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
    startup, readiness, liveness = (
        container.get(f"{kind}Probe") for kind in ("startup", "readiness", "liveness")
    )
    started = None if startup else 0
    counts = {"startup": 0, "ready": 0, "unready": 0, "live": 0}
    ready = unready = killed = None
    for second in range(seconds):
        if startup and started is None and due(startup, second):
            if good_from(behavior.started_after_s, second):
                started = second
            else:
                counts["startup"] += 1
                if counts["startup"] == startup["failureThreshold"]:
                    return None, None, None, second
        if started is None:
            continue
        if not readiness:
            ready = started
        elif due(readiness, second):
            bad = bad_from(behavior.unready_after_s, second)
            good = good_from(behavior.ready_after_s, second) and not bad
            counts["ready"] = counts["ready"] + 1 if good else 0
            counts["unready"] = counts["unready"] + 1 if bad else 0
            if ready is None and counts["ready"] == readiness["successThreshold"]:
                ready = second
            if unready is None and counts["unready"] == readiness["failureThreshold"]:
                unready = second
        if liveness and killed is None and due(liveness, second):
            bad = bad_from(behavior.unhealthy_after_s, second)
            counts["live"] = counts["live"] + 1 if bad else 0
            if counts["live"] == liveness["failureThreshold"]:
                killed = second
    return started, ready, unready, killed


def due(probe, second):
    since = second - probe["initialDelaySeconds"]
    return since >= 0 and since % probe["periodSeconds"] == 0


def good_from(moment, second):
    return moment is not None and second >= moment


def bad_from(moment, second):
    return moment is not None and second >= moment


@given(
    startup=st.none() | PROBES,
    readiness=st.none() | READINESS,
    liveness=st.none() | PROBES,
    started=MOMENTS,
    ready=MOMENTS,
    unready=MOMENTS,
    unhealthy=MOMENTS,
)
@settings(max_examples=200)
def test_arithmetic_agrees_with_ticks(
    startup, readiness, liveness, started, ready, unready, unhealthy
):
    probes = {"startupProbe": startup, "readinessProbe": readiness, "livenessProbe": liveness}
    container = freeze({"name": "app", **{k: v for k, v in probes.items() if v}})
    behavior = ContainerBehavior(
        started_after_s=started,
        ready_after_s=ready,
        unready_after_s=unready,
        unhealthy_after_s=unhealthy,
    )

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
