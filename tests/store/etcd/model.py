"""etcd, slow and obvious: a full copy of everything for every revision, requests read literally."""

from dataclasses import replace

from kcore.store.etcd import errors
from kcore.store.etcd.errors import EtcdError
from kcore.store.etcd.lease_messages import (
    LeaseGrantRequest,
    LeaseGrantResponse,
    LeaseRevokeRequest,
    LeaseRevokeResponse,
)
from kcore.store.etcd.messages import (
    CompactionRequest,
    CompactionResponse,
    DeleteRangeRequest,
    DeleteRangeResponse,
    KeyValue,
    PutRequest,
    PutResponse,
    RangeRequest,
    RangeResponse,
    ResponseHeader,
    TxnRequest,
    TxnResponse,
)

SORT_FIELDS = ("key", "version", "create_revision", "mod_revision", "value")
COMPARE_FIELDS = ("version", "create_revision", "mod_revision", "value", "lease")
RELATIONS = (
    lambda left, right: left == right,
    lambda left, right: left > right,
    lambda left, right: left < right,
    lambda left, right: left != right,
)


def within(key, start, end):
    if end == b"":
        return key == start
    return key >= start and (end == b"\x00" or key < end)


class Model:
    """All states there ever were; a running transaction works on a copy, `next`."""

    def __init__(self):
        self.states = [{}, {}]  # by revision; 0 is never
        self.next = None
        self.compacted = -1
        self.leases = {}
        self.changes = []  # (revision, key, new or None, old one revision before or None)

    @property
    def revision(self):
        return len(self.states) - 1

    @property
    def state(self):
        return self.states[-1] if self.next is None else self.next

    @property
    def now(self):
        """The revision that reads show: the next one as soon as something was written."""
        changed = self.next is not None and self.dirty
        return self.revision + changed

    def answer(self, request):
        """The response, or the refusal with nothing changed."""
        self.check(request)
        if isinstance(request, (RangeRequest, CompactionRequest, LeaseGrantRequest)):
            return self.do(request)
        branch = self.prepare(request)
        self.next, self.dirty, self.pending = dict(self.states[-1]), False, []
        try:
            response = self.run(branch)
        finally:
            if self.dirty:
                self.states.append(self.next)
                self.changes += self.pending
            self.next = None
        return response

    # What is refused unseen.

    def check(self, request, room=128):
        key = getattr(request, "key", b"-")
        if key == b"":
            raise EtcdError(errors.EMPTY_KEY)
        if isinstance(request, PutRequest):
            if request.ignore_value and request.value:
                raise EtcdError(errors.VALUE_PROVIDED)
            if request.ignore_lease and request.lease:
                raise EtcdError(errors.LEASE_PROVIDED)
        if isinstance(request, TxnRequest):
            self.check_txn(request, room)
            for branch in (request.success, request.failure):
                self.writes(branch)

    def check_txn(self, request, room):
        for operation in (*request.success, *request.failure):
            if isinstance(operation, TxnRequest):
                self.check_txn(operation, room)
            else:
                self.check(operation, room)

    def writes(self, operations):
        """Keys put, and ranges deleted, at any depth; twice the same is refused."""
        deleted = [(o.key, o.range_end) for o in operations if isinstance(o, DeleteRangeRequest)]
        put = []

        def add(key, unless=()):
            hit = any(key == start if end == b"" else start <= key < end for start, end in deleted)
            if hit or (key in put and key not in unless):
                raise EtcdError(errors.DUPLICATE_KEY)
            put.append(key)

        for operation in operations:
            if isinstance(operation, TxnRequest):
                then, then_deleted = self.writes(operation.success)
                other, other_deleted = self.writes(operation.failure)
                for key in dict.fromkeys(then):
                    add(key)
                for key in dict.fromkeys(other):
                    add(key, unless=then)
                deleted += then_deleted + other_deleted
        for operation in operations:
            if isinstance(operation, PutRequest):
                add(operation.key)
        return put, deleted

    # What is refused for what the store holds, before anything is written.

    def prepare(self, request):
        if isinstance(request, TxnRequest):
            success = all(self.holds(compare) for compare in request.compare)
            chosen = request.success if success else request.failure
            branch = (success, [self.choose(operation) for operation in chosen])
            self.require(branch)
            return branch
        self.require((True, [request]))
        return request

    def choose(self, operation):
        if not isinstance(operation, TxnRequest):
            return operation
        success = all(self.holds(compare) for compare in operation.compare)
        chosen = operation.success if success else operation.failure
        return (success, [self.choose(one) for one in chosen])

    def require(self, branch):
        for operation in branch[1]:
            if isinstance(operation, tuple):
                self.require(operation)
            if isinstance(operation, RangeRequest) and operation.revision:
                if operation.revision > self.revision:
                    raise EtcdError(errors.FUTURE_REVISION)
                if operation.revision < self.compacted:
                    raise EtcdError(errors.COMPACTED)
            if isinstance(operation, PutRequest):
                if operation.lease and operation.lease not in self.leases:
                    raise EtcdError(errors.LEASE_NOT_FOUND)
                keeps = operation.ignore_value or operation.ignore_lease
                if keeps and operation.key not in self.state:
                    raise EtcdError(errors.KEY_NOT_FOUND)
            if isinstance(operation, LeaseRevokeRequest) and operation.id not in self.leases:
                raise EtcdError(errors.LEASE_NOT_FOUND)

    def holds(self, compare):
        field = COMPARE_FIELDS[compare.target]
        operand = getattr(compare, field)
        found = [
            kv for key, kv in self.state.items() if within(key, compare.key, compare.range_end)
        ]
        if not found:
            found = [] if field == "value" else [KeyValue()]
            if not found:
                return False
        return all(RELATIONS[compare.result](getattr(kv, field), operand) for kv in found)

    # What is done.

    def run(self, branch):
        if isinstance(branch, tuple):
            responses = tuple(self.run_operation(operation) for operation in branch[1])
            return TxnResponse(ResponseHeader(self.now), branch[0], responses)
        return self.do(branch)

    def run_operation(self, operation):
        if isinstance(operation, tuple):
            return replace(self.run(operation), header=ResponseHeader(0))
        return self.do(operation)

    def do(self, request):
        return getattr(self, type(request).__name__.removesuffix("Request"))(request)

    def write(self, key, kv):
        old = self.states[-1].get(key)
        self.pending.append((self.revision + 1, key, kv, old))
        self.dirty = True
        if kv is None:
            del self.next[key]
        else:
            self.next[key] = kv

    def Put(self, request):  # noqa: N802 - named for the request
        old = self.state.get(request.key)
        revision = self.revision + 1
        # Nothing to keep when the same transaction deleted the key before; etcd would crash.
        kept = old or KeyValue(value=request.value, lease=request.lease)
        kv = KeyValue(
            request.key,
            old.create_revision if old else revision,
            revision,
            kept.version + 1,
            kept.value if request.ignore_value else request.value,
            kept.lease if request.ignore_lease else request.lease,
        )
        self.write(request.key, kv)
        return PutResponse(ResponseHeader(revision), old if request.prev_kv else None)

    def DeleteRange(self, request):  # noqa: N802
        keys = sorted(key for key in self.state if within(key, request.key, request.range_end))
        old = tuple(self.state[key] for key in keys)
        for key in keys:
            self.write(key, None)
        shown = old if request.prev_kv else ()
        return DeleteRangeResponse(ResponseHeader(self.now), len(keys), shown)

    def Range(self, request):  # noqa: N802
        asked = request.revision if request.revision > 0 else self.now
        if asked > self.now:
            raise EtcdError(errors.FUTURE_REVISION)
        if asked < self.compacted:
            raise EtcdError(errors.COMPACTED)
        state = self.state if asked == self.now else self.states[asked]
        header = ResponseHeader(self.now)
        kvs = [state[key] for key in sorted(state) if within(key, request.key, request.range_end)]
        count = len(kvs)
        if request.count_only:
            return RangeResponse(header, (), False, count)
        bounds = (
            ("mod_revision", request.min_mod_revision, request.max_mod_revision),
            ("create_revision", request.min_create_revision, request.max_create_revision),
        )
        filtered = any(low or high for _, low, high in bounds)
        plain = request.sort_order == 0 or (request.sort_target == 0 and request.sort_order == 1)
        if request.limit > 0 and plain and not filtered:
            kvs = kvs[: request.limit + 1]
        for field, low, high in bounds:
            kvs = [kv for kv in kvs if getattr(kv, field) >= low]
            kvs = [kv for kv in kvs if not high or getattr(kv, field) <= high]
        kvs.sort(
            key=lambda kv: getattr(kv, SORT_FIELDS[request.sort_target]),
            reverse=request.sort_order == 2,
        )
        more = 0 < request.limit < len(kvs)
        kvs = kvs[: request.limit] if more else kvs
        if request.keys_only:
            by_value = request.sort_target == 4
            kvs = [replace(kv, value=b"", lease=kv.lease if by_value else 0) for kv in kvs]
        return RangeResponse(header, tuple(kvs), more, count)

    def Compaction(self, request):  # noqa: N802
        if request.revision <= self.compacted:
            raise EtcdError(errors.COMPACTED)
        if request.revision > self.revision:
            raise EtcdError(errors.FUTURE_REVISION)
        self.compacted = request.revision
        return CompactionResponse(ResponseHeader(self.revision))

    def LeaseGrant(self, request):  # noqa: N802
        if request.id in self.leases:
            raise EtcdError(errors.LEASE_EXISTS)
        self.leases[request.id] = request.ttl
        return LeaseGrantResponse(ResponseHeader(self.revision), request.id, request.ttl)

    def LeaseRevoke(self, request):  # noqa: N802
        del self.leases[request.id]
        for key in sorted(key for key, kv in self.state.items() if kv.lease == request.id):
            self.write(key, None)
        return LeaseRevokeResponse(ResponseHeader(self.now))
