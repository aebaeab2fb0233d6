"""Quotas, limits, endpoints and volumes: one rule each, and what of them can change."""

import pytest

from tests.api.answers import new_object, problems, update_problems

VOLUME = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
DISK = {**VOLUME, "hostPath": {"path": "/a"}}


def projecting(source):
    volume = {"name": "v", "projected": {"sources": [source]}}
    spec = {"containers": [{"name": "c", "image": "i"}], "volumes": [volume]}
    return new_object("v1", "PodTemplate", template={"spec": spec})


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            new_object(
                "v1", "PersistentVolume", namespace="", spec={**VOLUME, "local": {"path": "/x"}}
            ),
            "spec.nodeAffinity: Required value: Local volume requires node affinity",
        ),
        (
            new_object("v1", "PersistentVolume", namespace="", spec=VOLUME),
            "spec: Required value: must specify a volume type",
        ),
        (
            new_object("v1", "ResourceQuota", spec={"hard": {"storage": "1"}}),
            'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
        ),
        (
            new_object(
                "v1",
                "LimitRange",
                spec={
                    "limits": [
                        {
                            "type": "Container",
                            "max": {"cpu": "4"},
                            "min": {"cpu": "2"},
                            "maxLimitRequestRatio": {"cpu": "3"},
                        }
                    ]
                },
            ),
            'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than '
            "max/min = 2.000000",
        ),
        (
            new_object("v1", "Endpoints", subsets=[{"addresses": [{"ip": "127.0.0.1"}]}]),
            'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback '
            "range (127.0.0.0/8, ::1/128)",
        ),
        (
            projecting({"clusterTrustBundle": {"path": "ca"}}),
            "template.spec.volumes[0].projected.sources[0].clusterTrustBundle: Required value: "
            "either name or signerName must be specified",
        ),
        (
            projecting({"secret": {"name": "s", "items": [{"key": "a", "path": "p"}] * 2}}),
            'template.spec.volumes[0].projected: Invalid value: "s": conflicting duplicate paths',
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == [expected]


def test_a_volume_stays_where_it_is():
    old = new_object("v1", "PersistentVolume", namespace="", spec=DISK)
    moved = {**DISK, "hostPath": {"path": "/b"}}
    new = new_object("v1", "PersistentVolume", namespace="", spec=moved)

    (problem,) = update_problems(new, old)

    assert problem.startswith(
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after "
        "creation\n"
    )
    assert '-  "Path": "/a"' in problem
    assert '+  "Path": "/b"' in problem


def test_subsets_that_were_accepted_stay_accepted():
    bad = new_object("v1", "Endpoints", subsets=[{"addresses": [{"ip": "127.0.0.1"}]}])

    assert (
        update_problems({**bad, "metadata": {**bad["metadata"], "labels": {"a": "b"}}}, bad) == []
    )


def test_a_quota_keeps_its_scopes():
    old = new_object("v1", "ResourceQuota", spec={"scopes": ["BestEffort"]})
    new = new_object("v1", "ResourceQuota", spec={"scopes": ["Terminating"]})

    assert update_problems(new, old) == [
        'spec.scopes: Invalid value: ["Terminating"]: field is immutable'
    ]
