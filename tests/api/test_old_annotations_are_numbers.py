"""Annotations that retired versions had as numbers must be numbers."""

import pytest

from kcore.api.apps_v1.workload_defaults import (
    ROLLBACK_TO,
    TEMPLATE_GENERATION,
    default_daemon_set,
    default_deployment,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.schema import zero_object


def annotated(kind, key, text):
    obj = zero_object("apps/v1", kind).set("kind", kind)
    return obj.set("metadata", freeze({"annotations": {key: text}}))


def test_they_get_their_shortest_form():
    daemon_set = default_daemon_set(annotated("DaemonSet", TEMPLATE_GENERATION, "+007"))
    deployment = default_deployment(annotated("Deployment", ROLLBACK_TO, "03"))

    assert daemon_set["metadata"]["annotations"][TEMPLATE_GENERATION] == "7"
    assert deployment["metadata"]["annotations"][ROLLBACK_TO] == "3"


def test_an_empty_rollback_is_dropped_and_no_generation_is_zero():
    deployment = default_deployment(annotated("Deployment", ROLLBACK_TO, ""))
    daemon_set = default_daemon_set(annotated("DaemonSet", "a", "b"))

    assert not deployment["metadata"]["annotations"]
    assert daemon_set["metadata"]["annotations"][TEMPLATE_GENERATION] == "0"


@pytest.mark.parametrize(
    ("text", "why"),
    [("x", 'parsing "x": invalid syntax'), ("9" * 20, f'parsing "{"9" * 20}": value out of range')],
)
def test_other_texts_are_refused(text, why):
    with pytest.raises(ApiError) as caught:
        default_daemon_set(annotated("DaemonSet", TEMPLATE_GENERATION, text))

    assert caught.value.message == (
        'DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: ' + why
    )
