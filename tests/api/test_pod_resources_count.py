"""What a pod asks for: init containers, sidecars, overhead, pod level; integers as exact sums."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.api.core_v1.pod_resources import (
    PodResourcesOptions,
    effective_requests,
    in_units,
    pod_limits,
    pod_requests,
)
from kcore.machinery.frozen import freeze
from kcore.machinery.quantity import Quantity

AMOUNTS = st.sampled_from(
    ["0", "1", "100m", "250m", "1500u", "2", "0.5", "1Ki", "64Mi", "1G", "1n"]
)
LISTS = st.dictionaries(st.sampled_from(["cpu", "memory", "example.com/gpu"]), AMOUNTS, max_size=3)
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"resources": st.fixed_dictionaries({"requests": LISTS})},
        optional={"restartPolicy": st.just("Always")},
    ),
    max_size=4,
)
NUMBERED = CONTAINERS.map(
    lambda found: [{"name": f"c{position}", **one} for position, one in enumerate(found)]
)


def pod_of(containers, init_containers=(), **spec):
    return freeze(
        {"spec": {"containers": containers, "initContainers": list(init_containers), **spec}}
    )


def container(name, **requests):
    return {"name": name, "resources": {"requests": requests}}


def slow_sum(containers, init_containers, overhead):
    """Each moment of the pod's life by itself: every init step, then the steady state."""
    names = ("cpu", "memory", "example.com/gpu")
    zero = Quantity.parse("0")
    found = {}
    for name in names:
        amounts = [
            Quantity.parse(one["resources"]["requests"].get(name, "0")) for one in init_containers
        ]
        sidecar = [one.get("restartPolicy") == "Always" for one in init_containers]
        moments = []
        for step in range(len(init_containers)):
            running = [amounts[i] for i in range(step) if sidecar[i]]
            moments.append(sum(running, zero) + amounts[step])
        steady = [amounts[i] for i in range(len(amounts)) if sidecar[i]]
        steady += [
            Quantity.parse(one["resources"]["requests"].get(name, "0")) for one in containers
        ]
        peak = max([*moments, sum(steady, zero)])
        found[name] = peak + Quantity.parse(overhead.get(name, "0"))
    return found


@given(NUMBERED, NUMBERED, LISTS)
def test_requests_are_the_peak_of_the_pods_life(containers, init_containers, overhead):
    for one in containers:
        one.pop("restartPolicy", None)
    pod = pod_of(containers, init_containers, overhead=overhead)
    exact = pod_requests(pod)

    for name, amount in slow_sum(containers, init_containers, overhead).items():
        assert exact.get(name, Quantity.parse("0")) == amount
    assert effective_requests(pod) == {name: in_units(name, one) for name, one in exact.items()}


def test_fractions_round_once_at_the_end():
    pod = pod_of([container("a", cpu="500u"), container("b", cpu="500u", memory="0.5")])

    assert effective_requests(pod) == {"cpu": 1, "memory": 1}


def test_pod_level_amounts_replace_the_sum_before_overhead():
    pod = pod_of(
        [container("a", cpu="1", memory="1Gi", **{"example.com/gpu": "1"})],
        resources={"requests": {"cpu": "3"}, "limits": {"memory": "2Gi"}},
        overhead={"cpu": "100m"},
    )

    assert effective_requests(pod) == {"cpu": 3100, "memory": 1 << 30, "example.com/gpu": 1}
    assert {name: str(one) for name, one in pod_limits(pod).items()} == {"memory": "2Gi"}


def test_a_resize_counts_as_the_greatest_of_wanted_given_and_real():
    pod = freeze(
        {
            "spec": {"containers": [container("a", cpu="1")]},
            "status": {
                "containerStatuses": [
                    {
                        "name": "a",
                        "allocatedResources": {"cpu": "2"},
                        "resources": {"requests": {"cpu": "3"}},
                    }
                ]
            },
        }
    )

    assert effective_requests(pod) == {"cpu": 3000}
    assert effective_requests(pod, PodResourcesOptions()) == {"cpu": 1000}


def test_containers_without_a_request_can_count_as_something():
    options = PodResourcesOptions(non_missing_requests={"cpu": Quantity.parse("100m")})
    pod = pod_of([container("a", cpu="0"), container("b")])

    assert effective_requests(pod, options) == {"cpu": 100}
