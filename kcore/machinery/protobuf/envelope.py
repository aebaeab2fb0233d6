r"""The envelope around every Kubernetes protobuf body: `k8s\0` and a `runtime.Unknown`.

Unknown has the object's version and kind in field 1, the object's message in field 2, and two
fields about its content that nobody fills.
"""

from dataclasses import dataclass
from typing import Final

from kcore.machinery.protobuf.special_reading import fields_of, text
from kcore.machinery.protobuf.wire import LENGTH, ProtobufError, delimited, tag_bytes

MAGIC: Final = b"k8s\x00"
CONTENT_TYPE: Final = "application/vnd.kubernetes.protobuf"

_ONE: Final = tag_bytes(1, LENGTH)
_TWO: Final = tag_bytes(2, LENGTH)
_NO_CONTENT: Final = delimited(tag_bytes(3, LENGTH), b"") + delimited(tag_bytes(4, LENGTH), b"")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says, and where in the bytes the object's message lies."""

    api_version: str
    kind: str
    start: int
    stop: int


def is_protobuf(data: bytes) -> bool:
    """Whether the bytes begin as a Kubernetes protobuf body does."""
    return data[: len(MAGIC)] == MAGIC


def open_envelope(data: bytes, start: int = 0, stop: int | None = None) -> Envelope:
    """Read the envelope in `data[start:stop]`. O(1): the object itself is not read.

    Raises:
        ProtobufError: it is none; the text is upstream's.
    """
    end = len(data) if stop is None else stop
    if data[start : start + len(MAGIC)] != MAGIC:
        raise ProtobufError(
            "provided data does not appear to be a protobuf message, "
            f"expected prefix [{' '.join(str(byte) for byte in MAGIC)}]",
            start,
        )
    api_version = kind = ""
    span = (end, end)
    for number, begin, until in fields_of(data, start + len(MAGIC), end):
        if until < 0:
            continue
        if number == 1:
            api_version, kind = _type_meta(data, begin, until)
        elif number == 2:
            span = (begin, until)
    return Envelope(api_version, kind, *span)


def _type_meta(data: bytes, start: int, stop: int) -> tuple[str, str]:
    words = {1: "", 2: ""}
    for number, begin, until in fields_of(data, start, stop):
        if number in words and until >= 0:
            words[number] = text(data, begin, until)
    return words[1], words[2]


def seal(api_version: str, kind: str, message: bytes) -> bytes:
    """The envelope around the message of one object."""
    type_meta = delimited(_ONE, api_version.encode()) + delimited(_TWO, kind.encode())
    return MAGIC + delimited(_ONE, type_meta) + delimited(_TWO, message) + _NO_CONTENT
