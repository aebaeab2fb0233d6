"""What a bucket holds, and its indexes kept in step: a part of the twin of the `ledger` kernel.

An index is a pure function from a value to strings. All indexes of a bucket live in one tree
whose keys read `name NUL length NUL value NUL key`. The length makes a value's postings one range
whatever characters it contains. A posting holds the entry itself: reading an index costs one
descent however many entries it has. The price is one more write per string of a written value.
"""

from collections.abc import Callable, Sequence
from typing import Any

from kcore._native.reference.ledger_log import Entry

_NOTHING: tuple[str, ...] = ()


def posting_key(name: str, value: str, key: str, /) -> str:
    """Where the entry of `key` stands among the postings, if index `name` gives it `value`."""
    for part in (name, value, key):
        if not isinstance(part, str):
            raise TypeError(f"postings are of str, not {type(part).__name__}")
    return f"{name}\x00{len(value)}\x00{value}\x00{key}"


class ContentsCore:
    """The fields of a bucket's content that writes go through, and the upkeep of its indexes."""

    __slots__ = ("entries", "indexes", "postings")

    entries: Any
    """A tree from keys to entries."""
    indexes: dict[str, Callable[[Any], Sequence[str]]]
    """The functions whose strings are kept."""
    postings: Any
    """A tree from posting keys to entries."""

    def reindex(self, key: str, old: Entry[Any] | None, new: Entry[Any] | None, /) -> None:
        """Bring the indexes to the entry of `key`, which was `old`. O(log n) per string."""
        for name, function in self.indexes.items():
            before = _NOTHING if old is None else function(old.value)
            after = _NOTHING if new is None else function(new.value)
            # Nearly always one string or none, and the same as before.
            if before != after:
                for value in dict.fromkeys(before):
                    if value not in after:
                        self.postings.pop(posting_key(name, value, key))
            if new is not None:
                for value in after:
                    self.postings.set(posting_key(name, value, key), new)
