"""Whatever pods come, no node gets more than it has, and each pod passed every filter."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.quantity import parse_milli, parse_value
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.pod_info import PodInfos
from tests.conformance.scheduler.world import World

CPU = st.sampled_from(["0", "50m", "100m", "250m", "1", "1500m"])
MEMORY = st.sampled_from(["0", "64Mi", "200M", "1Gi", "3Gi"])
PORT = st.sampled_from([0, 0, 0, 80, 443])
NODE = st.fixed_dictionaries(
    {
        "cpu": st.sampled_from(["1", "2", "3900m"]),
        "memory": st.sampled_from(["1Gi", "4Gi"]),
        "pods": st.sampled_from(["1", "3", "110"]),
    }
)
POD = st.tuples(CPU, MEMORY, PORT, st.booleans())


def make_pod(number, cpu, memory, port, shy):
    container = {
        "name": "c",
        "image": "i",
        "resources": {"requests": {"cpu": cpu, "memory": memory}},
        "ports": [{"containerPort": 1, "hostPort": port}] if port else [],
    }
    anti = [{"labelSelector": {"matchLabels": {"shy": "yes"}}, "topologyKey": "host"}]
    affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": anti}}
    spec = {"containers": [container], **({"affinity": affinity} if shy else {})}
    metadata = {"name": f"p{number}", "namespace": "default", "uid": f"u{number}"}
    metadata["labels"] = {"shy": "yes"} if shy else {}
    return freeze({"metadata": metadata, "spec": spec})


def used(pods, read, resource):
    return sum(
        read(one.at("resources", "requests", resource))
        for pod in pods
        for one in pod.spec.containers
    )


@settings(max_examples=60)
@given(nodes=st.lists(NODE, min_size=1, max_size=4), pods=st.lists(POD, max_size=12))
def test_bound_pods_fit_together(nodes, pods):
    world = World(
        {
            "nodes": [
                {
                    "metadata": {"name": f"n{index}", "labels": {"host": f"n{index}"}},
                    "status": {"allocatable": allocatable},
                }
                for index, allocatable in enumerate(nodes)
            ]
        }
    )
    runner, infos = world.runner_of(DEFAULT_PROFILE), PodInfos()
    bound = {f"n{index}": [] for index in range(len(nodes))}
    for number, fields in enumerate(pods):
        info = infos.of(make_pod(number, *fields))
        state, snapshot = CycleState(world), world.cache.refresh()
        found = Attempt(runner, state, snapshot, Search()).find(info, world.choices)
        if isinstance(found, Found):
            assert runner.filter(state, info, snapshot.get(found.node_name)) is None
            world.cache.assume(info.on_node(found.node_name))
            bound[found.node_name].append(info.pod)
        world.cache.check_invariants()
    for index, allocatable in enumerate(nodes):
        here = bound[f"n{index}"]
        assert used(here, parse_milli, "cpu") <= parse_milli(allocatable["cpu"])
        assert used(here, parse_value, "memory") <= parse_value(allocatable["memory"])
        assert len(here) <= int(allocatable["pods"])
        ports = [port.hostPort for pod in here for port in pod.spec.containers[0].ports]
        assert len(set(ports)) == len(ports)
        assert sum(pod.at("metadata", "labels", "shy") == "yes" for pod in here) <= 1
