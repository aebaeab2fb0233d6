"""The Status cell of a pod: kubectl's reading of phases, conditions and container states."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.printing.columns.pod import status_word

RUNNING = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}


def pod(*statuses, phase="Running", init=(), init_specs=(), **extra):
    status = {
        "phase": phase,
        "containerStatuses": list(statuses),
        "initContainerStatuses": list(init),
        **extra.pop("status", {}),
    }
    spec = {
        "containers": [{"name": one["name"], "image": "x"} for one in statuses],
        "initContainers": list(init_specs) or [{"name": one["name"]} for one in init],
    }
    return freeze(
        {"kind": "Pod", "metadata": {"name": "p", **extra}, "spec": spec, "status": status}
    )


def container(name, state, *, ready=False, **extra):
    return {"name": name, "state": state, "ready": ready, "restartCount": 0, **extra}


def ended(code, reason="", **extra):
    return {"terminated": {"exitCode": code, **({"reason": reason} if reason else {}), **extra}}


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (pod(phase="Pending"), "Pending"),
        (pod(container("a", RUNNING, ready=True)), "Running"),
        (pod(container("a", {"waiting": {"reason": "CrashLoopBackOff"}})), "CrashLoopBackOff"),
        (pod(container("a", {"waiting": {}})), "Running"),
        (pod(container("a", ended(1, "Error"))), "Error"),
        (pod(container("a", ended(3))), "ExitCode:3"),
        (pod(container("a", ended(0, signal=9))), "Signal:9"),
        (pod(container("a", ended(0, "Completed")), phase="Succeeded"), "Completed"),
        (pod(phase="Failed", status={"reason": "Evicted"}), "Evicted"),
    ],
)
def test_states_of_main_containers(value, word):
    assert status_word(value) == word


@pytest.mark.parametrize(
    ("init", "word"),
    [
        (container("i", RUNNING), "Init:0/1"),
        (container("i", {"waiting": {"reason": "PodInitializing"}}), "Init:0/1"),
        (container("i", {"waiting": {"reason": "ImagePullBackOff"}}), "Init:ImagePullBackOff"),
        (container("i", ended(1, "Error")), "Init:Error"),
        (container("i", ended(2)), "Init:ExitCode:2"),
        (container("i", ended(137, signal=9)), "Init:Signal:9"),
    ],
)
def test_states_of_init_containers(init, word):
    assert status_word(pod(container("a", {"waiting": {}}), phase="Pending", init=[init])) == word


def test_a_started_sidecar_does_not_hold_the_pod_back():
    value = pod(
        container("a", RUNNING, ready=True),
        init=[container("side", RUNNING, ready=True, started=True)],
        init_specs=[{"name": "side", "restartPolicy": "Always"}],
    )

    assert status_word(value) == "Running"


@pytest.mark.parametrize(("ready", "word"), [("True", "Running"), ("False", "NotReady")])
def test_one_completed_container_beside_a_running_one(ready, word):
    value = pod(
        container("a", ended(0, "Completed")),
        container("b", RUNNING, ready=True),
        status={"conditions": [{"type": "Ready", "status": ready}]},
    )

    assert status_word(value) == word


def test_a_completed_container_does_not_hide_a_failed_one():
    value = pod(container("a", ended(0, "Completed")), container("b", ended(1, "Error")))

    assert status_word(value) == "Error"


def test_gated_pods_say_so():
    gated = {"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}

    assert status_word(pod(phase="Pending", status=gated)) == "SchedulingGated"


@pytest.mark.parametrize(
    ("phase", "reason", "word"),
    [
        ("Running", "", "Terminating"),
        ("Running", "NodeLost", "Unknown"),
        ("Succeeded", "", "Succeeded"),
    ],
)
def test_deletion_shows_unless_the_pod_has_ended(phase, reason, word):
    status = {"reason": reason} if reason else {}
    value = pod(phase=phase, status=status, deletionTimestamp="2026-01-01T00:00:00Z")

    assert status_word(value) == word
