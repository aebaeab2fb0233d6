"""What happened, in order, and a running digest of it.

Two runs are the same run if and only if their digests are equal: the digest covers the time, the
actor and the words of every action, and the key, revision and content of every write.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol, Self

from kcore.forking import ForkMemo

# Words are made and hashed for so many actions together: a call of the hasher costs as much as
# hashing a few hundred bytes, and what is done many times in a row is done faster.
UNHASHED_COUNT_MAX: Final = 64


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
        "_contents",
        "_hashed_count",
        "_hasher",
        "_parent",
        "_parent_count",
        "_touched",
        "_writes",
    )

    def __init__(self) -> None:
        self._hasher: Hasher = hashlib.blake2b(digest_size=16)
        self._parent: Trace | None = None
        self._parent_count = 0
        self._actions: list[_PlainAction] = []
        self._writes: list[_PlainWrite] = []
        self._touched: dict[str, None] = {}
        # How many actions are in the hasher, and what was written since.
        self._hashed_count = 0
        self._contents: list[bytes] = []

    @property
    def digest(self) -> str:
        """32 hexadecimal digits over everything so far. O(1)."""
        return self._hasher_now().hexdigest()

    def write(self, verb: str, key: str, revision: int, content: bytes) -> None:
        """Note one committed write of the action under way. O(len(content))."""
        self._writes.append((verb, key, revision))
        self._contents.append(content)
        self._touched[key.partition("/")[0]] = None

    def action(self, time_ns: int, process: str, label: str) -> None:
        """Close the action under way. O(1)."""
        writes, actions = self._writes, self._actions
        actions.append((time_ns, process, label, tuple(writes)))
        if writes:
            writes.clear()
        if len(actions) - self._hashed_count >= UNHASHED_COUNT_MAX:
            self._hash()

    def _hash(self) -> None:
        """Take in closed actions and their writes: the digest is over all bytes, however cut."""
        actions, contents = self._actions, self._contents
        parts: list[bytes] = []
        place = 0
        for number in range(self._hashed_count, len(actions)):
            time_ns, process, label, writes = actions[number]
            if writes:
                end = place + len(writes)
                parts += _words(writes, contents[place:end])
                place = end
            parts.append(f"{time_ns} {process} {label}\n".encode())
        self._hasher.update(b"".join(parts))
        self._hashed_count = len(actions)
        del contents[:place]

    def _hasher_now(self) -> Hasher:
        """A hasher of its own over everything so far, the action under way included."""
        self._hash()
        hasher = self._hasher.copy()
        hasher.update(b"".join(_words(self._writes, self._contents)))
        return hasher

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
        twin = type(self)()
        twin._hasher = self._hasher_now()
        twin._parent = self
        twin._parent_count = len(self)
        twin._touched = dict(self._touched)
        return twin


def _words(writes: Sequence[_PlainWrite], contents: Sequence[bytes]) -> list[bytes]:
    """What the digest takes in of writes."""
    words: list[bytes] = []
    for (verb, key, revision), content in zip(writes, contents, strict=True):
        words += (f"{verb} {key} {revision} {len(content)}\n".encode(), content)
    return words
