"""The frames of a protobuf watch: a length of four bytes, then a WatchEvent without an envelope.

The object of each event has an envelope of its own. A stream is cut wherever the network likes,
so reading takes what has come and says how much of it was whole.
"""

from typing import Final

from kcore.limits import REQUEST_BYTES_MAX
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.protobuf.codec import decode_message, encode
from kcore.machinery.protobuf.wire import LENGTH, ProtobufError, delimited, tag_bytes

CONTENT_TYPE: Final = "application/vnd.kubernetes.protobuf;stream=watch"

_LENGTH_BYTES: Final = 4
_ONE: Final = tag_bytes(1, LENGTH)
_TWO: Final = tag_bytes(2, LENGTH)


def watch_frame(event_type: str, obj: FrozenMap) -> bytes:
    """The frame of one event: `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`. O(size).

    Raises:
        ApiError: 400, a JSON value of the wrong type.
        ProtobufError: the object's kind has no protobuf form.
    """
    event = delimited(_ONE, event_type.encode()) + delimited(_TWO, delimited(_ONE, encode(obj)))
    return len(event).to_bytes(_LENGTH_BYTES, "big") + event


def read_watch_frames(data: bytes) -> tuple[list[tuple[str, FrozenMap]], int]:
    """Types and objects of the whole frames at the start of `data`, and how many bytes they take.

    Raises:
        ProtobufError: a frame is malformed, or longer than any object can be.
    """
    events: list[tuple[str, FrozenMap]] = []
    position = 0
    while position + _LENGTH_BYTES <= len(data):
        start = position + _LENGTH_BYTES
        length = int.from_bytes(data[position:start], "big")
        if length > REQUEST_BYTES_MAX:
            raise ProtobufError(f"a frame of {length} bytes", position)
        if start + length > len(data):
            break
        event = decode_message(data[start : start + length], "meta/v1.WatchEvent")
        events.append((event["type"], event["object"]))
        position = start + length
    return events, position
