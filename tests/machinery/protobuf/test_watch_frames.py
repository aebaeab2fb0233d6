"""A protobuf watch is read frame by frame, however the network cut it."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.protobuf import ProtobufError
from kcore.machinery.protobuf.watch_frames import read_watch_frames, watch_frame

FIRST = freeze({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
SECOND = FIRST.set(("data", "k"), "v")
STREAM = watch_frame("ADDED", FIRST) + watch_frame("MODIFIED", SECOND)


def test_events_come_back_in_order():
    assert read_watch_frames(STREAM) == ([("ADDED", FIRST), ("MODIFIED", SECOND)], len(STREAM))


def test_what_is_not_whole_waits():
    first = len(watch_frame("ADDED", FIRST))
    for length in range(len(STREAM)):
        events, used = read_watch_frames(STREAM[:length])
        assert used == (first if length >= first else 0)
        assert [kind for kind, _ in events] == ["ADDED"] * bool(used)


def test_a_frame_beyond_any_object_is_refused():
    with pytest.raises(ProtobufError, match="a frame of 2147483647 bytes"):
        read_watch_frames(b"\x7f\xff\xff\xff")
