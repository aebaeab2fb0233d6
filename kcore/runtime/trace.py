"""What happened, in order, and a running digest of it.

Two runs are the same run if and only if their digests are equal: the digest covers the time, the
actor and the words of every action, and the key, revision and content of every write.
"""

import hashlib
from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol, Self

from kcore.forking import ForkMemo

# A call of the hasher costs as much as hashing a few hundred bytes, so words are hashed together.
UNHASHED_COUNT_MAX: Final = 256


class Write(NamedTuple):
    """One committed change: `verb` create, update or delete."""

    verb: str
    key: str
    revision: int


class Action(NamedTuple):
    """One step of one process, with the writes it made."""

    time_ns: int
    process: str
    label: str
    writes: tuple[Write, ...]


_PlainWrite = tuple[str, str, int]
_PlainAction = tuple[int, str, str, tuple[_PlainWrite, ...]]


class Hasher(Protocol):
    """The part of hashlib's objects used here."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """The digest so far."""

    def copy(self) -> "Hasher":
        """An independent continuation."""


class Trace:
    """An append-only list of actions. Appending is O(1); a fork shares the past.

    Actions and writes are kept as plain tuples, which take a third of the time to make, and get
    their names when somebody reads them.
    """

    __slots__ = (
        "_actions",
        "_hasher",
        "_parent",
        "_parent_count",
        "_touched",
        "_unhashed",
        "_writes",
    )

    def __init__(self) -> None:
        self._hasher: Hasher = hashlib.blake2b(digest_size=16)
        self._parent: Trace | None = None
        self._parent_count = 0
        self._actions: list[_PlainAction] = []
        self._writes: list[_PlainWrite] = []
        self._touched: dict[str, None] = {}
        self._unhashed: list[bytes] = []

    @property
    def digest(self) -> str:
        """32 hexadecimal digits over everything so far. O(1)."""
        self._hash()
        return self._hasher.hexdigest()

    def write(self, verb: str, key: str, revision: int, content: bytes) -> None:
        """Note one committed write of the action under way. O(len(content))."""
        self._writes.append((verb, key, revision))
        self._touched[key.partition("/")[0]] = None
        self._unhashed += (f"{verb} {key} {revision} {len(content)}\n".encode(), content)

    def action(self, time_ns: int, process: str, label: str) -> None:
        """Close the action under way. O(1)."""
        writes = self._writes
        self._actions.append((time_ns, process, label, tuple(writes)))
        if writes:
            writes.clear()
        self._unhashed.append(f"{time_ns} {process} {label}\n".encode())
        if len(self._unhashed) > UNHASHED_COUNT_MAX:
            self._hash()

    def _hash(self) -> None:
        """Take in what has not been hashed yet: the digest is over all bytes, however cut."""
        self._hasher.update(b"".join(self._unhashed))
        self._unhashed.clear()

    def take_touched(self) -> tuple[str, ...]:
        """The topics written to since last asked: what stands before the `/` of each key."""
        if not self._touched:
            return ()
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def __len__(self) -> int:
        """How many actions. O(1)."""
        return self._parent_count + len(self._actions)

    def __iter__(self) -> Iterator[Action]:
        """Every action, oldest first."""
        chain: list[tuple[Trace, int]] = [(self, len(self._actions))]
        while (last := chain[-1][0])._parent is not None:
            parent = last._parent
            chain.append((parent, last._parent_count - parent._parent_count))
        for trace, count in reversed(chain):
            for time_ns, process, label, writes in trace._actions[:count]:
                yield Action(time_ns, process, label, tuple(map(Write._make, writes)))

    def fork(self, memo: ForkMemo) -> Self:
        """A trace with the same past. O(1): the parent's list is shared up to here."""
        self._hash()
        twin = type(self)()
        twin._hasher = self._hasher.copy()
        twin._parent = self
        twin._parent_count = len(self)
        twin._touched = dict(self._touched)
        return twin
