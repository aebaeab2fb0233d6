"""Custom kinds and tables have no protobuf form; kinds that only travel have one."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.protobuf import ProtobufError, decode, encode, has_protobuf_form


@pytest.mark.parametrize(
    ("api_version", "kind", "has"),
    [
        ("v1", "Pod", True),
        ("apps/v1beta1", "Deployment", True),
        ("apps/v1", "DeleteOptions", True),
        ("admission.k8s.io/v1", "AdmissionReview", True),
        ("meta.k8s.io/v1", "PartialObjectMetadataList", True),
        ("meta.k8s.io/v1", "Table", False),
        ("example.com/v1", "Pod", False),
        ("v1", "Nobody", False),
    ],
)
def test_which_kinds_have_a_form(api_version, kind, has):
    assert has_protobuf_form(api_version, kind) is has
    obj = freeze({"apiVersion": api_version, "kind": kind})
    if has:
        assert decode(encode(obj)).kind == kind
        return
    with pytest.raises(ProtobufError, match=f'no protobuf form for kind "{kind}"'):
        encode(obj)


def test_an_object_of_the_wrong_shape_is_refused_by_name():
    pod = freeze({"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": "yes"}})

    with pytest.raises(ApiError, match=r"PodSpec\.hostPID of type bool|hostPID"):
        encode(pod)


def test_a_frame_without_a_kind_is_read_as_what_it_is_said_to_be():
    frame = freeze({"type": "ADDED", "object": {"kind": "X"}})
    body = encode(frame, "v1", "WatchEvent")

    assert decode(body, "v1", "WatchEvent") == frame
    with pytest.raises(ProtobufError, match="no protobuf form"):
        decode(body, "v1", "Nobody")
