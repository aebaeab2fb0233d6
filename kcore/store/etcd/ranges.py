"""Reading: ranges with limit, order and revision bounds, whole or in chunks."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from kcore.store.etcd.checks import is_filtered, is_key_order
from kcore.store.etcd.encoding import encoded_bytes
from kcore.store.etcd.keyspace import Keyspace, key_value
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.messages import (
    KeyValue,
    RangeRequest,
    RangeResponse,
    ResponseHeader,
    SortOrder,
    SortTarget,
)
from kcore.store.revision import KeyValue as Entry

_LIMIT_MAX: Final = 2**63 - 1

_SORT_KEYS: Final[dict[int, Callable[[Entry], Any]]] = {
    SortTarget.KEY: lambda entry: entry.key,
    SortTarget.VERSION: lambda entry: entry.version,
    SortTarget.CREATE: lambda entry: entry.create_revision,
    SortTarget.MOD: lambda entry: entry.mod_revision,
    SortTarget.VALUE: lambda entry: entry.value["value"],
}


def read_range(keyspace: Keyspace, request: RangeRequest) -> RangeResponse:
    """Answer a range that passed its checks. O(log n + answer), O(m log m) when sorted.

    Raises:
        EtcdError: the revision does not exist yet, or is compacted.
    """
    revision = keyspace.readable(request.revision)
    header = ResponseHeader(keyspace.revision)
    if request.count_only:
        return RangeResponse(header, count=_count(keyspace, request, revision))
    entries = keyspace.entries(request.key, request.range_end, revision)
    if request.limit > 0 and is_key_order(request) and not is_filtered(request):
        # One more than asked for tells whether there are more; sorting sees only these.
        found = list(islice(entries, min(request.limit, _LIMIT_MAX - 1) + 1))
        short = len(found) <= request.limit
        count = len(found) if short else _count(keyspace, request, revision)
    else:
        found = list(entries)
        count = len(found)
    found = _sorted(_filtered(found, request), request)
    more = 0 < request.limit < len(found)
    if more:
        found = found[: request.limit]
    return RangeResponse(header, tuple(_shown(entry, request) for entry in found), more, count)


def _count(keyspace: Keyspace, request: RangeRequest, revision: int) -> int:
    return keyspace.count(request.key, request.range_end, revision)


def _cut(entries: list[Entry], limit: int) -> list[Entry]:
    """One more than a chunk takes, as above."""
    return entries[: limit + 1] if limit > 0 else entries


def _filtered(entries: list[Entry], request: RangeRequest) -> list[Entry]:
    if not is_filtered(request):
        return entries
    mod_max = request.max_mod_revision or _LIMIT_MAX
    create_max = request.max_create_revision or _LIMIT_MAX
    # A minimum of 0 is none; revisions are positive, so it needs no case of its own.
    return [
        entry
        for entry in entries
        if request.min_mod_revision <= entry.mod_revision <= mod_max
        and request.min_create_revision <= entry.create_revision <= create_max
    ]


def _sorted(entries: list[Entry], request: RangeRequest) -> list[Entry]:
    descending = request.sort_order == SortOrder.DESCEND
    if request.sort_target == SortTarget.KEY and not descending:
        return entries
    # Equal entries keep the order of keys in both directions.
    return sorted(entries, key=_SORT_KEYS[request.sort_target], reverse=descending)


def _shown(entry: Entry, request: RangeRequest) -> KeyValue:
    if not request.keys_only:
        return key_value(entry)
    # Keys alone come from upstream's index, which knows no lease, unless values had to be read.
    lease = entry.value.get("lease") or 0 if request.sort_target == SortTarget.VALUE else 0
    return KeyValue(
        entry.key.encode("latin-1"),
        entry.create_revision,
        entry.mod_revision,
        entry.version,
        lease=lease,
    )


def read_range_stream(
    keyspace: Keyspace, request: RangeRequest, limits: EtcdLimits
) -> tuple[RangeResponse, ...]:
    """Answer a streamed range in chunks; the last has header, count and `more`. O(log n + m).

    Chunks begin small and double while they stay below half of a request's size.

    Raises:
        EtcdError: the revision does not exist yet, or is compacted.
    """
    if request.count_only:
        return (read_range(keyspace, request),)
    revision = keyspace.readable(request.revision)
    header = ResponseHeader(keyspace.revision)
    found = list(keyspace.entries(request.key, request.range_end, revision))
    limit = request.limit or _LIMIT_MAX
    # A negative limit is none.
    size = min(limits.range_chunk_keys_count, limit)
    chunks: list[RangeResponse] = []
    sent = 0
    while True:
        part = _sorted(_cut(found, size), request)
        more = 0 < size < len(part)
        part = part[:size] if more else part
        sent += len(part)
        kvs = tuple(_shown(entry, request) for entry in part)
        # The next chunk begins after the last key of this one, wherever sorting has put it.
        found = found[bisect_right(found, part[-1].key, key=_key_of) :] if more else []
        if not more or sent == limit:
            chunks.append(RangeResponse(header, kvs, more, sent + len(found)))
            return tuple(chunks)
        chunks.append(RangeResponse(None, kvs))
        size = _next_size(size, encoded_bytes(chunks[-1]), limits.request_bytes_max)
        size = min(size, limit - sent)


def _key_of(entry: Entry) -> str:
    return entry.key


def _next_size(keys_count: int, size_bytes: int, target_bytes: int) -> int:
    if size_bytes < target_bytes // 2:
        return keys_count * 2
    if size_bytes > target_bytes * 2:
        return max(1, keys_count // 2)
    return keys_count
