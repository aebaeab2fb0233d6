"""Configurations that cannot be and pods that can never run: who, where, which rule."""

import pytest

import kcore
from kcore.config import scheduler_options
from kcore.scheduler.options import SchedulerOptions
from kcore.testing.builders import pod

HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"


def build(text):
    config = kcore.ClusterConfig(scheduler=scheduler_options(HEAD + text))
    return kcore.Cluster(config=config)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "profiles: [{plugins: {multiPoint: {enabled: [{name: NodeResourceFit}]}}}]",
            '"NodeResourceFit" does not exist',
        ),
        (
            "profiles: [{schedulerName: a}, {schedulerName: a}]",
            "profiles[1].schedulerName: Duplicate value",
        ),
        (
            "profiles: [{plugins: {score: {enabled: [{name: NodeAffinity, weight: -1}]}}}]",
            "score plugins: total score of Score plugins could overflow",
        ),
        (
            "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: "
            "{kind: NodeAffinityArgs}}]}]",
            "args for plugin NodeResourcesFit were not of type NodeResourcesFitArgs",
        ),
        (
            "profiles: [{pluginConfig: [{name: InterPodAffinity, args: "
            "{hardPodAffinityWeight: 101}}]}]",
            "hardPodAffinityWeight: Invalid value: 101",
        ),
        (
            "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: "
            "{scoringStrategy: {type: Best}}}]}]",
            'scoringStrategy.type: Unsupported value: "Best"',
        ),
        ("profile: []", 'unknown field "profile"'),
    ],
)
def test_a_wrong_configuration_builds_no_cluster(text, words):
    with pytest.raises(kcore.ManifestError) as caught:
        build(text)

    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "3", "just words"])
def test_something_else_than_a_configuration_is_refused(text):
    with pytest.raises(kcore.ManifestError, match="not an object"):
        scheduler_options(text)


def test_broken_yaml_is_refused():
    with pytest.raises(kcore.ManifestError, match="KubeSchedulerConfiguration"):
        scheduler_options("profiles: [")


def test_options_need_a_profile():
    with pytest.raises(kcore.ManifestError, match="at least one profile is needed"):
        SchedulerOptions(profiles=())


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"requests": {"cpu": "1000k"}}, "3 Insufficient cpu"),
        ({"requests": {"memory": "8Ei"}}, "3 Insufficient memory"),
        ({"resources": {"requests": {"cpu": "9"}}}, "3 Insufficient cpu"),
        ({"nodeSelector": {"no": "such"}}, "3 node(s) didn't match Pod's node affinity/selector"),
    ],
)
def test_an_impossible_pod_says_why_and_tries_once(cluster, place, fields, reason):
    value = place("big", **fields)

    condition = next(one for one in value.status.conditions if one.type == "PodScheduled")
    assert (condition.status, condition.reason) == ("False", "Unschedulable")
    assert reason in condition.message
    refusals = [
        event.get("count") or 1
        for event in cluster.client.list("events", "default")
        if event.reason == "FailedScheduling"
    ]
    assert sum(refusals) == 1


def test_a_pod_that_asks_for_devices_is_refused_by_name(place):
    value = place("claims", resourceClaims=[{"name": "gpu", "resourceClaimName": "gpu"}])

    message = next(one.message for one in value.status.conditions if one.type == "PodScheduled")
    assert "not modelled by kcore: spec.resourceClaims (DynamicResources)" in message


def test_negative_requests_do_not_get_in(cluster):
    with pytest.raises(kcore.ApiError, match="must be greater than or equal to 0"):
        cluster.client.create(pod("minus", requests={"cpu": "-1"}))
