"""A request's body in protobuf: the value it stands for, with upstream's refusals.

Which kind an endpoint takes is `decoding`'s business, as for every body; custom kinds have no
protobuf form.
"""

from typing import Final

from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.object_text import SCHEME_SOURCE
from kcore.machinery.protobuf import Envelope, ProtobufError, decode, open_envelope
from kcore.machinery.protobuf.wire_types import wire_type_name

_SHOWN_BYTES: Final = 30


def read_protobuf_body(data: bytes, kind: str) -> FrozenMap:
    """The `body` of a request to an endpoint of `kind`, from a protobuf body. O(size).

    Raises:
        ApiError: 400, the bytes are no object of a known kind.
    """
    try:
        envelope = open_envelope(data)
    except ProtobufError as error:
        raise _unrecognized(data, kind, error.reason) from None
    if not envelope.kind:
        raise _unrecognized(data, kind, f"Object 'Kind' is missing in '{_shown(data)}'")
    if wire_type_name(envelope.api_version, envelope.kind) is None:
        found = f'no kind "{envelope.kind}" is registered for version "{envelope.api_version}"'
        raise _unfit(envelope, kind, f"{found} in {SCHEME_SOURCE}")
    try:
        return decode(data)
    except ProtobufError as error:
        raise _unfit(envelope, kind, error.reason) from None


def _unrecognized(data: bytes, kind: str, why: str) -> ApiError:
    return bad_request(
        f"the object provided is unrecognized (must be of type {kind}): {why} ({_shown(data)})"
    )


def _unfit(envelope: Envelope, kind: str, why: str) -> ApiError:
    version = envelope.api_version.rpartition("/")[2]
    return bad_request(
        f'{envelope.kind} in version "{version}" cannot be handled as a {kind}: {why}'
    )


def _shown(data: bytes) -> str:
    """How upstream quotes a body that it does not understand."""
    if not data:
        return "<empty>"
    return data[:_SHOWN_BYTES].hex() + (" ..." if len(data) > _SHOWN_BYTES else "")
