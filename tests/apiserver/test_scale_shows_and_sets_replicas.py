"""/scale of whatever has replicas."""

import pytest

from kcore.machinery.request import JSON_PATCH

SCALE = {"apiVersion": "autoscaling/v1", "kind": "Scale"}


def scale(replicas, name="d", **metadata):
    return {**SCALE, "metadata": {"name": name, **metadata}, "spec": {"replicas": replicas}}


@pytest.fixture
def scaled(door, make):
    door.create("deployments.apps", make.deployment("d", 2))
    return door


def test_get_shows_replicas_and_selector(scaled):
    shown = scaled.get("deployments.apps", "d", subresource="scale")

    assert (shown["apiVersion"], shown["kind"]) == ("autoscaling/v1", "Scale")
    assert shown["spec"] == {"replicas": 2}
    assert shown["status"] == {"replicas": 0, "selector": "app=d"}
    assert shown["metadata"]["uid"] == scaled.get("deployments.apps", "d")["metadata"]["uid"]


def test_a_replication_controllers_selector_is_a_plain_map(door, make):
    body = make.deployment("r")
    body.update(apiVersion="v1", kind="ReplicationController")
    body["spec"]["selector"] = {"app": "r"}
    door.create("replicationcontrollers", body)

    shown = door.get("replicationcontrollers", "r", subresource="scale")

    assert shown["status"]["selector"] == "app=r"


def test_update_and_patch_set_replicas_and_count_a_generation(scaled):
    scaled.update("deployments.apps", scale(5), subresource="scale")
    assert scaled.get("deployments.apps", "d")["spec"]["replicas"] == 5

    scaled.patch("deployments.apps", "d", {"spec": {"replicas": 3}}, subresource="scale")
    replace = [{"op": "replace", "path": "/spec/replicas", "value": 4}]
    shown = scaled.patch(
        "deployments.apps", "d", replace, subresource="scale", patch_type=JSON_PATCH
    )

    assert shown["spec"] == {"replicas": 4}
    assert scaled.get("deployments.apps", "d")["metadata"]["generation"] == 4


def test_nothing_means_zero(scaled):
    body = {**scale(0), "spec": {}}

    assert scaled.update("deployments.apps", body, subresource="scale")["spec"] == {}
    assert scaled.get("deployments.apps", "d")["spec"]["replicas"] == 0


def test_an_old_version_and_a_negative_number_are_refused(scaled):
    stale = scaled.refusal(
        scaled.update, "deployments.apps", scale(6, resourceVersion="1"), subresource="scale"
    )
    negative = scaled.refusal(scaled.update, "deployments.apps", scale(-1), subresource="scale")

    assert stale.code == 409
    assert negative.message == (
        'Scale.autoscaling "d" is invalid: spec.replicas: Invalid value: -1: '
        "must be greater than or equal to 0"
    )


def test_daemon_sets_have_no_scale(door):
    assert door.refusal(door.get, "daemonsets.apps", "x", subresource="scale").code == 404
