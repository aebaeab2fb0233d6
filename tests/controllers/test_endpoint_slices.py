"""The pods behind a Service, in slices of at most 100."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.controllers.endpoint_slice.endpoints import Desired, PortGroup, identity
from kcore.controllers.endpoint_slice.plan import ENDPOINTS_COUNT_MAX, SlicePlan, plan_slices
from kcore.machinery.frozen import EMPTY_LIST, freeze
from tests.controllers.hollow_world import HollowWorld, deployment

SERVICE = freeze(
    {
        "metadata": {"name": "s", "namespace": "default", "uid": "u"},
        "spec": {"clusterIP": "10.96.0.9", "ports": [{"port": 80}]},
    }
)
REFERENCE = freeze({"uid": "u"})
PORTS = freeze([{"name": "", "port": 80, "protocol": "TCP"}])


def endpoint(number):
    return freeze({"addresses": [f"10.0.{number // 250}.{number % 250}"]})


def desired(numbers):
    if not numbers:
        return Desired({}, ())
    endpoints = {identity(e): e for e in map(endpoint, sorted(numbers))}
    key = b'{"name":"","port":80,"protocol":"TCP"}'
    return Desired({key: PortGroup(PORTS, endpoints)}, ())


def apply(slices, plan, serial):
    by_name = {known["metadata"]["name"]: known for known in slices}
    for known in plan.delete:
        del by_name[known["metadata"]["name"]]
    for known in plan.update:
        assert known["metadata"]["name"] in by_name
        by_name[known["metadata"]["name"]] = known
    for number, new in enumerate(plan.create):
        name = f"s-{serial}-{number}"
        by_name[name] = new.set(("metadata", "name"), name)
    return list(by_name.values())


def held(slices):
    return sorted(
        e["addresses"][0] for known in slices for e in known.get("endpoints") or EMPTY_LIST
    )


@given(st.lists(st.sets(st.integers(0, 330), max_size=330), min_size=1, max_size=4))
@settings(max_examples=60)
def test_slices_always_hold_exactly_the_endpoints_in_few_slices(wanted):
    slices = []
    for serial, numbers in enumerate(wanted):
        plan = plan_slices(SERVICE, slices, desired(numbers), "IPv4", REFERENCE)
        slices = apply(slices, plan, serial)

        assert held(slices) == sorted(endpoint(n)["addresses"][0] for n in numbers)
        assert slices, "a Service without endpoints keeps a placeholder"
        assert all(len(s.get("endpoints") or ()) <= ENDPOINTS_COUNT_MAX for s in slices)
        again = plan_slices(SERVICE, slices, desired(numbers), "IPv4", REFERENCE)
        assert again == SlicePlan()


def world_with_service(**spec):
    world = HollowWorld()
    world.settle()
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}], **spec},
    }
    world.client.create(service)
    world.settle()
    world.client.create(deployment())
    world.settle()
    return world


def slices_of(world):
    labels = "endpointslice.kubernetes.io/managed-by=endpointslice-controller.k8s.io"
    return list(
        world.client.list("endpointslices.discovery.k8s.io", "default", label_selector=labels)
    )


def test_ready_pods_stand_in_slice_and_endpoints():
    world = world_with_service()
    addresses = sorted(pod["status"]["podIP"] for pod in world.objects("pods"))

    assert held(slices_of(world)) == addresses
    subsets = world.get("endpoints", "web")["subsets"]
    assert sorted(entry["ip"] for entry in subsets[0]["addresses"]) == addresses


def test_a_pod_that_is_not_ready_is_listed_but_not_ready():
    world = world_with_service()
    world.kubelet.run(world.objects("pods")[0])
    world.settle()

    states = [e["conditions"]["ready"] for s in slices_of(world) for e in s["endpoints"]]
    assert sorted(states) == [False, True, True]


def test_a_stale_slice_cache_does_not_make_a_second_slice():
    world = HollowWorld()
    world.settle()
    world.faults.hold("kube-controller-manager/watch/endpointslices.discovery.k8s.io")
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
    }
    world.client.create(service)
    world.settle()
    world.client.create(deployment())
    world.settle()
    assert len(slices_of(world)) == 1
    world.faults.release("kube-controller-manager/watch/endpointslices.discovery.k8s.io")
    world.settle()

    assert len(slices_of(world)) == 1
    assert len(held(slices_of(world))) == 3


def test_a_deleted_service_takes_slices_and_endpoints_with_it():
    world = world_with_service()
    world.client.delete("services", "web", "default")
    world.settle()

    assert slices_of(world) == []
    assert world.get("endpoints", "web") is None
