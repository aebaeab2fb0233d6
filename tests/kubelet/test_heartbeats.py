"""Leases every 10 s, statuses every 5 min or when they differ, from dead kubelets nothing."""

from kcore.kubelet.heartbeat import reported_node
from kcore.machinery.timestamps import format_micro_time, parse_micro_time
from kcore.runtime.clock import EPOCH_NS, SECOND_NS
from tests.kubelet.fleet_world import FleetWorld


def lease(world, name="a"):
    return world.user.get("leases", name, "kube-node-lease")


def ready(world, name="a"):
    node = world.user.get("nodes", name)
    return next(row for row in node.status.conditions if row.type == "Ready")


def test_a_registered_node_says_what_it_is():
    world = FleetWorld().settle()
    node = world.user.get("nodes", "a")

    assert node.metadata.labels == {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": "a",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "medium",
        "topology.kubernetes.io/region": "eu-west-1",
        "topology.kubernetes.io/zone": "eu-west-1a",
    }
    assert node.status.capacity.memory == "16Gi"
    assert node.status.allocatable.memory == "16284Mi"
    assert node.status.allocatable.cpu == "4"
    assert ready(world).status == "True"
    assert lease(world).spec.leaseDurationSeconds == 40
    assert lease(world).metadata.ownerReferences[0].uid == node.metadata.uid


def test_the_lease_is_renewed_every_ten_seconds():
    world = FleetWorld("ab").settle()
    first = parse_micro_time(lease(world).spec.renewTime)

    world.run(35)

    assert parse_micro_time(lease(world).spec.renewTime) - first == 30 * SECOND_NS
    assert lease(world, "b").spec.renewTime == lease(world).spec.renewTime


def test_heartbeats_do_not_keep_a_world_busy():
    world = FleetWorld().settle()

    assert world.clock.now_ns() == EPOCH_NS
    assert world.fleet.next_deadline_ns() is None
    assert world.fleet.next_heartbeat_ns() == EPOCH_NS + 10 * SECOND_NS


def test_an_unchanged_status_is_written_every_five_minutes():
    world = FleetWorld().settle()
    version = world.user.get("nodes", "a").metadata.resourceVersion

    world.run(299)
    assert world.user.get("nodes", "a").metadata.resourceVersion == version
    world.run(2)

    assert ready(world).lastHeartbeatTime == "2026-01-01T00:05:00Z"
    assert ready(world).lastTransitionTime == "2026-01-01T00:00:00Z"


def test_a_status_somebody_changed_is_restored_with_the_next_heartbeat():
    world = FleetWorld().settle()
    node = world.user.get("nodes", "a")
    index = [row.type for row in node.status.conditions].index("Ready")
    world.user.update_status(node.set(("status", "conditions", index, "status"), "Unknown"))

    world.run(11)

    assert ready(world).status == "True"
    assert ready(world).lastTransitionTime == "2026-01-01T00:00:10Z"


def test_conditions_of_others_are_kept():
    world = FleetWorld().settle()
    node = world.user.get("nodes", "a")
    rows = [{"type": "NetworkUnavailable", "status": "False"}, *node.status.conditions]
    node = node.set(("status", "conditions"), rows)
    registration = world.fleet.nodes[0].registration

    reported = reported_node(node, registration, EPOCH_NS, EPOCH_NS + 300 * SECOND_NS)

    assert reported.status.conditions[0] == rows[0]
    assert reported_node(node, registration, EPOCH_NS, EPOCH_NS + 299 * SECOND_NS) is None


def test_a_stopped_kubelet_is_silent_and_its_pods_stay_as_they_are():
    world = FleetWorld("ab").settle()
    world.create_pod()
    world.run(0.2)
    renewed = lease(world).spec.renewTime

    world.fleet.stop_node("a")
    world.user.delete("pods", "web", "default")
    world.run(100)

    assert lease(world).spec.renewTime == renewed
    assert lease(world, "b").spec.renewTime == format_micro_time(EPOCH_NS + 100 * SECOND_NS)
    assert world.pod().status.phase == "Pending"
    assert world.fleet.next_deadline_ns() is None


def test_a_kubelet_that_comes_back_reports_what_happened_meanwhile():
    world = FleetWorld().settle()
    world.create_pod("batch", restartPolicy="Never")
    world.run(2)
    world.create_pod("late")
    world.fleet.stop_node("a")
    world.run(60)
    assert world.pod("batch").status.phase == "Running"

    world.fleet.start_node("a")
    world.run(10)

    assert world.pod("batch").status.phase == "Succeeded"
    ended = world.pod("batch").status.containerStatuses[0].state.terminated
    assert ended.finishedAt == "2026-01-01T00:00:03Z"
    assert world.pod("late").status.phase == "Running"
    assert parse_micro_time(lease(world).spec.renewTime) >= EPOCH_NS + 62 * SECOND_NS
