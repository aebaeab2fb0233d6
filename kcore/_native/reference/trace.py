"""Actions in order and a running digest of them: the readable twin of the `trace` kernel.

The digest is XXH3-128 over one text: for each write `verb topic/key revision size`, a line feed and
the content; after the writes of an action `time process label` and a line feed. A hash does not
depend on how its input is cut, so words are gathered as they come and hashed many at a time.
"""

from collections.abc import Iterator
from typing import Any, Final, Self

from xxhash import xxh3_128

# A call of the hasher costs as much as hashing a few hundred bytes.
GATHERED_COUNT_MAX: Final = 64

PlainWrite = tuple[str, str, str, int]
"""Verb, topic, key, revision."""

PlainAction = tuple[int, str, str, tuple[PlainWrite, ...]]
"""Time, process, label, writes."""


class ActionLog:
    """An append-only list of actions. Appending is O(1); a fork shares the past."""

    __slots__ = (
        "_actions",
        "_gathered",
        "_hasher",
        "_parent",
        "_parent_count",
        "_touched",
        "_writes",
    )

    def __init__(self) -> None:
        self._hasher = xxh3_128()
        self._parent: ActionLog | None = None
        self._parent_count = 0
        self._actions: list[PlainAction] = []
        self._writes: list[PlainWrite] = []
        self._touched: dict[str, None] = {}
        # What is not in the hasher yet.
        self._gathered: list[bytes] = []

    @property
    def digest(self) -> str:
        """32 hexadecimal digits over everything so far, the action under way included."""
        self._hash()
        return self._hasher.hexdigest()

    def write(self, verb: str, topic: str, key: str, revision: int, content: bytes) -> None:
        """Note one committed write of the action under way. O(len(content))."""
        head = f"{verb} {topic}/{key} {revision} {len(content)}\n"
        self._gathered += (head.encode(), content)
        self._writes.append((verb, topic, key, revision))
        self._touched[topic] = None

    def action(self, time_ns: int, process: str, label: str) -> None:
        """Close the action under way. O(1)."""
        self._gathered.append(f"{time_ns} {process} {label}\n".encode())
        writes = self._writes
        self._actions.append((time_ns, process, label, tuple(writes)))
        if writes:
            writes.clear()
        if len(self._gathered) >= GATHERED_COUNT_MAX:
            self._hash()

    def take_touched(self) -> tuple[str, ...]:
        """The topics written to since last asked, in the order of their first writes."""
        if not self._touched:
            return ()
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def __len__(self) -> int:
        """How many actions. O(1)."""
        return self._parent_count + len(self._actions)

    def plain(self) -> Iterator[PlainAction]:
        """Every closed action, oldest first."""
        chain: list[tuple[ActionLog, int]] = [(self, len(self._actions))]
        while (last := chain[-1][0])._parent is not None:
            parent = last._parent
            chain.append((parent, last._parent_count - parent._parent_count))
        for log, count in reversed(chain):
            yield from log._actions[:count]

    def fork(self, memo: Any) -> Self:
        """A log with the same past. O(1): the parent's list is shared up to here."""
        self._hash()
        twin = type(self)()
        twin._hasher = self._hasher.copy()
        twin._parent = self
        twin._parent_count = len(self)
        twin._touched = dict(self._touched)
        return twin

    def _hash(self) -> None:
        self._hasher.update(b"".join(self._gathered))
        self._gathered.clear()
