"""The content of one bucket: its keys, and its declared indexes kept in step.

An index is a pure function from a value to strings. All indexes of a bucket live in one tree
whose keys read `name NUL length NUL value NUL key`. The length makes a value's postings one range
whatever characters it contains. A posting holds nothing: the entry is read from the keys' tree,
so a write that changes no indexed string touches no posting.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Self

from kcore.machinery.frozen import FrozenMap
from kcore.store.revision import KeyValue
from kcore.store.tree import Tree, new_tree

IndexFunction = Callable[[FrozenMap], Iterable[str]]

NO_INDEXES: Final[Mapping[str, IndexFunction]] = MappingProxyType({})


class Contents:
    """Entries and postings; a copy costs O(1)."""

    __slots__ = ("_entries", "_indexes", "_postings")

    def __init__(self, indexes: Mapping[str, IndexFunction] = NO_INDEXES) -> None:
        self._indexes = indexes
        self._entries: Tree[KeyValue] = new_tree()
        self._postings: Tree[str] = new_tree()

    def copy(self) -> Self:
        """Independent contents that share everything. O(1)."""
        twin = object.__new__(type(self))
        twin._indexes = self._indexes
        twin._entries = self._entries.copy()
        twin._postings = self._postings.copy()
        return twin

    def reindexed(self, indexes: Mapping[str, IndexFunction]) -> "Contents":
        """The same entries under other indexes. O(n log n)."""
        twin = Contents(indexes)
        for entry in self.range():
            twin.replace(entry.key, None, entry)
        return twin

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return len(self._entries)

    def get(self, key: str) -> KeyValue | None:
        """The entry, or None. O(log n)."""
        return self._entries.get(key)

    def range(self, start: str = "", end: str = "") -> Iterator[KeyValue]:
        """Entries with `start <= key < end` in key order. O(log n + m)."""
        for _, entry in self._entries.items(start, end):
            yield entry

    def by_index(self, name: str, value: str) -> Iterator[KeyValue]:
        """Entries whose index `name` contains `value`, in key order. O(log n + m log n).

        Raises:
            KeyError: no such index was declared.
        """
        if name not in self._indexes:
            raise KeyError(name)
        prefix = _prefix(name, value)
        # "\x01" follows the NUL that ends the prefix.
        for _, key in self._postings.items(prefix, f"{prefix[:-1]}\x01"):
            entry = self._entries.get(key)
            if entry is not None:
                yield entry

    def replace(self, key: str, old: KeyValue | None, new: KeyValue | None) -> None:
        """Let `key` hold `new` (None: nothing) instead of `old`. O(log n) per index string."""
        if new is not None:
            self._entries.set(key, new)
        elif old is not None:
            self._entries.pop(key)
        if self._indexes and (old is None or new is None or old.value is not new.value):
            self._reindex(key, old, new)

    def _reindex(self, key: str, old: KeyValue | None, new: KeyValue | None) -> None:
        for name, function in self._indexes.items():
            # Dicts, not sets: the order of strings in a set differs from process to process.
            before = {} if old is None else dict.fromkeys(function(old.value))
            after = {} if new is None else dict.fromkeys(function(new.value))
            if before == after:
                continue
            for value in before:
                if value not in after:
                    self._postings.pop(_prefix(name, value) + key)
            for value in after:
                if value not in before:
                    self._postings.set(_prefix(name, value) + key, key)

    def check_invariants(self) -> None:
        """Raise AssertionError when trees are broken or postings are not the functions'. O(n)."""
        self._entries.check_invariants()
        self._postings.check_invariants()
        wanted = {
            _prefix(name, value) + entry.key: entry.key
            for name, function in self._indexes.items()
            for entry in self.range()
            for value in function(entry.value)
        }
        assert dict(self._postings.items()) == wanted, "an index has drifted from its entries"
        for key, entry in self._entries.items():
            assert key == entry.key, f"{key!r} holds the entry of {entry.key!r}"


def _prefix(name: str, value: str) -> str:
    return f"{name}\x00{len(value)}\x00{value}\x00"
