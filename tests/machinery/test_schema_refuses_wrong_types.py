"""A JSON value of the wrong type is a bad request, in the words of Go's decoder."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.schema import decode


def refusal(api_version, kind, **fields):
    obj = freeze({"apiVersion": api_version, "kind": kind, **fields})
    with pytest.raises(ApiError) as caught:
        decode(obj, api_version, kind)
    assert caught.value.code == 400
    return caught.value.message


def test_a_text_for_a_number():
    assert refusal("apps/v1", "Deployment", spec={"replicas": "3"}) == (
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal '
        "string into Go struct field DeploymentSpec.spec.replicas of type int32"
    )


def test_a_number_out_of_range():
    assert refusal("apps/v1", "Deployment", spec={"replicas": 2**31}).endswith(
        "json: cannot unmarshal number 2147483648 into Go struct field "
        "DeploymentSpec.spec.replicas of type int32"
    )


def test_a_number_for_a_label():
    assert refusal("v1", "Pod", metadata={"labels": {"a": 1}}).endswith(
        "json: cannot unmarshal number into Go struct field "
        "ObjectMeta.metadata.labels of type string"
    )


def test_an_object_for_a_list():
    assert refusal("v1", "Pod", spec={"containers": {"name": "a"}}).endswith(
        "json: cannot unmarshal object into Go struct field "
        "PodSpec.spec.containers of type []v1.Container"
    )


def test_a_text_that_is_no_quantity():
    container = {"name": "a", "resources": {"limits": {"cpu": "lots"}}}
    message = refusal("v1", "Pod", spec={"containers": [container]})

    assert "quantities must match the regular expression" in message


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01"])
def test_a_text_that_is_no_time(time):
    message = refusal("v1", "Pod", metadata={"creationTimestamp": time})

    assert f'parsing time "{time}"' in message
