"""Random requests, lawful and not, from any source of choices.

`choose(n)` gives a number below n: from Hypothesis, which shrinks, or from a seed, which is fast.
"""

from kcore.store.etcd.lease_messages import LeaseGrantRequest, LeaseRevokeRequest
from kcore.store.etcd.messages import (
    CompactionRequest,
    Compare,
    CompareTarget,
    DeleteRangeRequest,
    PutRequest,
    RangeRequest,
    TxnRequest,
)

KEYS = (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"a\x00", b"a\xff", b"\xff", b"ab")
ENDS = (b"", b"", b"", b"\x00", b"c", b"e", b"a", b"a\x00", b"\xff", b"zz")
VALUES = (b"", b"1", b"2", b"10", b"\x00\xff", b"x" * 70)
LEASES = (0, 0, 0, 1, 2, 3)
OPERANDS = ("version", "create_revision", "mod_revision", "value", "lease")


class Requests:
    """Requests about a few keys; `revision` tells how far the store is."""

    def __init__(self, choose):
        self.choose = choose
        self.revision = 1

    def one_of(self, options):
        return options[self.choose(len(options))]

    def sometimes(self, times=4):
        return self.choose(times) == 0

    def near(self):
        """A revision: around the present, some in the past, few that cannot be."""
        return self.revision + 1 - self.choose(12)

    def request(self):
        """The next request."""
        kinds = (
            *(self.put,) * 6,
            *(self.range,) * 4,
            *(self.delete_range,) * 2,
            *(self.txn,) * 5,
            self.compact,
            self.lease_grant,
            self.lease_revoke,
        )
        return self.one_of(kinds)()

    def put(self):
        ignore_value, ignore_lease = self.sometimes(8), self.sometimes(8)
        # Some of both kinds of contradiction, too.
        value = b"" if ignore_value and not self.sometimes() else self.one_of(VALUES)
        lease = 0 if ignore_lease and not self.sometimes() else self.one_of(LEASES)
        key = b"" if self.sometimes(40) else self.one_of(KEYS)
        return PutRequest(key, value, lease, self.sometimes(), ignore_value, ignore_lease)

    def range(self):
        limit = self.one_of((0, 0, 1, 2, 3, 100))
        bounds = [0, 0, 0, 0]
        if self.sometimes():
            bounds[self.choose(4)] = max(0, self.near())
        return RangeRequest(
            self.one_of(KEYS),
            self.one_of(ENDS),
            limit,
            self.near() if self.sometimes() else 0,
            self.choose(3) if self.sometimes() else 0,
            self.choose(5) if self.sometimes() else 0,
            self.sometimes(),
            self.sometimes(6),
            self.sometimes(8),
            *bounds,
        )

    def delete_range(self):
        return DeleteRangeRequest(self.one_of(KEYS), self.one_of(ENDS), self.sometimes())

    def compare(self):
        name = self.one_of(OPERANDS)
        operand = self.one_of(VALUES) if name == "value" else max(0, self.near())
        target = OPERANDS.index(name)
        # The order of targets is not that of operands.
        order = (
            CompareTarget.VERSION,
            CompareTarget.CREATE,
            CompareTarget.MOD,
            CompareTarget.VALUE,
            CompareTarget.LEASE,
        )
        end = self.one_of(ENDS) if self.sometimes() else b""
        return Compare(
            self.choose(4),
            order[target],
            self.one_of(KEYS),
            range_end=end,
            **{name: self.choose(4) if name in ("version", "lease") else operand},
        )

    def txn(self, depth=0):
        return TxnRequest(
            tuple(self.compare() for _ in range(self.choose(3))),
            self.operations(depth),
            self.operations(depth),
        )

    def operations(self, depth):
        kinds = [self.put, self.range, self.delete_range, self.put]
        if depth < 2:
            kinds.append(lambda: self.txn(depth + 1))
        return tuple(self.one_of(kinds)() for _ in range(self.choose(4)))

    def compact(self):
        return CompactionRequest(self.near() - 3 * self.choose(3))

    def lease_grant(self):
        return LeaseGrantRequest(self.one_of((1000, 5000)), 1 + self.choose(3))

    def lease_revoke(self):
        return LeaseRevokeRequest(1 + self.choose(3))
