"""Which ended containers start again, and after how long."""

from itertools import pairwise

import pytest

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from tests.kubelet.life import Life, a_pod

CODES = {f"exit:{code}": ContainerBehavior(run_s=1, exit_code=code) for code in (0, 1, 42)}
CODES["long:1"] = ContainerBehavior(run_s=700, exit_code=1)
BEHAVIOR = Behavior(images=CODES)


def container(image, **fields):
    return {"name": "app", "image": image, **fields}


def rule(operator, *values):
    return {"action": "Restart", "exitCodes": {"operator": operator, "values": list(values)}}


@pytest.mark.parametrize(
    ("policy", "code", "fields", "restarts"),
    [
        ("Always", 0, {}, True),
        ("Always", 1, {}, True),
        ("OnFailure", 0, {}, False),
        ("OnFailure", 1, {}, True),
        ("Never", 0, {}, False),
        ("Never", 1, {}, False),
        ("Never", 42, {"restartPolicyRules": [rule("In", 42)]}, True),
        ("Never", 1, {"restartPolicyRules": [rule("In", 42)]}, False),
        ("Never", 1, {"restartPolicyRules": [rule("NotIn", 42)]}, True),
        ("Always", 1, {"restartPolicy": "Never"}, False),
        ("Never", 1, {"restartPolicy": "OnFailure"}, True),
    ],
)
def test_who_is_restarted(policy, code, fields, restarts):
    pod = a_pod([container(f"exit:{code}", **fields)], restartPolicy=policy)

    life = Life(pod, BEHAVIOR).until(5)

    assert (life.state()[3] > 0) is restarts
    if not restarts:
        assert life.phase == ("Succeeded" if code == 0 else "Failed")
        assert life.wake_ns is None


def test_back_off_doubles_to_five_minutes():
    life = Life(a_pod([container("exit:1")]), BEHAVIOR).until(2500)

    starts, known = [], 0
    for at_s, status in life.statuses:
        row = status.containerStatuses[0]
        if row.state.running is not None and row.restartCount + 1 > known:
            known = row.restartCount + 1
            starts.append(at_s)
    waits = [b - a - 1 for a, b in pairwise(starts)]
    assert waits[:8] == [0.5, 10, 20, 40, 80, 160, 300, 300]


def test_a_crash_loop_says_so():
    life = Life(a_pod([container("exit:1")]), BEHAVIOR).until(5)

    row = life.pod.status.containerStatuses[0]
    assert row.state.waiting == {
        "reason": "CrashLoopBackOff",
        "message": "back-off 10s restarting failed container=app pod=web_default(u-1)",
    }
    assert row.lastState.terminated.exitCode == 1
    assert row.lastState.terminated.reason == "Error"
    assert (row.ready, row.started, row.restartCount) == (False, False, 1)
    assert life.phase == "Running"
    text = "Back-off restarting failed container app in pod web_default(u-1)"
    assert life.remarks[-1] == ("BackOff", text)


def test_ten_quiet_minutes_forgive():
    life = Life(a_pod([container("long:1")]), BEHAVIOR).until(3000)

    assert life.state()[3] == 4
    assert "BackOff" not in life.reasons()


def test_a_pod_succeeds_only_if_all_its_containers_do():
    good = container("exit:0")
    bad = {"name": "other", "image": "exit:1"}

    assert Life(a_pod([good, bad], restartPolicy="Never"), BEHAVIOR).settle().phase == "Failed"
    assert Life(a_pod([good], restartPolicy="Never"), BEHAVIOR).settle().phase == "Succeeded"


def test_one_ended_container_leaves_the_pod_running():
    pod = a_pod([container("exit:0"), {"name": "server", "image": "s:1"}], restartPolicy="Never")
    behavior = Behavior(images={**CODES, "s:1": ContainerBehavior()})

    life = Life(pod, behavior).until(10)

    assert life.phase == "Running"
    assert life.condition("Ready") == (
        "False",
        "ContainersNotReady",
        "containers with unready status: [app]",
    )


def test_a_succeeded_pod_is_not_ready_because_it_is_complete():
    life = Life(a_pod([container("exit:0")], restartPolicy="Never"), BEHAVIOR).settle()

    assert life.condition("Ready") == ("False", "PodCompleted", None)
    assert life.condition("Initialized") == ("True", "PodCompleted", None)
    assert life.condition("PodReadyToStartContainers")[0] == "False"
