"""Guaranteed, Burstable, BestEffort."""

import pytest

from kcore.api.core_v1.qos import compute_qos_class, qos_class
from kcore.machinery.frozen import freeze

BOTH = {"cpu": "1", "memory": "1Gi"}


def pod(*resources, **spec):
    containers = [{"name": f"c{i}", "resources": one} for i, one in enumerate(resources)]
    return freeze({"spec": {"containers": containers, **spec}})


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ([{}], "BestEffort"),
        ([{"requests": {"cpu": "0"}}], "BestEffort"),
        ([{"requests": {"example.com/gpu": "1"}}], "BestEffort"),
        ([{"limits": BOTH, "requests": BOTH}], "Guaranteed"),
        ([{"limits": BOTH, "requests": {"cpu": "1000m", "memory": "1024Mi"}}], "Guaranteed"),
        ([{"limits": BOTH, "requests": {"cpu": "1"}}], "Burstable"),
        ([{"limits": BOTH, "requests": BOTH}, {}], "Burstable"),
        ([{"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}], "Burstable"),
    ],
)
def test_the_class_follows_requests_and_limits(resources, expected):
    assert compute_qos_class(pod(*resources)) == expected


def test_pod_level_amounts_decide_alone():
    assert compute_qos_class(pod({}, resources={"limits": BOTH, "requests": BOTH})) == "Guaranteed"
    assert compute_qos_class(pod({}, resources={})) == "BestEffort"


def test_the_status_is_believed():
    assert qos_class(pod({}).set(("status", "qosClass"), "Burstable")) == "Burstable"
