"""Saved snapshots: what a file holds, and what a server made of it answers."""

import base64
import gzip

from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import RangeRequest
from kcore.store.etcd_snapshot.reading import read_snapshot
from kcore.store.etcd_snapshot.restore import restore_server
from kcore.store.etcd_snapshot.status import status_of


def answer(folder, given, expected):
    """Everything the record tells of a file; lists come from a restored server."""
    snapshot = read_snapshot(gzip.decompress((folder / given["file"]).read_bytes()))
    server = restore_server(snapshot, VirtualClock())
    server.check_invariants()
    return {
        "status": _status(status_of(snapshot)),
        "compact_revision": snapshot.compact_revision,
        "buckets": [
            {"name": name.decode(), "keys": len(items)} for name, items in snapshot.buckets.items()
        ],
        "meta": {name.decode(): _text(value) for name, value in snapshot.meta.items()},
        "entries": [_entry(entry) for entry in snapshot.entries],
        "lists": [_list(server, one["revision"]) for one in expected["lists"]],
    }


def _status(status):
    return {
        "hash": status.hash,
        "revision": status.revision,
        "totalKey": status.total_key,
        "totalSize": status.total_size_bytes,
        "version": status.version,
    }


def _entry(entry):
    place = {"main": entry.revision.main, "sub": entry.revision.sub}
    if entry.tombstone:
        return place | {"key": _text(entry.kv.key), "tombstone": True}
    return place | _key_value(entry.kv)


def _list(server, revision):
    found = server.range(RangeRequest(b"\0", b"\0", revision=revision))
    return {"revision": revision, "kvs": [_key_value(kv) for kv in found.kvs]}


def _key_value(kv):
    fields = {
        "key": _text(kv.key),
        "value": _text(kv.value),
        "create_revision": kv.create_revision,
        "mod_revision": kv.mod_revision,
        "version": kv.version,
        "lease": kv.lease,
    }
    return {name: value for name, value in fields.items() if value or name == "value"}


def _text(data):
    return base64.b64encode(data).decode()
