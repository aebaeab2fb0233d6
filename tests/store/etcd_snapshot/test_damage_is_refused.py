"""A file that was cut off or changed is refused, with the place; nothing of it is handed out."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.store.etcd.messages import KeyValue
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.reading import DIGEST_BYTES, read_snapshot
from tests.store.etcd_snapshot.writing import (
    database,
    message,
    message_of,
    revision_key,
    sealed,
)


def pairs(count=40):
    kvs = [
        KeyValue(b"/registry/pods/%04d" % number, number, number, 1, b"{}" * 50)
        for number in range(2, 2 + count)
    ]
    return [(revision_key(kv.mod_revision, 0), message_of(kv)) for kv in kvs]


SOUND = database({b"key": pairs(), b"meta": [], b"lease": []})
FILE = sealed(SOUND)


def test_the_sound_file_is_read():
    assert len(read_snapshot(FILE).live()) == 40


@settings(max_examples=60)
@given(st.integers(0, len(FILE) - 1))
def test_cut_off_anywhere(length):
    with pytest.raises(SnapshotError) as caught:
        read_snapshot(FILE[:length])
    assert 0 <= caught.value.offset <= length
    assert f"byte {caught.value.offset}: " in str(caught.value)


@settings(max_examples=60)
@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_changed_anywhere(place, change):
    damaged = bytearray(FILE)
    damaged[place] ^= change
    with pytest.raises(SnapshotError, match="SHA-256"):
        read_snapshot(bytes(damaged))


@given(st.integers(0, len(SOUND) - 1), st.integers(1, 255))
def test_changed_before_it_was_sealed(place, change):
    """Nothing but a refusal or a result, whatever the pages say: no crash, no endless walk."""
    damaged = bytearray(SOUND)
    damaged[place] ^= change
    with contextlib.suppress(SnapshotError):
        read_snapshot(sealed(bytes(damaged))).live()


@given(st.lists(st.tuples(st.integers(2, 9), st.binary(min_size=1, max_size=40)), max_size=4))
def test_pages_of_anything(pieces):
    damaged = bytearray(SOUND)
    for page, piece in pieces:
        damaged[page * 4096 : page * 4096 + len(piece)] = piece
    with contextlib.suppress(SnapshotError):
        read_snapshot(sealed(bytes(damaged[: len(SOUND)]))).live()


def test_a_file_without_digest_must_be_asked_for():
    with pytest.raises(SnapshotError, match="no SHA-256"):
        read_snapshot(SOUND)
    assert read_snapshot(SOUND, digest_required=False).size_bytes == len(FILE) - DIGEST_BYTES


def test_one_damaged_meta_page_is_survived():
    damaged = bytearray(SOUND)
    damaged[16:20] = b"\0\0\0\0"
    assert len(read_snapshot(sealed(bytes(damaged))).live()) == 40


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ((b"short", b""), "is no revision"),
        ((revision_key(99, 0) + b"x", message((1, b"k"))), "is marked b'x'"),
        ((revision_key(99, 0), message((2, 99), (3, 99), (4, 1))), "has no key"),
        ((revision_key(99, 0), b"\x0a\x20k"), "unexpected EOF"),
        ((revision_key(99, 0), message((1, b"k"), (9, 1))), "field 9"),
        ((revision_key(99, 0), message((1, b"k"), (2, 99), (3, 98), (4, 1))), "written at 98"),
        ((revision_key(99, 0), message((1, b"k"), (3, 99), (4, 1))), "created at 0"),
        ((revision_key(99, 0), message((1, b"k"), (2, 99), (3, 99))), "0 times"),
    ],
)
def test_entries_that_make_no_sense(entry, rule):
    items = sorted([*pairs(3), entry])
    with pytest.raises(SnapshotError, match=rule):
        read_snapshot(sealed(database({b"key": items})))


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "no SHA-256"),
        (b"x" * 512, "no SHA-256"),
        (sealed(b"x" * 1024), "not a bbolt database"),
        (sealed(database({b"meta": []})), "no bucket 'key'"),
        (sealed(database({b"key": list(reversed(pairs(5)))})), "out of order"),
    ],
)
def test_files_of_other_kinds(data, rule):
    with pytest.raises(SnapshotError, match=rule):
        read_snapshot(data)
