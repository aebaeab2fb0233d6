"""The content of one bucket: its keys, and its declared indexes kept in step.

An index is a pure function from a value to strings: a function in Python, or `Strings` of a path,
which cost a write a fraction of one. All indexes of a bucket live in one tree
(`kcore._native.reference.ledger_contents` says how). A posting holds the entry itself: reading an
index costs one descent however many entries it has, and a run of neighbouring postings tells
whether any of its entries has changed (`summaries`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Self, TypeVar

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.identity_memo import IdentityMemo
from kcore.store.history import ContentsCore, posting_key
from kcore.store.revision import KeyValue
from kcore.store.tree import Tree, load_tree, new_tree

IndexFunction = Callable[[FrozenMap], Sequence[str]]

S = TypeVar("S")

NO_INDEXES: Final[Mapping[str, IndexFunction]] = MappingProxyType({})


class Contents(ContentsCore):
    """Entries and postings; a copy costs O(1).

    `reindex`, the kernel's, brings the indexes to what a key holds now.
    """

    __slots__ = ("_summaries",)

    entries: Tree[KeyValue]
    """The entries alone; who writes them writes the indexes too (`reindex`)."""
    indexes: dict[str, IndexFunction]
    """The functions whose strings are kept; never changed, and shared by copies."""
    postings: Tree[KeyValue]
    """The entries once more, under each string that an index has for them."""

    def __init__(self, indexes: Mapping[str, IndexFunction] = NO_INDEXES) -> None:
        self.indexes = dict(indexes)
        self.entries = new_tree()
        self.postings = new_tree()
        self._summaries: IdentityMemo[Any] = IdentityMemo()

    def copy(self) -> Self:
        """Independent contents that share everything. O(1)."""
        twin = type(self).__new__(type(self))
        twin.indexes = self.indexes
        twin.entries = self.entries.copy()
        twin.postings = self.postings.copy()
        twin._summaries = self._summaries
        return twin

    def reindexed(self, indexes: Mapping[str, IndexFunction]) -> "Contents":
        """The same entries under other indexes. O(n log n)."""
        twin = Contents(indexes)
        for entry in self.range():
            twin.replace(entry.key, None, entry)
        return twin

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return len(self.entries)

    def get(self, key: str) -> KeyValue | None:
        """The entry, or None. O(log n)."""
        return self.entries.get(key)

    def range(self, start: str = "", end: str = "") -> Iterator[KeyValue]:
        """Entries with `start <= key < end` in key order. O(log n + m)."""
        return self.entries.values(start, end)

    def count(self, start: str = "", end: str = "") -> int:
        """How many keys there are with `start <= key < end`. O(log n) compiled."""
        return self.entries.count(start, end)

    def by_index(self, name: str, value: str) -> Iterator[KeyValue]:
        """Entries whose index `name` contains `value`, in key order. O(log n + m).

        Raises:
            KeyError: no such index was declared.
        """
        return self.postings.values(*self._postings_of(name, value))

    def summaries(
        self, name: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> list[S]:
        """What `summarize` says of each run of the values of `by_index`, in order.

        Where the runs end is nobody's business. `summarize` is pure and a module-level function:
        its results are remembered for runs that have not changed, so asking again after k writes
        costs O(k + runs) instead of O(m). Only for contents that are never written again.

        Raises:
            KeyError: no such index was declared.
        """
        memo = self._summaries
        found = []
        for entries, low, high in self.postings.runs(*self._postings_of(name, value)):
            aspect = (summarize, low, high)
            summary = memo.recall(entries, aspect)
            if summary is None:
                summary = summarize([entry.value for entry in entries[low:high]])
                memo.remember(entries, aspect, summary)
            found.append(summary)
        return found

    def _postings_of(self, name: str, value: str) -> tuple[str, str]:
        """Where the postings of an index value start and end."""
        if name not in self.indexes:
            raise KeyError(name)
        prefix = posting_key(name, value, "")
        # "\x01" follows the NUL that ends the prefix.
        return prefix, f"{prefix[:-1]}\x01"

    def load(self, entries: Sequence[KeyValue]) -> None:
        """Fill empty contents with entries in the order of their keys. O(n), without indexes.

        Raises:
            ValueError: two entries have one key, or they are out of order.
        """
        self.entries = load_tree((entry.key, entry) for entry in entries)
        if self.indexes:
            for entry in entries:
                self.reindex(entry.key, None, entry)

    def replace(self, key: str, old: KeyValue | None, new: KeyValue | None) -> None:
        """Let `key` hold `new` (None: nothing) instead of `old`. O(log n) per index string."""
        if new is not None:
            self.entries.set(key, new)
        elif old is not None:
            self.entries.pop(key)
        if self.indexes:
            self.reindex(key, old, new)

    def check_invariants(self) -> None:
        """Raise AssertionError when trees are broken or postings are not the functions'. O(n)."""
        self.entries.check_invariants()
        self.postings.check_invariants()
        wanted = {
            posting_key(name, value, entry.key): entry
            for name, function in self.indexes.items()
            for entry in self.range()
            for value in function(entry.value)
        }
        assert dict(self.postings.items()) == wanted, "an index has drifted from its entries"
        for key, entry in self.entries.items():
            assert key == entry.key, f"{key!r} holds the entry of {entry.key!r}"
