"""A body in protobuf is a value like any other, or is refused in upstream's words."""

import pytest

from kcore.apiserver.body_protobuf import read_protobuf_body
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.protobuf import encode
from kcore.machinery.protobuf.envelope import seal

CONFIG_MAP = freeze({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {"k": "v"}})


def refusal(data):
    with pytest.raises(ApiError) as refused:
        read_protobuf_body(data, "ConfigMap")
    assert refused.value.code == 400
    return refused.value.message


def test_an_object_is_read():
    assert read_protobuf_body(encode(CONFIG_MAP), "ConfigMap") == CONFIG_MAP


def test_another_kind_is_for_the_endpoint_to_refuse():
    options = freeze({"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})

    assert read_protobuf_body(encode(options), "ConfigMap") == options


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"not protobuf",
            "the object provided is unrecognized (must be of type ConfigMap): provided data does "
            "not appear to be a protobuf message, expected prefix [107 56 115 0] "
            "(6e6f742070726f746f627566)",
        ),
        (
            b"k8s\0garbage",
            "the object provided is unrecognized (must be of type ConfigMap): "
            "proto: illegal wireType 7 (6b38730067617262616765)",
        ),
        (
            b"",
            "the object provided is unrecognized (must be of type ConfigMap): provided data does "
            "not appear to be a protobuf message, expected prefix [107 56 115 0] (<empty>)",
        ),
        (
            b"x" * 40,
            "the object provided is unrecognized (must be of type ConfigMap): provided data does "
            "not appear to be a protobuf message, expected prefix [107 56 115 0] "
            f"({'78' * 30} ...)",
        ),
    ],
    ids=["text", "garbage", "nothing", "long"],
)
def test_what_is_no_protobuf(data, message):
    assert refusal(data) == message


def test_a_body_that_is_damaged_inside_names_its_kind():
    damaged = seal("v1", "ConfigMap", b"\x0a\x05ab")

    assert refusal(damaged) == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF'
    )


def test_a_kind_that_nobody_knows():
    message = refusal(seal("example.com/v1", "Own", b""))

    assert message.startswith(
        'Own in version "v1" cannot be handled as a ConfigMap: '
        'no kind "Own" is registered for version "example.com/v1" in scheme "'
    )
    assert "Object 'Kind' is missing" in refusal(seal("v1", "", b""))
