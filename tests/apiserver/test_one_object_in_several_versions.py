"""Autoscalers are kept in autoscaling/v2 and served in v1 as well."""

from kcore.machinery.frozen import freeze
from kcore.machinery.request import Request

OLD, NEW = "v1", "v2"
SPEC = {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
    "maxReplicas": 5,
}


def send(door, verb, version, body=None, name="web"):
    request = Request(
        verb, "horizontalpodautoscalers", "autoscaling", version, "default", name, body=body
    )
    return door.server.handle(request)


def autoscaler(version=OLD, **spec):
    return freeze(
        {
            "apiVersion": f"autoscaling/{version}",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web"},
            "spec": {**SPEC, **spec},
        }
    )


def cpu_metrics(percent):
    target = {"type": "Utilization", "averageUtilization": percent}
    return [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


def test_a_create_in_one_version_is_read_in_the_other(door):
    created = send(door, "create", OLD, autoscaler(targetCPUUtilizationPercentage=50)).body

    assert created["apiVersion"] == "autoscaling/v1"
    assert created["spec"]["targetCPUUtilizationPercentage"] == 50
    shown = send(door, "get", NEW).body
    assert shown["apiVersion"] == "autoscaling/v2"
    assert shown["spec"]["metrics"] == cpu_metrics(50)
    assert shown["metadata"] == created["metadata"]


def test_a_write_in_the_old_version_keeps_what_only_the_new_one_has(door):
    memory = {"type": "Utilization", "averageUtilization": 70}
    metrics = [
        *cpu_metrics(50),
        {"type": "Resource", "resource": {"name": "memory", "target": memory}},
    ]
    send(door, "create", NEW, autoscaler(NEW, metrics=metrics))
    old = send(door, "get", OLD).body

    send(door, "update", OLD, old.set(("spec", "maxReplicas"), 9))

    spec = send(door, "get", NEW).body["spec"]
    assert spec["maxReplicas"] == 9
    assert set(spec["metrics"]) == set(freeze(metrics))  # the old version tells of the CPU last


def test_the_old_version_is_held_to_the_new_ones_rules(door):
    refusal = door.refusal(send, door, "create", OLD, autoscaler(maxReplicas=0))

    assert refusal.code == 422
    assert "spec.maxReplicas: Invalid value: 0" in refusal.message


def test_lists_and_watches_are_in_the_version_that_was_asked_for(door):
    send(door, "create", NEW, autoscaler(NEW))

    listed = send(door, "list", OLD, name="").body
    stream = send(door, "watch", OLD, name="").stream
    event = stream.next()

    assert listed["apiVersion"] == "autoscaling/v1"
    assert [item["apiVersion"] for item in listed["items"]] == ["autoscaling/v1"]
    assert event.object["apiVersion"] == "autoscaling/v1"
    assert event.object["spec"]["targetCPUUtilizationPercentage"] == 80
    gone = send(door, "delete", OLD).body
    assert gone["kind"] in ("Status", "HorizontalPodAutoscaler")
    assert door.refusal(send, door, "get", NEW).code == 404
