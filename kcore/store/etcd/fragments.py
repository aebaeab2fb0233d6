"""Cutting a watch response that is longer than a message may be."""

from dataclasses import replace
from typing import Final

from kcore.store.etcd.encoding import encoded_bytes, varint_bytes
from kcore.store.etcd.watch_messages import WatchResponse

# What the header has beside the revision: two ids of a tag and ten bytes, and the raft term.
MEMBER_HEADER_BYTES: Final = 2 * 11 + 2


def fragments(response: WatchResponse, message_bytes_max: int) -> tuple[WatchResponse, ...]:
    """The response in parts below the limit, one event each at least; all but the last say so.

    O(events).
    """
    frame = encoded_bytes(replace(response, events=())) + MEMBER_HEADER_BYTES
    sizes = [_item_bytes(encoded_bytes(event)) for event in response.events]
    if frame + sum(sizes) < message_bytes_max or len(sizes) < 2:
        return (response,)
    # The flag that more follows.
    frame += 2
    parts: list[WatchResponse] = []
    first = 0
    while first < len(sizes):
        end, total = first + 1, frame + sizes[first]
        while end < len(sizes) and total + sizes[end] < message_bytes_max:
            total += sizes[end]
            end += 1
        events = response.events[first:end]
        parts.append(replace(response, events=events, fragment=end < len(sizes)))
        first = end
    return tuple(parts)


def _item_bytes(length: int) -> int:
    return 1 + varint_bytes(length) + length
