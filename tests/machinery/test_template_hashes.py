"""Hashes of templates: upstream's, the same for equal templates, others for others."""

import pytest

from kcore.errors import NotModelledError
from kcore.machinery.frozen import freeze
from kcore.machinery.go_dump import dump_struct
from kcore.machinery.hashes import (
    controller_revision_data,
    controller_revision_hash,
    controller_revision_name,
    fnv32,
    fnv32a,
    pod_template_hash,
)
from kcore.machinery.names import SAFE_CHARACTERS, generate_name, safe_encode

TEMPLATE = freeze(
    {
        "metadata": {"labels": {"app": "db"}},
        "spec": {
            "containers": [
                {
                    "image": "nginx:1.25",
                    "name": "c",
                    "resources": {"requests": {"cpu": "1500m"}},
                }
            ]
        },
    }
)


def test_fnv_has_its_published_values():
    assert fnv32a(b"") == 0x811C9DC5
    assert fnv32a(b"foobar") == 0xBF9CF968
    assert fnv32(b"foobar") == 0x31F0B262


def test_the_hash_is_safe_and_depends_on_everything():
    found = pod_template_hash(TEMPLATE)

    assert set(found) <= set(SAFE_CHARACTERS)
    assert found == pod_template_hash(
        freeze(TEMPLATE.set(("spec", "hostPID"), True)).remove(("spec", "hostPID"))
    )
    assert found != pod_template_hash(TEMPLATE, 0)
    assert found != pod_template_hash(TEMPLATE.set(("spec", "hostPID"), True))


def test_the_printed_value_names_every_field_in_order():
    text = dump_struct(TEMPLATE, "core/v1.PodTemplateSpec")

    assert text.startswith("(v1.PodTemplateSpec){ObjectMeta:(v1.ObjectMeta){Name:(string) ")
    assert "Labels:(map[string]string)map[app:db] Annotations:(map[string]string)<nil>" in text
    assert "Containers:([]v1.Container)[{Name:c " not in text
    assert "Containers:([]v1.Container)[{Name:(string)c Image:(string)nginx:1.25 " in text
    assert "cpu:{i:{value:" not in text
    assert "Requests:(v1.ResourceList)map[cpu:{i:(resource.int64Amount){value:(int64)1500 " in text


def test_a_template_with_a_time_is_refused_rather_than_guessed():
    timed = TEMPLATE.set(("metadata", "creationTimestamp"), "2026-01-01T00:00:00Z")

    with pytest.raises(NotModelledError, match="time"):
        pod_template_hash(timed)


def test_a_revision_holds_its_template_and_a_name_that_fits():
    data = controller_revision_data(TEMPLATE)

    assert data.startswith('{"spec":{"template":{"$patch":"replace","metadata":')
    assert controller_revision_hash(data) != controller_revision_hash(data, 1)
    assert len(controller_revision_name("n" * 300, "abc")) == 227


def test_made_up_names_fit_and_hashes_stay_safe():
    assert generate_name("web-", "abcde") == "web-abcde"
    assert len(generate_name("n" * 80, "abcde")) == 63
    assert safe_encode("1861046") == "5db548b"
