"""Warnings go along with answers and with refusals."""

import pytest

from kcore.api.core_v1.pod_warnings import pod_warnings, template_warnings
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze

PATH = "spec.template"


def container(name="c", **fields):
    return {"name": name, "image": "i", **fields}


def pod(*containers, **spec):
    return {
        "metadata": {"name": "p"},
        "spec": {"containers": list(containers or [container()]), **spec},
    }


def test_a_quiet_pod_has_none():
    assert pod_warnings(freeze(pod())) == []


@pytest.mark.parametrize(
    ("spec", "warning"),
    [
        (
            {"nodeSelector": {"beta.kubernetes.io/os": "linux"}},
            "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; "
            'use "kubernetes.io/os" instead',
        ),
        (
            {"imagePullSecrets": [{"name": "a"}, {"name": "a"}]},
            'spec.imagePullSecrets[1].name: duplicate name "a"',
        ),
        (
            {"terminationGracePeriodSeconds": -1},
            "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and "
            "will be treated as 1",
        ),
        (
            {"volumes": [{"name": "v", "gitRepo": {"repository": "r"}}]},
            "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
        ),
        (
            {"topologySpreadConstraints": [{"topologyKey": "z"}]},
            "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in "
            "matching no pod",
        ),
    ],
)
def test_old_and_useless_fields_are_named(spec, warning):
    assert pod_warnings(freeze(pod(**spec))) == [warning]


def test_ports_and_variables_that_hide_others():
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    ports = [{"containerPort": 80, "protocol": "TCP", "name": "http"}]
    template = pod(container("a", env=env, ports=ports), container("b", ports=ports))

    assert template_warnings(freeze(template), PATH) == [
        f'{PATH}.spec.containers[0].env[1]: hides previous definition of "A", which may be dropped '
        "when using apply",
        f"{PATH}.spec.containers[1].ports[0]: duplicate port definition with "
        f"{PATH}.spec.containers[0].ports[0]",
        f'{PATH}.spec.containers[1].ports[0]: duplicate port name "http" with '
        f"{PATH}.spec.containers[0].ports[0], services and probes that select ports by name will "
        f"use {PATH}.spec.containers[0].ports[0]",
    ]


def test_a_later_variable_may_build_on_the_earlier_one():
    env = [{"name": "A", "value": "1"}, {"name": "A", "value": "$(A)2"}]

    assert pod_warnings(freeze(pod(container(env=env)))) == []


def test_a_refused_patch_tells_what_it_would_have_warned_of(door):
    door.create("configmaps", {"metadata": {"name": "c"}, "data": {"a": "b"}, "immutable": True})

    with pytest.raises(ApiError) as caught:
        door.patch("configmaps", "c", {"data": {"a": "x"}, "odd": 1})

    assert caught.value.code == 422
    assert caught.value.warnings == ('unknown field "odd"',)


def test_deprecated_resources_say_so_whatever_the_answer(door):
    with pytest.raises(ApiError) as caught:
        door.get("endpoints", "none")

    assert caught.value.warnings == (
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    )
