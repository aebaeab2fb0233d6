"""Writes snapshot files page by page, as bbolt would, so that tests need no etcd."""

import hashlib
import struct
from collections import Counter

from kcore.store.etcd.keyspace import key_value
from kcore.store.etcd.messages import KeyValue, RangeRequest
from kcore.store.etcd_snapshot.pages import FORMAT_VERSION, MAGIC, fnv1a

PAGE_BYTES = 4096
HEADER = struct.Struct("<QHHI")
LEAF, BRANCH, META = 0x02, 0x01, 0x04


def varint(number):
    number %= 2**64
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def message(*fields):
    """Protobuf of (number, integer or bytes); zeros are left out."""
    out = b""
    for number, value in fields:
        if isinstance(value, bytes) and value:
            out += varint(number << 3 | 2) + varint(len(value)) + value
        elif value:
            out += varint(number << 3) + varint(value)
    return out


def revision_key(main, sub, tombstone=False):
    return struct.pack(">q", main) + b"_" + struct.pack(">q", sub) + (b"t" if tombstone else b"")


def message_of(kv):
    return message(
        (1, kv.key),
        (2, kv.create_revision),
        (3, kv.mod_revision),
        (4, kv.version),
        (5, kv.value),
        (6, kv.lease),
    )


def elements_of(items, flags):
    """Leaf elements and their data, positions counted from each element."""
    head, body = b"", b""
    for index, (key, value) in enumerate(items):
        position = (len(items) - index) * 16 + len(body)
        head += struct.pack("<IIII", flags, position, len(key), len(value))
        body += key + value
    return head + body


class Writer:
    """Pages from number 2 on; metas come last."""

    def __init__(self, page_bytes=PAGE_BYTES):
        self.page_bytes = page_bytes
        self.pages = bytearray()

    @property
    def next_page(self):
        return 2 + len(self.pages) // self.page_bytes

    def page(self, flags, count, elements):
        number = self.next_page
        size = -(-(HEADER.size + len(elements)) // self.page_bytes)
        content = HEADER.pack(number, flags, count, size - 1) + elements
        self.pages += content.ljust(size * self.page_bytes, b"\0")
        return number

    def tree(self, items, per_leaf, flags=0):
        """The root of a tree with so many items in a leaf."""
        parts = [items[i : i + per_leaf] for i in range(0, len(items), per_leaf)] or [[]]
        level = [
            (part[0][0] if part else b"", self.page(LEAF, len(part), elements_of(part, flags)))
            for part in parts
        ]
        while len(level) > 1:
            groups = [level[i : i + 4] for i in range(0, len(level), 4)]
            level = [(group[0][0], self.branch(group)) for group in groups]
        return level[0][1]

    def branch(self, children):
        head, body = b"", b""
        for index, (key, page) in enumerate(children):
            position = (len(children) - index) * 16 + len(body)
            head += struct.pack("<IIQ", position, len(key), page)
            body += key
        return self.page(BRANCH, len(children), head + body)

    def bucket(self, items, per_leaf):
        """A bucket's value: small ones lie inside their parent."""
        if len(items) > 2:
            return struct.pack("<QQ", self.tree(items, per_leaf), 0)
        inline = HEADER.pack(0, LEAF, len(items), 0) + elements_of(items, 0)
        return struct.pack("<QQ", 0, 0) + inline

    def metas(self, root):
        fields = (MAGIC, FORMAT_VERSION, self.page_bytes, 0, root, 0, 2**64 - 1, self.next_page)
        out = b""
        for number in (0, 1):
            meta = struct.pack("<IIIIQQQQQ", *fields, 7 + number)
            meta += struct.pack("<Q", fnv1a(meta))
            page = HEADER.pack(number, META, 0, 0) + meta
            out += page.ljust(self.page_bytes, b"\0")
        return out


def database(buckets, per_leaf=5, page_bytes=PAGE_BYTES):
    """A bbolt file with these buckets: name -> sorted pairs."""
    writer = Writer(page_bytes)
    values = [(name, writer.bucket(items, per_leaf)) for name, items in sorted(buckets.items())]
    root = writer.tree(values, per_leaf, flags=1)
    return writer.metas(root) + bytes(writer.pages)


def sealed(data):
    """With the digest that etcdctl appends."""
    return data + hashlib.sha256(data).digest()


def snapshot_of(server, leases=(), **options):
    """A snapshot file of one of our servers, with its history since the compaction."""
    keyspace = server.keyspace
    compacted = max(0, keyspace.first_revision)
    subs = Counter()
    pairs = []

    def add(main, tombstone, kv):
        pairs.append((revision_key(main, subs[main], tombstone), message_of(kv)))
        subs[main] += 1

    kept = server.range(RangeRequest(b"\0", b"\0", revision=max(1, compacted))).kvs
    for kv in sorted(kept, key=lambda kv: kv.mod_revision):
        add(kv.mod_revision, False, kv)
    for place in range(keyspace.history_place(compacted), keyspace.history_end):
        change = keyspace.event(place)
        gone = change.current is None
        kv = KeyValue(change.key.encode("latin-1")) if gone else key_value(change.current)
        add(change.revision, gone, kv)
    meta = [(b"finishedCompactRev", revision_key(compacted, 0))] if compacted else []
    buckets = {
        b"key": pairs,
        b"lease": [(struct.pack(">q", one), message((1, one), (2, ttl))) for one, ttl in leases],
        b"meta": [*meta, (b"storageVersion", b"3.7.0")],
    }
    return sealed(database(buckets, **options))
