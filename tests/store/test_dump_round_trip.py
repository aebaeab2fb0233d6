"""A saved store comes back with the same keys and revisions; a damaged file never does."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.store.dump import DumpError, load, save
from kcore.store.mvcc import Store
from kcore.store.revision import CompactedError


def a_store():
    store = Store()
    store.declare("nodes", {})
    for number in range(5):
        store.put("pods", f"ns/{number}", freeze({"n": number, "text": 'a "quoted" é\n'}))
    store.put("pods", "ns/3", freeze({"n": -3}))
    store.delete("pods", "ns/1")
    store.put("events", "ns/e", freeze({}))
    return store


def saved(store):
    stream = io.BytesIO()
    save(store, stream)
    return stream.getvalue()


def test_everything_comes_back():
    store = a_store()

    twin = load(io.BytesIO(saved(store)))

    twin.check_invariants()
    assert twin.revision == store.revision
    assert twin.buckets() == store.buckets()
    for bucket in store.buckets():
        assert list(twin.view(bucket).range()) == list(store.view(bucket).range())
    assert twin.put("pods", "ns/9", freeze({})).mod_revision == store.revision + 1


def test_the_past_of_a_loaded_store_is_compacted():
    store = a_store()
    twin = load(io.BytesIO(saved(store)))

    with pytest.raises(CompactedError):
        twin.view("pods", store.revision - 1)
    with pytest.raises(CompactedError):
        twin.watch("pods", 1)
    assert not twin.watch("pods", store.revision).pending()


def test_equal_states_give_equal_bytes():
    assert saved(a_store()) == saved(a_store())
    assert saved(load(io.BytesIO(saved(a_store())))).count(b"\n") == 1 + 4 + 1 + 1


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_changed_byte_passes(data):
    text = saved(a_store())
    place = data.draw(st.integers(0, len(text) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != text[place]))

    with pytest.raises(DumpError):
        load(io.BytesIO(text[:place] + bytes([byte]) + text[place + 1 :]))


@given(st.integers(0, 10_000))
@settings(max_examples=100, deadline=None)
def test_no_cut_off_file_passes(length):
    text = saved(a_store())

    with pytest.raises(DumpError):
        load(io.BytesIO(text[: length % len(text)]))


def test_the_refusal_names_line_and_offset():
    lines = saved(a_store()).splitlines(keepends=True)
    lines[2] = b'{"bucket":"pods","key":7}\n'

    with pytest.raises(DumpError) as refusal:
        load(io.BytesIO(b"".join(lines)))

    offset = len(lines[0]) + len(lines[1])
    assert (refusal.value.line, refusal.value.offset) == (3, offset)
    assert str(refusal.value) == f"line 3, byte {offset}: create is not an integer of at least 1"


def test_another_version_is_refused_by_name():
    text = saved(a_store()).replace(b'"version":1}\n', b'"version":2}\n', 1)

    with pytest.raises(DumpError, match="line 1, byte 0: dump version 2 is unknown"):
        load(io.BytesIO(text))


def test_a_file_of_something_else_is_refused():
    with pytest.raises(DumpError, match="not a store dump"):
        load(io.BytesIO(b'{"kind":"PodList"}\n'))


def test_what_follows_the_checksum_is_refused():
    with pytest.raises(DumpError, match="something follows the checksum"):
        load(io.BytesIO(saved(a_store()) + b"\n"))
