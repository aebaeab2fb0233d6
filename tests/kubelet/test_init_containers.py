"""Init containers run one after the other; sidecars stay, and stop last."""

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from tests.kubelet.life import Life, a_pod


def init(name, **fields):
    return {"name": name, "image": f"{name}:1", **fields}


def sidecar(name, **fields):
    return init(name, restartPolicy="Always", **fields)


def first_running(life, name):
    for at_s, status in life.statuses:
        for row in (*(status.initContainerStatuses or ()), *status.containerStatuses):
            if row.name == name and row.state.running is not None:
                return at_s
    return None


def test_one_after_the_other_then_the_pod():
    life = Life(a_pod(initContainers=[init("one"), init("two")]))
    assert life.state("one")[1] == "PodInitializing"
    assert life.state()[1] == "PodInitializing"
    assert life.condition("Initialized") == (
        "False",
        "ContainersNotInitialized",
        "containers with incomplete status: [one two]",
    )

    life.settle()

    assert [first_running(life, name) for name in ("one", "two", "app")] == [1.5, 3.5, 5.5]
    assert life.state("one") == ("terminated", "Completed", True, 0)
    assert life.condition("Initialized")[0] == "True"
    assert life.phase == "Running"


def test_a_failed_init_container_is_retried():
    bad = Behavior(images={"one:1": ContainerBehavior(run_s=1, exit_code=1)})
    life = Life(a_pod(initContainers=[init("one")]), bad).until(30)

    assert life.phase == "Pending"
    assert life.state("one")[3] >= 2
    assert life.state()[0] == "waiting"


def test_or_ends_the_pod_when_nothing_is_retried():
    bad = Behavior(images={"one:1": ContainerBehavior(run_s=1, exit_code=1)})
    life = Life(a_pod(initContainers=[init("one")], restartPolicy="Never"), bad).settle()

    assert life.phase == "Failed"
    assert "Started" in life.reasons()
    assert life.state()[0] == "waiting"


def test_a_sidecar_lets_the_next_start_once_it_has_started():
    slow = Behavior(images={"mesh:1": ContainerBehavior(started_after_s=12)})
    probe = {"startupProbe": {"periodSeconds": 5, "failureThreshold": 10}}
    life = Life(a_pod(initContainers=[sidecar("mesh", **probe), init("two")]), slow).settle()

    assert first_running(life, "mesh") == 1.5
    assert first_running(life, "two") == 1.5 + 15 + 1.5
    assert life.state("mesh") == ("running", None, True, 0)


def test_a_sidecar_does_not_keep_a_batch_pod_alive():
    life = Life(a_pod(initContainers=[sidecar("mesh")], restartPolicy="Never")).settle()

    assert life.phase == "Succeeded"
    assert life.state("mesh")[0] == "terminated"
    assert ("Killing", "Stopping container mesh") in life.remarks


def test_a_crashed_sidecar_is_restarted_whatever_the_policy():
    flaky = Behavior(
        images={"mesh:1": ContainerBehavior(run_s=3, exit_code=1), "app:1": ContainerBehavior()}
    )
    life = Life(a_pod(initContainers=[sidecar("mesh")], restartPolicy="Never"), flaky).until(60)

    assert life.state("mesh")[3] >= 2
    assert life.phase == "Running"
    assert life.state()[0] == "running"


def test_sidecars_stop_after_the_others_in_reverse_order():
    life = Life(a_pod(initContainers=[sidecar("a"), sidecar("b")])).until(20)

    life.delete().settle()

    stops = [text for reason, text in life.remarks if reason == "Killing"]
    assert stops == [f"Stopping container {name}" for name in ("app", "b", "a")]
    assert life.at_s == 21.5
