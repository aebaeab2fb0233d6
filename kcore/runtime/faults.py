"""Injected faults: refused requests, lost responses, crashes after a write, held-back watches.

A fault is data. It names the calls it applies to by a pattern over `actor/verb/resource`
(`kube-scheduler/create/pods/binding`, `*/update/deployments.apps`), which of them it hits, and
what happens. While there are none, nobody asks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Self

from kcore.errors import KcoreError
from kcore.forking import ForkMemo
from kcore.runtime.process import ActorCrashed


class Effect(Enum):
    """What a fault does to the call it hits."""

    REFUSE = "refuse"
    """The call fails before it does anything."""
    DROP_RESPONSE = "drop-response"
    """The call is done, but the caller sees it fail."""
    CRASH = "crash"
    """The call is done, and the process that made it stops right after."""


class LostResponseError(KcoreError):
    """The answer to a request was lost: the caller cannot know whether it was done."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Hits the calls number `first` to `first + count - 1` that match `calls` (1 is the first)."""

    calls: str
    effect: Effect
    first: int = 1
    count: int = 1
    error: Exception | None = None

    def raise_for(self, call: str) -> None:
        """Raise what the caller of `call` sees."""
        if self.effect is Effect.CRASH:
            raise ActorCrashed(f"after {call}")
        raise self.error if self.error is not None else LostResponseError(f"{call}: no response")


class Faults:
    """The faults of one world and how far each has counted."""

    __slots__ = ("_counts", "_faults", "_listeners", "held", "strike_calls")

    strike_calls: bool
    """Whether there is any fault to compare a call with."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._faults = tuple(faults)
        self._counts = [0] * len(self._faults)
        self.strike_calls = bool(self._faults)
        self._listeners: list[Callable[[], None]] = []
        self.held: list[str] = []
        """Patterns of watches that are held back. Informers keep the list and ask at every turn."""

    def inject(self, fault: Fault) -> None:
        """Add a fault; it counts calls from now on."""
        self._faults = (*self._faults, fault)
        self._counts.append(0)
        self.strike_calls = True
        for listener in self._listeners:
            listener()
        self._listeners.clear()

    def before_first(self, listener: Callable[[], None]) -> None:
        """Call `listener` once there is a fault, before one strikes; at once if there is one."""
        if self.strike_calls:
            listener()
        else:
            self._listeners.append(listener)

    def hold(self, watches: str) -> None:
        """Deliver no event to watches that match (`kube-scheduler/watch/pods`) until released."""
        self.held.append(watches)

    def release(self, watches: str) -> None:
        """Undo `hold` with the same pattern."""
        self.held[:] = [pattern for pattern in self.held if pattern != watches]

    def is_held(self, watch: str) -> bool:
        """Whether events of this watch are held back. O(held patterns)."""
        return any(fnmatchcase(watch, pattern) for pattern in self.held)

    def hits(self, call: str) -> tuple[Fault, ...]:
        """Count this call and return the faults that hit it. O(faults)."""
        if not self._faults:
            return ()
        hits = []
        for index, fault in enumerate(self._faults):
            if fnmatchcase(call, fault.calls):
                self._counts[index] += 1
                if fault.first <= self._counts[index] < fault.first + fault.count:
                    hits.append(fault)
        return tuple(hits)

    def fork(self, memo: ForkMemo) -> Self:
        """The same faults, counting on their own."""
        twin = type(self)(self._faults)
        twin._counts = list(self._counts)
        twin.held += self.held
        return twin
