"""Small dense numbers for the keys of a bucket, given back when a key goes.

Numbers say nothing about the order of keys, since they are given out as objects come and are used
again; so what is selected as numbers is put back in order here. Both directions are persistent:
keys to numbers in a tree, numbers to keys in chunks of a list, of which a copy shares all. Numbers
given back are a linked list of pairs, which shares its tail with every earlier version of itself.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Self

from kcore.machinery.postings import Bitmap, Postings
from kcore.store.tree import Tree, load_tree, new_tree

CHUNK_BITS: Final = 10
CHUNK_COUNT: Final = 1 << CHUNK_BITS
_LOW: Final = CHUNK_COUNT - 1
_LIVE: Final = ""

_Free = tuple[int, "_Free"] | None


class Ids:
    """Keys and their numbers; a copy costs O(1), its first write a table of the chunks."""

    __slots__ = ("_chunks", "_end", "_free", "_is_shared", "_live", "_numbers", "_owned")

    def __init__(self) -> None:
        self._numbers: Tree[int] = new_tree()
        self._live = Postings()
        self._chunks: list[list[str]] = []
        # Numbers below the end were taken once; at one given back a stale key stands.
        self._end = 0
        self._free: _Free = None
        self._owned: set[int] = set()
        self._is_shared = False

    @classmethod
    def load(cls, keys: Iterable[str]) -> Self:
        """Numbers for keys that ascend. O(n)."""
        made, listed = cls(), list(keys)
        made._numbers = load_tree((key, number) for number, key in enumerate(listed))
        made._end = len(listed)
        made._chunks = [
            listed[start : start + CHUNK_COUNT] for start in range(0, len(listed), CHUNK_COUNT)
        ]
        made._owned = set(range(len(made._chunks)))
        for number in range(made._end):
            made._live.insert(_LIVE, None, number)
        return made

    def copy(self) -> Self:
        """Independent numbers with the same content. O(1)."""
        twin = object.__new__(type(self))
        twin._numbers = self._numbers.copy()
        twin._live = self._live.copy()
        twin._chunks = self._chunks
        twin._end = self._end
        twin._free = self._free
        twin._owned = set()
        twin._is_shared = self._is_shared = True
        return twin

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return len(self._numbers)

    @property
    def live(self) -> Bitmap:
        """All numbers in use. O(1)."""
        return self._live.present(_LIVE)

    def number(self, key: str) -> int | None:
        """The number of a key, or None. O(log n)."""
        return self._numbers.get(key)

    def key(self, number: int) -> str:
        """The key of a number in use. O(1)."""
        return self._chunks[number >> CHUNK_BITS][number & _LOW]

    def take(self, key: str) -> int:
        """A number for a key that has none. O(log n)."""
        if self._free is None:
            number = self._end
            self._end += 1
        else:
            number, self._free = self._free
        chunk = self._writable(number >> CHUNK_BITS)
        if number & _LOW == len(chunk):
            chunk.append(key)
        else:
            chunk[number & _LOW] = key
        self._numbers.set(key, number)
        self._live.insert(_LIVE, None, number)
        return number

    def release(self, key: str) -> int:
        """Give back the number of a key, which is returned. O(log n).

        Raises:
            KeyError: the key has none.
        """
        number = self._numbers.pop(key)
        self._live.remove(_LIVE, None, number)
        self._free = (number, self._free)
        return number

    def in_key_order(self, numbers: Bitmap) -> list[str]:
        """The keys of some numbers, sorted. O(m log m)."""
        chunks = self._chunks
        return sorted([chunks[number >> CHUNK_BITS][number & _LOW] for number in numbers])

    def numbers(self, start: str = "", end: str = "") -> Iterator[int]:
        """Numbers of the keys with `start <= key < end`, in key order. O(log n + m)."""
        return self._numbers.values(start, end)

    def count(self, start: str = "", end: str = "") -> int:
        """How many keys there are with `start <= key < end`. O(log n) compiled."""
        return self._numbers.count(start, end)

    def check_invariants(self) -> None:
        """Raise AssertionError when keys and numbers are not each other's. O(n)."""
        self._numbers.check_invariants()
        self._live.check_invariants()
        free: list[int] = []
        link = self._free
        while link is not None:
            free.append(link[0])
            link = link[1]
        used = list(self.numbers())
        assert sorted(used) == self.live.ids(), "a number in use is not live"
        assert sorted([*used, *free]) == list(range(self._end)), "a number is lost or held twice"
        for key, number in self._numbers.items():
            assert self.key(number) == key, f"{number} is the number of two keys"

    def _writable(self, chunk: int) -> list[str]:
        if self._is_shared:
            self._chunks = list(self._chunks)
            self._owned = set()
            self._is_shared = False
        if chunk == len(self._chunks):
            self._chunks.append([])
            self._owned.add(chunk)
        elif chunk not in self._owned:
            self._chunks[chunk] = list(self._chunks[chunk])
            self._owned.add(chunk)
        return self._chunks[chunk]
