"""What pods, claims and services use of a quota, and which quotas apply to them."""

import pytest

from kcore.api.core_v1.quota import (
    CLAIM_EVALUATOR,
    POD_EVALUATOR,
    SERVICE_EVALUATOR,
    object_count_evaluator,
)
from kcore.api.core_v1.quota_scope import ScopeError
from kcore.api.core_v1.resource_list import (
    exceeded,
    greatest,
    read,
    subtract,
    subtract_to_zero,
    texts,
)
from kcore.machinery.frozen import freeze
from kcore.machinery.timestamps import parse_time

NOW_NS = parse_time("2026-01-01T00:00:00Z")
POD = freeze(
    {
        "metadata": {"name": "p"},
        "spec": {
            "priorityClassName": "high",
            "containers": [
                {
                    "name": "c",
                    "resources": {
                        "requests": {"cpu": "1", "example.com/gpu": "2"},
                        "limits": {"memory": "1Gi"},
                    },
                }
            ],
        },
    }
)


def quota(hard, *scopes):
    expressions = [one for one in scopes if isinstance(one, dict)]
    spec = {
        "scopes": [one for one in scopes if isinstance(one, str)],
        "scopeSelector": {"matchExpressions": expressions},
    }
    return freeze({"spec": spec, "status": {"hard": dict.fromkeys(hard, "10")}})


def test_a_pod_uses_compute_until_it_is_over():
    assert texts(POD_EVALUATOR.usage(POD, NOW_NS)) == {
        "count/pods": "1",
        "pods": "1",
        "cpu": "1",
        "requests.cpu": "1",
        "limits.memory": "1Gi",
        "requests.example.com/gpu": "2",
    }
    done = POD.set(("status", "phase"), "Succeeded")
    assert texts(POD_EVALUATOR.usage(done, NOW_NS)) == {"count/pods": "1"}


def test_a_pod_stuck_in_deletion_is_not_charged():
    stuck = POD.set(("metadata", "deletionTimestamp"), "2025-12-31T23:59:00Z")
    stuck = stuck.set(("metadata", "deletionGracePeriodSeconds"), 30)

    assert texts(POD_EVALUATOR.usage(stuck, NOW_NS)) == {"count/pods": "1"}
    assert "cpu" in POD_EVALUATOR.usage(stuck, NOW_NS - 31 * 10**9)


def test_a_quota_applies_in_all_its_scopes_to_what_it_counts():
    high = {"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}
    low = {"scopeName": "PriorityClass", "operator": "In", "values": ["low"]}

    assert POD_EVALUATOR.matches(quota(["cpu"]), POD)
    assert not POD_EVALUATOR.matches(quota(["services"]), POD)
    assert POD_EVALUATOR.matches(quota(["cpu"], "NotBestEffort", high), POD)
    assert not POD_EVALUATOR.matches(quota(["cpu"], "NotBestEffort", low), POD)
    assert not POD_EVALUATOR.matches(quota(["cpu"], "Terminating"), POD)


def test_a_scope_that_cannot_be_read_is_refused():
    bad = {"scopeName": "PriorityClass", "operator": "Near"}

    with pytest.raises(ScopeError, match='"Near" is not a valid scope selector operator'):
        POD_EVALUATOR.matches(quota(["cpu"], bad), POD)


def test_counted_cpu_and_memory_must_be_stated():
    message = POD_EVALUATOR.constraints(["cpu", "memory", "limits.cpu", "pods"], POD)

    assert message == "must specify limits.cpu for: c; memory for: c"
    assert POD_EVALUATOR.constraints(["cpu"], POD) == ""


def test_a_claim_is_charged_to_its_class_in_whole_bytes():
    claim = freeze(
        {"spec": {"storageClassName": "gold", "resources": {"requests": {"storage": "1500m"}}}}
    )

    assert texts(CLAIM_EVALUATOR.usage(claim, NOW_NS)) == {
        "count/persistentvolumeclaims": "1",
        "persistentvolumeclaims": "1",
        "requests.storage": "2",
        "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
        "gold.storageclass.storage.k8s.io/requests.storage": "2",
    }


@pytest.mark.parametrize(
    ("spec", "node_ports", "balancers"),
    [
        ({"type": "ClusterIP"}, "0", "0"),
        ({"type": "NodePort"}, "2", "0"),
        ({"type": "LoadBalancer"}, "2", "1"),
        ({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}, "1", "1"),
    ],
)
def test_a_service_uses_node_ports_and_balancers(spec, node_ports, balancers):
    ports = [{"port": 80, "nodePort": 30_000}, {"port": 81}]
    usage = texts(SERVICE_EVALUATOR.usage(freeze({"spec": {**spec, "ports": ports}}), NOW_NS))

    assert (usage["services.nodeports"], usage["services.loadbalancers"]) == (node_ports, balancers)


def test_objects_are_counted_under_both_names():
    evaluator = object_count_evaluator("jobs", "batch", alias="jobs")

    assert texts(evaluator.usage(freeze({}), NOW_NS)) == {"count/jobs.batch": "1", "jobs": "1"}


def test_lists_subtract_compare_and_take_the_greatest():
    left, right = read(freeze({"cpu": "1", "pods": "2"})), read(freeze({"cpu": "2", "memory": "1"}))

    assert texts(subtract(left, right)) == {"cpu": "-1", "pods": "2", "memory": "-1"}
    assert texts(subtract_to_zero(left, right)) == {"cpu": "0", "pods": "2", "memory": "0"}
    assert texts(greatest(left, right)) == {"cpu": "2", "pods": "2", "memory": "1"}
    assert exceeded(right, left) == ["cpu"]
