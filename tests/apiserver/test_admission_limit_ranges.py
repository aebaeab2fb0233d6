"""Limit ranges: defaults for containers, bounds for containers, pods and claims."""

import pytest


def limit_range(door, *limits, name="l"):
    body = {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": {"name": name},
        "spec": {"limits": list(limits)},
    }
    door.create("limitranges", body)


def pod_with(make, **resources):
    body = make.pod("p")
    if resources:
        body["spec"]["containers"][0]["resources"] = resources
    return body


def test_defaults_are_filled_in_and_noted(door, make):
    limit_range(
        door,
        {"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}},
    )

    created = door.create("pods", pod_with(make))

    resources = created["spec"]["containers"][0]["resources"]
    assert resources == {"limits": {"cpu": "500m"}, "requests": {"cpu": "100m"}}
    assert created["metadata"]["annotations"]["kubernetes.io/limit-ranger"] == (
        "LimitRanger plugin set: cpu request for container c; cpu limit for container c"
    )
    assert created["status"]["qosClass"] == "Burstable"


def test_own_values_are_kept(door, make):
    limit_range(door, {"type": "Container", "default": {"cpu": "500m"}})
    own = {"limits": {"cpu": "60m"}, "requests": {"cpu": "50m"}}

    created = door.create("pods", pod_with(make, **own))

    assert created["spec"]["containers"][0]["resources"] == own
    assert "annotations" not in created["metadata"]


@pytest.mark.parametrize(
    ("limit", "resources", "why"),
    [
        (
            {"max": {"cpu": "2"}},
            {"limits": {"cpu": "3"}},
            "maximum cpu usage per Container is 2, but limit is 3",
        ),
        (
            {"min": {"cpu": "100m"}, "max": {"cpu": "1"}},
            {"requests": {"cpu": "50m"}, "limits": {"cpu": "2"}},
            "[minimum cpu usage per Container is 100m, but request is 50m, "
            "maximum cpu usage per Container is 1, but limit is 2]",
        ),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}},
            {"requests": {"cpu": "1"}, "limits": {"cpu": "3"}},
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
        ),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}},
            {},
            "cpu max limit to request ratio per Container is 2, "
            "but no request is specified or request is 0",
        ),
    ],
)
def test_bounds_of_containers(door, make, limit, resources, why):
    limit_range(door, {"type": "Container", **limit})

    refusal = door.refusal(door.create, "pods", pod_with(make, **resources))

    assert (refusal.code, refusal.message) == (403, f'pods "p" is forbidden: {why}')


def test_bounds_of_pods_are_about_sums(door, make):
    limit_range(door, {"type": "Pod", "max": {"cpu": "2"}})
    body = pod_with(make, limits={"cpu": "1500m"})
    body["spec"]["containers"].append({**body["spec"]["containers"][0], "name": "d"})

    refusal = door.refusal(door.create, "pods", body)

    assert refusal.message.endswith("maximum cpu usage per Pod is 2, but limit is 3")


def test_bounds_of_claims(door):
    bounds = {"max": {"storage": "5Gi"}, "min": {"storage": "1Gi"}}
    limit_range(door, {"type": "PersistentVolumeClaim", **bounds})

    def claim(size):
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "a"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
            },
        }

    for size, words in (("500Mi", "minimum storage usage"), ("10Gi", "maximum storage usage")):
        refusal = door.refusal(door.create, "persistentvolumeclaims", claim(size))
        assert refusal.code == 403
        assert words in refusal.message
    assert door.create("persistentvolumeclaims", claim("2Gi"))


def test_a_pod_is_not_looked_at_again(door, make):
    door.create("pods", pod_with(make))
    limit_range(door, {"type": "Container", "max": {"cpu": "1"}})

    assert door.patch("pods", "p", {"metadata": {"labels": {"a": "b"}}})


def test_other_namespaces_are_free(door, make):
    door.create("namespaces", {"metadata": {"name": "x"}})
    limit_range(door, {"type": "Pod", "max": {"cpu": "1"}})

    assert door.create("pods", pod_with(make), namespace="x")
