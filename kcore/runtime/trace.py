"""What happened, in order, and a running digest of it; the door to the `trace` kernel.

Two runs are the same run if and only if their digests are equal: the digest covers the time, the
actor and the words of every action, and the key, revision and content of every write.
"""

from collections.abc import Iterator
from typing import NamedTuple

from kcore import _native

ActionLog = _native.trace.ActionLog


class Write(NamedTuple):
    """One committed change: `verb` create, update or delete; the key begins with its topic."""

    verb: str
    key: str
    revision: int


class Action(NamedTuple):
    """One step of one process, with the writes it made."""

    time_ns: int
    process: str
    label: str
    writes: tuple[Write, ...]


class Trace(ActionLog):
    """An append-only list of actions. Appending is O(1); a fork shares the past.

    The kernel keeps actions and writes as plain tuples; they get their names when somebody reads
    them.
    """

    __slots__ = ()

    def __iter__(self) -> Iterator[Action]:
        """Every action, oldest first."""
        for time_ns, process, label, writes in self.plain():
            named = (Write(verb, f"{topic}/{key}", number) for verb, topic, key, number in writes)
            yield Action(time_ns, process, label, tuple(named))
