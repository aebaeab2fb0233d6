r"""Objects to Kubernetes protobuf bodies and back.

    >>> body = encode(freeze({"apiVersion": "v1", "kind": "ConfigMap", "data": {"k": "v"}}))
    >>> body[:4], decode(body).data.k
    (b'k8s\x00', 'v')

Every built-in kind has this form, retired versions, options of calls and bodies of webhooks
included; custom kinds and tables have none.
"""

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.protobuf.envelope import open_envelope, seal
from kcore.machinery.protobuf.reader import read_envelope, reader_of
from kcore.machinery.protobuf.wire import ProtobufError
from kcore.machinery.protobuf.wire_types import numbered_fields, wire_type_name
from kcore.machinery.protobuf.writer import writer_of
from kcore.machinery.schema import default_decoder


def has_protobuf_form(api_version: str, kind: str) -> bool:
    """Whether objects of a kind can be written: built in, and no table."""
    name = wire_type_name(api_version, kind)
    return name is not None and bool(numbered_fields(name))


def encode(
    obj: FrozenMap,
    api_version: str | None = None,
    kind: str | None = None,
    *,
    is_decoded: bool = False,
) -> bytes:
    """The body of an object: envelope and message. O(size * depth).

    The message has the fields of the given version and kind, by default of the object's own;
    the envelope says the object's own, nothing where it has none (a watch frame). `is_decoded`
    promises that the object is in upstream's form already, as stored ones are.

    Raises:
        ApiError: 400, a JSON value of the wrong type.
        ProtobufError: the kind has no protobuf form.
    """
    own = str(obj.get("apiVersion") or ""), str(obj.get("kind") or "")
    version = own[0] if api_version is None else api_version
    name = wire_type_name(version, own[1] if kind is None else kind)
    if name is None or not numbered_fields(name):
        raise ProtobufError(f'no protobuf form for kind "{kind or own[1]}" of version "{version}"')
    if is_decoded:
        return seal(*own, writer_of(name).write(obj))
    return seal(*own, encode_message(obj, name))


def encode_message(value: FrozenMap, type_name: str) -> bytes:
    """The message of a struct such as `core/v1.PodSpec`, without an envelope. O(size).

    Raises:
        ApiError: 400, a JSON value of the wrong type.
    """
    return writer_of(type_name).write(default_decoder().decode_type(value, type_name))


def decode(data: bytes, api_version: str = "", kind: str = "") -> FrozenMap:
    """The object in a body. O(size).

    The given version and kind stand in where the envelope names none.

    Raises:
        ProtobufError: malformed, or of a kind that has no protobuf form.
    """
    if kind and not (envelope := open_envelope(data)).kind:
        name = wire_type_name(api_version, kind)
        if name is None:
            raise ProtobufError(f'no protobuf form for kind "{kind}" of version "{api_version}"')
        value = reader_of(name).read(data, envelope.start, envelope.stop)
    else:
        value = read_envelope(data)
    result: FrozenMap = freeze(value)
    return result


def decode_message(data: bytes, type_name: str) -> FrozenMap:
    """The value of a struct's message, without an envelope. O(size).

    Raises:
        ProtobufError: malformed.
    """
    result: FrozenMap = freeze(reader_of(type_name).read(data, 0, len(data)))
    return result
