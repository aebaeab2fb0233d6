"""Defaults of the kinds that people write."""

import pytest

from kcore.api.catalog import default_scheme
from kcore.api.rules import rules_for
from kcore.machinery.schema import zero_object
from tests.api.answers import defaulted, deployment, new_object, pod, pod_with, service

KINDS = sorted({(info.gvk.group, info.gvk.version, info.gvk.kind) for info in default_scheme()})


def test_a_pod():
    spec = defaulted(pod())["spec"]

    assert spec.remove("containers") == {
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    assert spec["containers"][0] == {
        "image": "nginx",
        "imagePullPolicy": "Always",
        "name": "a",
        "resources": {},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1.27", "IfNotPresent"),
        ("registry:5000/nginx", "Always"),
        ("registry:5000/nginx:1", "IfNotPresent"),
        (f"nginx@sha256:{'a' * 64}", "IfNotPresent"),
    ],
)
def test_the_tag_of_an_image_decides_when_it_is_pulled(image, policy):
    container = defaulted(pod_with(image=image))["spec"]["containers"][0]

    assert container["imagePullPolicy"] == policy


def test_requests_follow_limits():
    container = defaulted(pod_with(resources={"limits": {"cpu": "1"}}))["spec"]["containers"][0]

    assert container["resources"] == {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}


def test_a_probe():
    probe = {"httpGet": {"port": 80}}
    container = defaulted(pod_with(readinessProbe=probe))["spec"]["containers"][0]

    assert container["readinessProbe"] == {
        "failureThreshold": 3,
        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
        "periodSeconds": 10,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    }


def test_a_deployment():
    spec = defaulted(deployment())["spec"]

    assert spec.remove("template").remove("selector") == {
        "progressDeadlineSeconds": 600,
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "strategy": {
            "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"},
            "type": "RollingUpdate",
        },
    }


def test_a_service():
    assert defaulted(service())["spec"] == {
        "internalTrafficPolicy": "Cluster",
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }


def test_texts_of_a_secret_become_bytes():
    secret = defaulted(new_object("v1", "Secret", stringData={"a": "x"}))

    assert (secret["data"], secret["type"]) == ({"a": "eA=="}, "Opaque")
    assert "stringData" not in secret


@pytest.mark.parametrize(("group", "version", "kind"), KINDS)
def test_defaults_of_nothing_are_filled_in_once(group, version, kind):
    api_version = f"{group}/{version}" if group else version
    default = rules_for(group, kind).default
    zero = zero_object(api_version, kind).set("apiVersion", api_version).set("kind", kind)
    once = default(zero)

    assert default(once) is once
