"""From binding to running, and from deletion to gone."""

from itertools import pairwise

import pytest

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from tests.kubelet.life import Life, a_pod


def test_a_server_pulls_starts_and_runs_for_ever():
    life = Life(a_pod())
    assert life.phase == "Pending"
    assert life.state() == ("waiting", "ContainerCreating", False, 0)
    assert life.condition("Ready")[:2] == ("False", "ContainersNotReady")

    life.settle()

    assert life.at_s == 1.5
    assert life.phase == "Running"
    assert life.state() == ("running", None, True, 0)
    assert [life.condition(kind)[0] for kind in ("Initialized", "Ready", "ContainersReady")] == [
        "True"
    ] * 3
    assert life.remarks == [
        ("Pulling", 'Pulling image "app:1"'),
        (
            "Pulled",
            'Successfully pulled image "app:1" in 1s (1s including waiting). '
            "Image size: 50000000 bytes.",
        ),
        ("Created", "Container created"),
        ("Started", "Container started"),
    ]


def test_the_status_says_where_and_since_when():
    status = Life(a_pod()).settle().pod.status

    assert status.hostIP == "172.16.0.1"
    assert status.podIP == status.podIPs[0].ip == "10.128.0.1"
    assert status.startTime == "2026-01-01T00:00:00Z"
    assert status.qosClass == "BestEffort"
    assert status.observedGeneration == 1
    assert status.containerStatuses[0].state.running.startedAt == "2026-01-01T00:00:01Z"


def test_a_pod_on_the_host_network_has_the_address_of_the_host():
    assert Life(a_pod(hostNetwork=True)).settle().pod.status.podIP == "172.16.0.1"


@pytest.mark.parametrize(
    ("policy", "present", "pulls"),
    [
        ("IfNotPresent", False, True),
        ("IfNotPresent", True, False),
        ("Always", True, True),
        ("Never", True, False),
    ],
)
def test_when_an_image_is_pulled(policy, present, pulls):
    pod = a_pod([{"name": "app", "image": "app:1", "imagePullPolicy": policy}])
    images = {"app:1"} if present else set()

    life = Life(pod, images=images).settle()

    assert ("Pulling" in life.reasons()) is pulls
    assert life.phase == "Running"
    if not pulls:
        assert life.at_s == 0.5
        assert life.remarks[0] == (
            "Pulled",
            'Container image "app:1" already present on machine and can be accessed by the pod',
        )


def test_an_absent_image_that_may_not_be_pulled():
    life = Life(a_pod([{"name": "app", "image": "app:1", "imagePullPolicy": "Never"}]))

    assert life.wake_ns is None
    assert life.state()[:2] == ("waiting", "ErrImageNeverPull")
    life.sync()
    assert life.reasons() == ["ErrImageNeverPull", "Failed"]


def test_an_image_the_registry_does_not_have():
    missing = ContainerBehavior(pull_error="manifest unknown")
    life = Life(a_pod(), Behavior(images={"app:1": missing})).until(1.5)
    assert life.state()[:2] == ("waiting", "ErrImagePull")

    life.until(5)
    assert life.state()[:2] == ("waiting", "ImagePullBackOff")
    life.until(100)

    assert life.phase == "Pending"
    failed = [at for at, status in life.statuses if _message(status).startswith("Failed")]
    pulls = list(dict.fromkeys(failed))
    gaps = [b - a for a, b in pairwise(pulls)]
    assert gaps == [11.0, 21.0, 41.0]


def _message(status):
    return status.containerStatuses[0].state.at("waiting", "message", default="")


def test_deletion_stops_containers_and_ends_the_phase():
    life = Life(a_pod()).until(10)

    life.delete()
    assert life.remarks[-1] == ("Killing", "Stopping container app")
    assert life.state() == ("running", None, True, 0)
    assert not life.record.stopped
    life.settle()

    assert life.at_s == 10.5
    assert life.record.stopped
    assert life.state()[:2] == ("terminated", "Completed")
    assert life.phase == "Succeeded"


@pytest.mark.parametrize(("grace_s", "gone_s"), [(0, 10), (2, 12), (30, 17)])
def test_grace_is_a_deadline_not_a_delay(grace_s, gone_s):
    stubborn = Behavior(images={"app:1": ContainerBehavior(stop_s=7)})
    life = Life(a_pod(), stubborn).until(10)

    life.delete(grace_s).settle()

    assert life.at_s == gone_s
    killed = grace_s < 7
    assert life.pod.status.containerStatuses[0].state.terminated.exitCode == (137 if killed else 0)
    assert life.phase == ("Failed" if killed else "Succeeded")


def test_grace_may_be_shortened_while_stopping():
    stubborn = Behavior(images={"app:1": ContainerBehavior(stop_s=60)})
    life = Life(a_pod(), stubborn).until(10)
    life.delete(30)
    life.until(15)

    life.pod = life.pod.set(("metadata", "deletionGracePeriodSeconds"), 8)
    life.sync()
    life.settle()

    assert life.at_s == 18


def test_a_pod_deleted_before_it_started_just_stops():
    life = Life(a_pod())

    life.delete()

    assert life.record.stopped
    assert life.wake_ns is None
    assert "Started" not in life.reasons()


def test_out_of_time():
    life = Life(a_pod(activeDeadlineSeconds=20)).settle()

    assert life.at_s == 20.5
    assert life.phase == "Failed"
    assert life.pod.status.reason == "DeadlineExceeded"
    assert (
        life.pod.status.message == "Pod was active on the node longer than the specified deadline"
    )
    assert life.condition("Ready")[:2] == ("False", "PodFailed")


def test_a_pod_that_ended_is_never_out_of_time():
    life = Life(a_pod(activeDeadlineSeconds=20, restartPolicy="Never")).settle()

    assert (life.at_s, life.phase) == (3.5, "Succeeded")
    life.until(30)
    assert life.pod.status.reason is None
