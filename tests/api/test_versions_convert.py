"""One object in the versions that serve it: nothing is lost on the way."""

import json

import pytest

from kcore.api.conversion import convert, served_versions
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze

METRICS = [
    {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}},
    },
    {
        "type": "Pods",
        "pods": {
            "metric": {"name": "rps", "selector": {"matchLabels": {"a": "b"}}},
            "target": {"type": "AverageValue", "averageValue": "100"},
        },
    },
    {
        "type": "Object",
        "object": {
            "describedObject": {"apiVersion": "v1", "kind": "Service", "name": "s"},
            "metric": {"name": "hits"},
            "target": {"type": "Value", "value": "2k"},
        },
    },
]


def autoscaler(**spec):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return freeze(
        {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "a", "annotations": {"mine": "x"}},
            "spec": {"maxReplicas": 3, "minReplicas": 1, "scaleTargetRef": target, **spec},
        }
    )


def annotations(obj):
    return {
        key.partition("/")[2]: json.loads(text)
        for key, text in obj["metadata"]["annotations"].items()
        if key.startswith("autoscaling.alpha.kubernetes.io/")
    }


def test_the_cpu_target_is_a_field_of_v1_and_the_rest_annotations():
    old = convert(autoscaler(metrics=METRICS), "autoscaling/v1")

    assert old["spec"]["targetCPUUtilizationPercentage"] == 60
    assert [metric["type"] for metric in annotations(old)["metrics"]] == ["Pods", "Object"]
    assert old["metadata"]["annotations"]["mine"] == "x"


def test_metrics_and_behavior_come_back():
    behavior = {"scaleUp": {"policies": [{"type": "Pods", "value": 2, "periodSeconds": 30}]}}
    new = autoscaler(metrics=METRICS, behavior=behavior)

    back = convert(convert(new, "autoscaling/v1"), "autoscaling/v2")

    assert back["metadata"]["annotations"] == {"mine": "x"}
    assert sorted(map(str, back["spec"]["metrics"])) == sorted(map(str, freeze(METRICS)))
    assert back.at("spec", "behavior", "scaleUp", "policies") == behavior["scaleUp"]["policies"]


def test_an_explicitly_empty_list_of_policies_is_kept():
    old = convert(autoscaler(behavior={"scaleUp": {"policies": []}}), "autoscaling/v1")

    assert annotations(old)["behavior"]["ScaleUp"]["Policies"] == []


def test_a_v1_autoscaler_without_target_aims_at_eighty_percent():
    old = autoscaler().set("apiVersion", "autoscaling/v1")

    metric = convert(old, "autoscaling/v2")["spec"]["metrics"][0]

    assert metric["resource"]["target"]["averageUtilization"] == 80


@pytest.mark.parametrize("text", ["", "{", "1", '[{"type":1}]', '{"type":"Pods"}'])
def test_annotations_that_say_nothing_are_dropped(text):
    key = "autoscaling.alpha.kubernetes.io/metrics"
    old = autoscaler(targetCPUUtilizationPercentage=5).set("apiVersion", "autoscaling/v1")
    old = old.set(("metadata", "annotations", key), text)

    new = convert(old, "autoscaling/v2")

    assert len(new["spec"]["metrics"]) == 1
    assert key not in new["metadata"]["annotations"]


def test_events_change_names_both_ways():
    event = freeze(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": "e"},
            "involvedObject": {"kind": "Pod", "name": "p"},
            "message": "m",
            "count": 2,
            "source": {"component": "kubelet"},
        }
    )
    new = convert(event, "events.k8s.io/v1")

    assert (new["note"], new["deprecatedCount"]) == ("m", 2)
    assert new["regarding"] == {"kind": "Pod", "name": "p"}
    assert convert(new, "v1")["involvedObject"] == event["involvedObject"]


def test_served_versions_and_others():
    assert served_versions("v1", "Event") == ("v1", "events.k8s.io/v1")
    assert served_versions("v1", "Pod") == ("v1",)
    with pytest.raises(ApiError, match="v1 Pod cannot be converted to v2"):
        convert(freeze({"apiVersion": "v1", "kind": "Pod"}), "v2")
