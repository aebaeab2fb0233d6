"""Bytes that nobody should send: each is read, or refused with an error that says where."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.protobuf import ProtobufError, decode, decode_message, encode
from kcore.machinery.protobuf.envelope import seal
from kcore.machinery.protobuf.wire import FIXED64, LENGTH, delimited, tag_bytes

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "p",
        "labels": {"a": "b"},
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "managedFields": [{"manager": "m", "fieldsV1": {"f:spec": {}}}],
    },
    "spec": {
        "containers": [
            {
                "name": "c",
                "resources": {"requests": {"cpu": "100m"}},
                "ports": [{"containerPort": 80}],
                "livenessProbe": {"httpGet": {"port": "web"}, "periodSeconds": -3},
            }
        ],
    },
}
BODY = encode(freeze(POD))
SCHEMA = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "maximum": 1.5,
                        "default": {"a": [1]},
                        "items": {"type": "object"},
                        "additionalProperties": False,
                        "enum": ["a", 1],
                    }
                },
            }
        ]
    },
}
SECOND_BODY = encode(freeze(SCHEMA))


def read_or_refused(data):
    """The object; None where the bytes are refused in the way that they have to be."""
    refusal = None
    try:
        value = decode(data)
    except ProtobufError as error:
        value, refusal = None, error
    assert isinstance(value, FrozenMap) if refusal is None else refusal.reason
    assert refusal is None or 0 <= refusal.offset <= len(data)
    assert refusal is None or f"at byte {refusal.offset}" in str(refusal)
    return value


@pytest.mark.parametrize("body", [BODY, SECOND_BODY], ids=["pod", "schema"])
def test_a_body_cut_anywhere_is_refused_or_read(body):
    for length in range(len(body)):
        read_or_refused(body[:length])


@pytest.mark.parametrize("body", [BODY, SECOND_BODY], ids=["pod", "schema"])
def test_a_body_with_a_byte_changed_is_refused_or_read(body):
    for position in range(4, len(body)):
        for byte in (0, 1, 7, 0x0B, 0x7F, 0x80, 0xFF, body[position] ^ 1, body[position] ^ 0x80):
            read_or_refused(body[:position] + bytes((byte,)) + body[position + 1 :])


@given(st.binary(max_size=60))
@settings(max_examples=200)
def test_noise_in_a_pod_is_refused_or_read(noise):
    read_or_refused(envelope(noise))
    read_or_refused(b"k8s\0" + noise)


def test_whole_bodies_come_back():
    assert read_or_refused(BODY).spec.containers[0].livenessProbe.periodSeconds == -3
    schema = read_or_refused(SECOND_BODY).spec.versions[0].schema.openAPIV3Schema
    assert schema == freeze(SCHEMA["spec"]["versions"][0]["schema"]["openAPIV3Schema"])


def envelope(message, kind="Pod"):
    """Any bytes as the message of an object."""
    return seal("v1", kind, message)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"\x0a\x05ab", "unexpected EOF"),
        (b"\x0a", "unexpected EOF"),
        (b"\x80", "unexpected EOF"),
        (b"\x0a" + b"\xff" * 10, "proto: integer overflow"),
        (b"\x0a" + b"\xff" * 9 + b"\x01", "proto: negative length found during unmarshaling"),
        (b"\x08\x01", "proto: wrong wireType = 0 for field Metadata"),
        (b"\x0c", "proto: Pod: wiretype end group for non-group"),
        (b"\x02\x00", "proto: Pod: illegal tag 0 (wire type 2)"),
        (b"\x7f", "proto: illegal wireType 7"),
        (b"\x7b\x08", "unexpected EOF"),
        (b"\x7b\x7f", "proto: illegal wireType 7"),
        (b"\x0a\x03\x0a\x01\xff", "proto: string is not valid UTF-8"),
    ],
)
def test_upstreams_refusals(message, reason):
    with pytest.raises(ProtobufError) as refusal:
        decode(envelope(message))

    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "message",
    [b"\x78\x05", b"\x79" + b"12345678", b"\x7a\x01a", b"\x7b\x08\x01\x7c", b"\x7d1234"],
    ids=["varint", "fixed64", "length", "group", "fixed32"],
)
def test_unknown_fields_are_skipped(message):
    assert decode(envelope(message)) == decode(envelope(b""))


def test_messages_in_pieces_are_merged_and_the_last_scalar_wins():
    pieces = b"\x0a\x03\x0a\x01a" + b"\x0a\x03\x1a\x01n" + b"\x0a\x03\x0a\x01b"

    assert decode(envelope(pieces)).metadata == {"name": "b", "namespace": "n"}


def test_numbers_may_come_packed():
    groups = b"\x12\x06" + b"\x72\x04" + b"\x22\x02\x01\x02"  # spec.securityContext

    assert decode(envelope(groups)).spec.securityContext.supplementalGroups == [1, 2]


def nested(levels_count):
    """`not: {not: {...}}`, by hand: `not` is field 28."""
    schema = b""
    for _ in range(levels_count):
        schema = delimited(tag_bytes(28, LENGTH), schema)
    return schema


def test_nesting_has_a_bound():
    schema = "apiextensions/v1.JSONSchemaProps"

    assert decode_message(nested(100), schema).at(*["not"] * 100) == {}
    with pytest.raises(ProtobufError, match="nest deeper than 128"):
        decode_message(nested(130), schema)


def test_numbers_that_json_cannot_say_are_refused():
    infinite = tag_bytes(9, FIXED64) + struct.pack("<d", float("inf"))

    with pytest.raises(ProtobufError, match=r"unsupported value: \+Inf"):
        decode_message(infinite, "apiextensions/v1.JSONSchemaProps")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not protobuf", "expected prefix [107 56 115 0]"),
        (b"", "expected prefix"),
        (b"k8s\0garbage", "proto: illegal wireType 7"),
        (envelope(b"", "Nobody"), 'no kind "Nobody" is registered for version "v1"'),
    ],
)
def test_what_is_no_body_is_refused(data, reason):
    with pytest.raises(ProtobufError) as refusal:
        decode(data)

    assert reason in refusal.value.reason
