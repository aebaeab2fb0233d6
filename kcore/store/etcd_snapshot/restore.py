"""A server with the keys, leases and history of a snapshot.

Reads go back to the compaction, as on the server the snapshot was taken from. Where revisions are
missing in between (a restore with `--bump-revision` leaves such a gap), they go back to the gap.
Leases begin their time anew.
"""

from itertools import groupby
from operator import attrgetter
from typing import Final

from kcore.runtime.clock import Clock
from kcore.store.etcd.keyspace import DEFAULT_BUCKET, stored_entry
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.messages import KeyValue
from kcore.store.etcd.server import DEFAULT_LIMITS, EtcdServer
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.reading import EtcdSnapshot
from kcore.store.etcd_snapshot.revisions import Entry
from kcore.store.mvcc import Store

_FIRST_REVISION: Final = 1


def restore_server(
    snapshot: EtcdSnapshot, clock: Clock, limits: EtcdLimits = DEFAULT_LIMITS
) -> EtcdServer:
    """A server that continues where the snapshot was taken. O(entries * log n).

    Raises:
        SnapshotError: entries contradict each other, or keys have leases that do not exist.
    """
    base = base_revision(snapshot)
    server = EtcdServer(clock, limits, _store_at(snapshot, base))
    # A lease may be older than this server's limits; what it was granted counts.
    server.restore_leases((lease.id, lease.ttl_s) for lease in snapshot.leases)
    later = (entry for entry in snapshot.entries if entry.revision.main > base)
    for main, entries in groupby(later, key=attrgetter("revision.main")):
        for entry in entries:
            _replay(server, entry, main)
    for kv in snapshot.live():
        if kv.lease and not server.has_lease(kv.lease):
            raise SnapshotError(f"key {kv.key!r} has lease {kv.lease}, which does not exist", 0)
    return server


def base_revision(snapshot: EtcdSnapshot) -> int:
    """The revision from which on every change is in the file."""
    base = max(snapshot.compact_revision, _FIRST_REVISION)
    last = base
    for entry in snapshot.entries:
        main = entry.revision.main
        if main > last + 1:
            base = main - 1
        last = max(last, main)
    return base


def _store_at(snapshot: EtcdSnapshot, revision: int) -> Store:
    store = EtcdServer.new_store()
    if revision > _FIRST_REVISION:
        entries = [stored_entry(kv) for kv in snapshot.live(revision)]
        store.restore(revision, {DEFAULT_BUCKET: entries})
    return store


def _replay(server: EtcdServer, entry: Entry, main: int) -> None:
    keyspace, kv = server.keyspace, entry.kv
    if entry.tombstone:
        keyspace.delete((kv.key,), main)
    else:
        keyspace.put(kv.key, kv.value, kv.lease, main)
        _require_same(keyspace.get(kv.key), entry)


def _require_same(found: KeyValue | None, entry: Entry) -> None:
    if found != entry.kv:
        rule = f"key {entry.kv.key!r} does not follow from the entries before it"
        raise SnapshotError(rule, entry.offset)
