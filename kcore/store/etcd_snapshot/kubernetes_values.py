"""How kube-apiserver wraps an object for etcd: JSON, protobuf, or something unreadable."""

from enum import StrEnum
from typing import Final

from kcore.machinery.frozen import FrozenMap, JSONError, loads
from kcore.machinery.protobuf import ProtobufError, decode, is_protobuf
from kcore.store.revision import StoreError

_ENCRYPTED: Final = b"k8s:enc:"


class Encoding(StrEnum):
    """The form of a value."""

    JSON = "json"
    PROTOBUF = "protobuf"
    RAW = "raw"


class UnreadableValueError(StoreError):
    """A value is no object that can be read; the text says why."""


def encoding_of(value: bytes) -> Encoding:
    """The form of a value, by its first bytes. O(1)."""
    if is_protobuf(value):
        return Encoding.PROTOBUF
    return Encoding.JSON if value[:1] == b"{" else Encoding.RAW


def decode_value(value: bytes) -> FrozenMap:
    """The object in a value, in the version it was stored in. O(size).

    Raises:
        UnreadableValueError: encrypted, of a kind without protobuf form, damaged, or no object.
    """
    if value.startswith(_ENCRYPTED):
        provider = value[len(_ENCRYPTED) :].split(b":", 1)[0].decode("ascii", "replace")
        raise UnreadableValueError(f"encrypted by provider {provider!r}; its key is not here")
    try:
        found = decode(value) if is_protobuf(value) else loads(value)
    except (ProtobufError, JSONError, ValueError) as error:
        raise UnreadableValueError(str(error)) from error
    if not isinstance(found, FrozenMap):
        raise UnreadableValueError("no object")
    return found
