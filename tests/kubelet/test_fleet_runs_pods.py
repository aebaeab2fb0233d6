"""The fleet before a real API server: status comes in, deletion goes out, faults are survived."""

import pytest

from kcore.kubelet.behavior import Behavior, ContainerBehavior
from kcore.runtime.faults import Effect, Fault
from tests.kubelet.fleet_world import FleetWorld


def status_word(pod):
    row = pod.status.containerStatuses[0]
    return next(iter(row.state.keys())), row.ready


def test_a_bound_pod_runs():
    world = FleetWorld()
    world.create_pod()

    pod = world.settle().pod()

    assert pod.status.phase == "Running"
    assert status_word(pod) == ("running", True)
    assert [reason for reason, _ in world.events()] == ["Pulling", "Pulled", "Created", "Started"]


def test_a_deleted_pod_is_removed_after_it_stopped():
    world = FleetWorld()
    world.create_pod()
    world.settle()

    world.user.delete("pods", "web", "default")
    assert world.pods() == ["web"]
    world.settle()

    assert world.pods() == []
    assert world.fleet.nodes[0].pods == {}


def test_a_pod_of_an_unknown_node_is_left_alone():
    world = FleetWorld()
    world.create_pod(node="elsewhere")

    assert world.settle().pod().status.phase == "Pending"
    assert world.fleet.next_deadline_ns() is None


def test_an_unbound_pod_is_left_alone():
    world = FleetWorld()
    world.user.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
                       "spec": {"containers": [{"name": "web", "image": "app:1"}]}})  # fmt: skip

    assert world.settle().pod().status.containerStatuses is None


def test_a_second_pod_finds_the_image_and_an_address_of_its_own():
    world = FleetWorld()
    world.create_pod("one")
    world.settle()
    world.create_pod("two")
    world.settle()

    assert "Pulling" not in [reason for reason, _ in world.events("two")]
    assert world.pod("one").status.podIP != world.pod("two").status.podIP


def test_a_settled_world_is_synced_without_a_write():
    world = FleetWorld()
    world.create_pod()
    world.settle()
    before = world.pod()

    world.fleet.restart()
    world.run(1)

    assert world.pod() == before


@pytest.mark.parametrize("first", range(1, 9))
@pytest.mark.parametrize("effect", list(Effect))
def test_no_lost_write_crash_or_refusal_changes_the_end(first, effect):
    faults = [Fault("kubelet/[cupd]*/*", effect, first=first)]
    world = FleetWorld(faults=faults)
    world.create_pod()
    world.run(30)
    assert world.pod().status.phase == "Running"
    assert status_word(world.pod()) == ("running", True)
    assert world.pod().status.containerStatuses[0].restartCount == 0

    world.user.delete("pods", "web", "default")
    world.run(60)

    assert world.pods() == []


def test_a_status_somebody_else_changed_is_restored():
    world = FleetWorld()
    world.create_pod()
    world.settle()
    pod = world.pod()
    index = [row.type for row in pod.status.conditions].index("Ready")

    world.user.update_status(pod.set(("status", "conditions", index, "status"), "False"))
    world.settle()

    assert world.pod().status.conditions[index].status == "True"


def test_conditions_of_others_are_kept():
    world = FleetWorld()
    world.create_pod()
    world.settle()
    pod = world.pod()
    rows = [*pod.status.conditions, {"type": "DisruptionTarget", "status": "True"}]
    world.user.update_status(pod.set(("status", "conditions"), rows))

    world.user.delete("pods", "web", "default")
    world.run(0.2)

    types = [row.type for row in world.pod().status.conditions]
    assert "DisruptionTarget" in types


def test_a_replaced_pod_starts_anew():
    world = FleetWorld()
    old = world.create_pod()
    world.settle()

    world.user.delete("pods", "web", "default")
    world.settle()
    world.create_pod()
    world.settle()

    assert world.pod().metadata.uid != old.metadata.uid
    assert world.pod().status.phase == "Running"


def test_a_fork_goes_on_alone():
    behavior = Behavior(images={"app:1": ContainerBehavior(run_s=5, exit_code=1)})
    world = FleetWorld(behavior=behavior)
    world.create_pod()
    world.run(3)
    digest = world.trace.digest

    twin = world.fork()
    twin.run(40)
    assert world.trace.digest == digest
    world.run(40)

    assert twin.trace.digest == world.trace.digest
    assert world.pod().status.containerStatuses[0].restartCount >= 2


def test_a_new_fleet_takes_running_pods_over():
    world = FleetWorld()
    world.create_pod()
    world.create_pod("batch", restartPolicy="Never")
    world.run(2)
    before = world.pod()

    world.replace_fleet()
    world.settle()

    assert world.pod().status.containerStatuses == before.status.containerStatuses
    assert world.pod().status.startTime == before.status.startTime
    assert world.pod("batch").status.phase == "Succeeded"
