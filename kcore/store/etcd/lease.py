"""Leases: ids with a time to live; what a lease holds is deleted when it ends.

Which keys a lease holds is the keyspace's knowledge. Time is the virtual clock's, and a lease ends
exactly at its deadline: upstream looks twice a second, which nobody may rely on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.runtime.clock import SECOND_NS, Clock
from kcore.runtime.timers import Timers
from kcore.store.etcd.errors import (
    LEASE_EXISTS,
    LEASE_NOT_FOUND,
    LEASE_TTL_TOO_LARGE,
    EtcdError,
)
from kcore.store.etcd.limits import EtcdLimits

# Where ids begin that nobody asked for; far from the small ones that people choose.
CHOSEN_ID_FIRST: Final = 1 << 60

# The end of the clock's time, in 2262: later deadlines are as good as this one.
_TIME_NS_MAX: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Lease:
    """One lease. `ttl_s` is what it was granted and gets again with each renewal."""

    id: int
    ttl_s: int
    deadline_ns: int


class Lessor:
    """All leases of a server."""

    __slots__ = ("_deadlines", "_leases", "_limits", "_next_id")

    def __init__(self, limits: EtcdLimits) -> None:
        self._limits = limits
        self._leases: dict[int, Lease] = {}
        self._deadlines = Timers()
        self._next_id = CHOSEN_ID_FIRST

    def __contains__(self, lease: int) -> bool:
        """Whether there is such a lease. O(1)."""
        return lease in self._leases

    def __len__(self) -> int:
        """Return how many leases there are. O(1)."""
        return len(self._leases)

    def __iter__(self) -> Iterator[Lease]:
        """Leases, the one that expires first first. O(n log n)."""
        return iter(sorted(self._leases.values(), key=lambda one: (one.deadline_ns, one.id)))

    def get(self, lease: int) -> Lease | None:
        """The lease, or None. O(1)."""
        return self._leases.get(lease)

    def grant(self, lease: int, ttl_s: int, clock: Clock) -> Lease:
        """Make a lease; an id of 0 is chosen, a TTL below the minimum raised to it. O(log n).

        Raises:
            EtcdError: the TTL is too large, or the id taken.
        """
        if ttl_s > self._limits.lease_ttl_s_max:
            raise EtcdError(LEASE_TTL_TOO_LARGE)
        chosen = lease or self._choose_id()
        if chosen in self._leases:
            raise EtcdError(LEASE_EXISTS)
        granted = max(ttl_s, self._limits.lease_ttl_s_min)
        return self._start(Lease(chosen, granted, 0), clock)

    def renew(self, lease: int, clock: Clock) -> Lease | None:
        """Start a lease's time anew; None if there is no such lease. O(log n)."""
        found = self._leases.get(lease)
        return None if found is None else self._start(found, clock)

    def end(self, lease: int) -> None:
        """Forget a lease. O(log n).

        Raises:
            EtcdError: there is no such lease.
        """
        if self._leases.pop(lease, None) is None:
            raise EtcdError(LEASE_NOT_FOUND)
        self._deadlines.discard(str(lease))

    def first_deadline_ns(self) -> int | None:
        """When the next lease expires; None when there is none. O(1)."""
        return self._deadlines.next_deadline_ns()

    def pop_expired(self, now_ns: int) -> int | None:
        """The id of the lease that expired first by now, which must be ended. O(log n)."""
        key = self._deadlines.pop_due(now_ns)
        return None if key is None else int(key)

    def restart(self, clock: Clock) -> None:
        """Start the time of every lease anew. O(n log n)."""
        for lease in tuple(self):
            self._start(lease, clock)

    def restore(self, leases: Iterable[tuple[int, int]], clock: Clock) -> None:
        """Take over saved leases as (id, TTL in seconds); their time starts anew."""
        for lease, ttl_s in leases:
            self.grant(lease, ttl_s, clock)

    def _start(self, lease: Lease, clock: Clock) -> Lease:
        started = replace(lease, deadline_ns=clock.now_ns() + lease.ttl_s * SECOND_NS)
        self._leases[lease.id] = started
        self._deadlines.set(str(lease.id), min(started.deadline_ns, _TIME_NS_MAX))
        return started

    def _choose_id(self) -> int:
        while self._next_id in self._leases:
            self._next_id += 1
        self._next_id += 1
        return self._next_id - 1

    def fork(self, memo: ForkMemo) -> Self:
        """Independent leases. O(n)."""
        twin = type(self)(self._limits)
        twin._leases = dict(self._leases)
        twin._deadlines = memo(self._deadlines)
        twin._next_id = self._next_id
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError when a deadline is not scheduled. O(n)."""
        self._deadlines.check_invariants()
        assert len(self._deadlines) == len(self._leases)
        for lease, found in self._leases.items():
            assert lease == found.id
            assert self._deadlines.get(str(lease)) == min(found.deadline_ns, _TIME_NS_MAX)
            assert self._limits.lease_ttl_s_min <= found.ttl_s <= self._limits.lease_ttl_s_max
