"""The objects in a real etcd snapshot, one record a key: transcript's topic `etcd-snapshot`.

The first record has the totals. Its revision is the one at which the objects were listed; the
file was saved a little later.
"""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from kcore.store.etcd_snapshot.kubernetes_values import decode_value, encoding_of
from kcore.store.etcd_snapshot.reading import read_snapshot
from tests.conformance.registry import Registry

registry = Registry("transcript")

TOPIC = "etcd-snapshot"
# Which Kubernetes wrote the keys is not in the file.
IN_THE_FILE = (
    *("etcd", "keys", "revision", "snapshotBytes", "snapshotSha256"),
    *("createRevision", "modRevision", "version", "lease", "encoding", "object"),
    *("valueLength", "valueSha256"),
)
LISTED_AT = {}


@registry.prepares
def remember(found):
    """Note at which revision the objects of a snapshot were listed."""
    for record in found:
        if record["topic"] == TOPIC and "revision" in record["out"]:
            LISTED_AT[record["id"].rpartition("/")[0]] = record["out"]["revision"]


@lru_cache(maxsize=2)
def file_bytes(folder):
    return gzip.decompress((Path(folder) / "snapshot.db.gz").read_bytes())


@lru_cache(maxsize=2)
def listed(folder, revision):
    """Keys and their entries as of a revision."""
    snapshot = read_snapshot(file_bytes(folder))
    return snapshot, {kv.key.decode(): kv for kv in snapshot.live(revision)}


@registry.answers(TOPIC, whole_record=True, only=IN_THE_FILE)
def answer(record):
    """What the file holds under a key, or as a whole."""
    revision = LISTED_AT[record["id"].rpartition("/")[0]]
    snapshot, held = listed(record["folder"], revision)
    if "snapshot" in record["in"]:
        return _totals(record["folder"], snapshot, held, revision)
    return _entry(held[record["in"]["key"]])


def _totals(folder, snapshot, held, revision):
    data = file_bytes(folder)
    return {
        "etcd": snapshot.meta[b"storageVersion"].decode(),
        "keys": len(held),
        "revision": min(revision, snapshot.revision),
        "snapshotBytes": len(data),
        "snapshotSha256": hashlib.sha256(data).hexdigest(),
    }


def _entry(kv):
    return {
        "createRevision": kv.create_revision,
        "modRevision": kv.mod_revision,
        "version": kv.version,
        "lease": kv.lease != 0,
        "encoding": encoding_of(kv.value),
        "object": decode_value(kv.value),
        "valueLength": len(kv.value),
        "valueSha256": hashlib.sha256(kv.value).hexdigest(),
    }
