"""Structured records stamped with virtual time: what a component wants an operator to know."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self

from kcore.forking import ForkMemo
from kcore.limits import LOG_RECORDS_COUNT_MAX
from kcore.runtime.clock import Clock, VirtualClock

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a log; `fields` in the order in which they were given."""

    time_ns: int
    level: Level
    component: str
    message: str
    fields: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        """`info scheduler: bound pod=default/web node=node-1`."""
        pairs = "".join(f" {key}={value}" for key, value in self.fields)
        return f"{self.level} {self.component}: {self.message}{pairs}"


class Log:
    """The last `LOG_RECORDS_COUNT_MAX` records. Writing is O(1)."""

    __slots__ = ("_clock", "_records")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._records: deque[Record] = deque(maxlen=LOG_RECORDS_COUNT_MAX)

    def write(self, level: Level, component: str, message: str, **fields: object) -> None:
        """Add one record at the present time."""
        pairs = tuple((key, str(value)) for key, value in fields.items())
        self._records.append(Record(self._clock.now_ns(), level, component, message, pairs))

    def __iter__(self) -> Iterator[Record]:
        """Every kept record, oldest first."""
        return iter(self._records)

    def __len__(self) -> int:
        """Return how many records are kept."""
        return len(self._records)

    def fork(self, memo: ForkMemo) -> Self:
        """An empty log over the forked clock: a fork reports what happens in the fork."""
        if not isinstance(self._clock, VirtualClock):
            raise TypeError("only a world on a virtual clock can be forked")
        return type(self)(memo(self._clock))
