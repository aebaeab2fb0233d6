"""Kubernetes protobuf: the second form in which every built-in object travels.

`decode` and `encode` are all that others need; the rest follows from the Go types of the API
(`schema_types`) and their field numbers (`wire_types`). Nothing here knows what a field means.
"""

from kcore.machinery.protobuf.codec import (
    decode,
    decode_message,
    encode,
    encode_message,
    has_protobuf_form,
)
from kcore.machinery.protobuf.envelope import (
    CONTENT_TYPE,
    MAGIC,
    Envelope,
    is_protobuf,
    open_envelope,
)
from kcore.machinery.protobuf.wire import ProtobufError

__all__ = [
    "CONTENT_TYPE",
    "MAGIC",
    "Envelope",
    "ProtobufError",
    "decode",
    "decode_message",
    "encode",
    "encode_message",
    "has_protobuf_form",
    "is_protobuf",
    "open_envelope",
]
