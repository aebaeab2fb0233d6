"""Sets of small integers, and maps from texts to such sets: the twin of the `postings` kernel.

A `Bitmap` is cut into chunks of 65,536 ids; here a chunk is one Python integer, whose bits are the
ids. `Postings` hold a bitmap per key and one per key and value. In `env: prod` the key is `env`:

    env   {1, 2, 3, 9}      ids that have the key
      prod  {1, 2}          ids that have it with this value
      dev   {3}             (9 has the key with a value that is no text)

Values that are null count as absent. The compiled kernel stores small chunks as sorted arrays, and
copies paths instead of everything; the answers are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self, final

CHUNK_BITS: Final = 16
_LOW: Final = (1 << CHUNK_BITS) - 1
_ID_LIMIT: Final = 1 << 32


def _id(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"an id must be int, not {type(value).__name__}")
    if not 0 <= value < _ID_LIMIT:
        raise OverflowError("an id must be in [0, 2**32)")
    return int(value)


def _bits(word: int) -> Iterator[int]:
    """The places of the bits that are set, in order."""
    for index, byte in enumerate(word.to_bytes((word.bit_length() + 7) // 8, "little")):
        while byte:
            lowest = byte & -byte
            yield index * 8 + lowest.bit_length() - 1
            byte ^= lowest  # noqa: PLW2901


@final
class Bitmap:
    """An immutable set of ids in [0, 2**32), in order."""

    __slots__ = ("_chunks",)

    _chunks: dict[int, int]

    def __new__(cls, ids: Iterable[int] = (), /) -> Self:
        """From ids in any order."""
        chunks: dict[int, bytearray] = {}
        for value in ids:
            number = _id(value)
            chunk = chunks.get(number >> CHUNK_BITS)
            if chunk is None:
                chunk = chunks[number >> CHUNK_BITS] = bytearray((_LOW + 1) // 8)
            chunk[(number & _LOW) >> 3] |= 1 << (number & 7)
        return cls._of({high: int.from_bytes(chunk, "little") for high, chunk in chunks.items()})

    @classmethod
    def _of(cls, chunks: Mapping[int, int]) -> Self:
        made = object.__new__(cls)
        made._chunks = {high: chunks[high] for high in sorted(chunks) if chunks[high]}
        return made

    def __len__(self) -> int:
        return sum(chunk.bit_count() for chunk in self._chunks.values())

    def __bool__(self) -> bool:
        return bool(self._chunks)

    def __contains__(self, value: int, /) -> bool:
        number = _id(value)
        return bool(self._chunks.get(number >> CHUNK_BITS, 0) >> (number & _LOW) & 1)

    def __iter__(self) -> Iterator[int]:
        for high, chunk in self._chunks.items():
            for low in _bits(chunk):
                yield high << CHUNK_BITS | low

    def __eq__(self, other: object, /) -> bool:
        return self._chunks == other._chunks if isinstance(other, Bitmap) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Bitmap of {len(self)} ids>"

    def __reduce__(self) -> tuple[Any, ...]:
        return Bitmap, (list(self),)

    def __and__(self, other: Self, /) -> Self:
        if not isinstance(other, Bitmap):
            return NotImplemented
        return self._of({high: self._chunk(high) & other._chunk(high) for high in self._chunks})

    def __or__(self, other: Self, /) -> Self:
        if not isinstance(other, Bitmap):
            return NotImplemented
        return self.union((self, other))

    def __sub__(self, other: Self, /) -> Self:
        if not isinstance(other, Bitmap):
            return NotImplemented
        return self._of({high: self._chunk(high) & ~other._chunk(high) for high in self._chunks})

    def __xor__(self, other: Self, /) -> Self:
        if not isinstance(other, Bitmap):
            return NotImplemented
        highs = self._chunks | other._chunks
        return self._of({high: self._chunk(high) ^ other._chunk(high) for high in highs})

    def _chunk(self, high: int) -> int:
        return self._chunks.get(high, 0)

    def with_id(self, value: int, /) -> Self:
        """The same and this id."""
        number = _id(value)
        high = number >> CHUNK_BITS
        return self._of({**self._chunks, high: self._chunk(high) | 1 << (number & _LOW)})

    def without_id(self, value: int, /) -> Self:
        """The same without this id."""
        number = _id(value)
        high = number >> CHUNK_BITS
        return self._of({**self._chunks, high: self._chunk(high) & ~(1 << (number & _LOW))})

    def rank(self, value: int, /) -> int:
        """How many ids are below this one."""
        number = _id(value)
        own = number >> CHUNK_BITS
        below = sum(chunk.bit_count() for high, chunk in self._chunks.items() if high < own)
        return below + (self._chunk(own) & ((1 << (number & _LOW)) - 1)).bit_count()

    def select(self, position: int, /) -> int:
        """The id that `position` others are below.

        Raises:
            IndexError: there are no more than `position` ids.
        """
        if position >= 0:
            for found, number in enumerate(self):
                if found == position:
                    return number
        raise IndexError("no id at this position")

    def ids(self, start: int = 0, limit: int = 0, /) -> list[int]:
        """Ids from `start` on, in order, at most `limit` (0: all)."""
        first = _id(start)
        if limit < 0:
            raise ValueError("a limit must not be negative")
        found = [number for number in self if number >= first]
        return found[:limit] if limit else found

    def count_both(self, other: "Bitmap", /) -> int:
        """How many ids are in both, without making them."""
        if not isinstance(other, Bitmap):
            raise TypeError("count_both() takes a Bitmap")
        return len(self & other)

    @classmethod
    def union(cls, bitmaps: Iterable["Bitmap"], /) -> Self:
        """Everything in any of the bitmaps."""
        chunks: dict[int, int] = {}
        for bitmap in bitmaps:
            if not isinstance(bitmap, Bitmap):
                raise TypeError("union() takes bitmaps")
            for high, chunk in bitmap._chunks.items():
                chunks[high] = chunks.get(high, 0) | chunk
        return cls._of(chunks)

    def check_invariants(self) -> None:
        """Raise AssertionError when it is broken. O(n)."""
        assert list(self._chunks) == sorted(self._chunks), "chunks are out of order"
        assert all(0 < chunk < 1 << (1 << CHUNK_BITS) for chunk in self._chunks.values())


_EMPTY: Final = Bitmap()

# By value; None is the key alone.
_Entry = dict[str | None, Bitmap]


@final
class Postings:
    """Sets of ids by key, and by key and value. A copy costs O(1), its first write O(pairs)."""

    __slots__ = ("_is_shared", "_keys")

    def __init__(self) -> None:
        self._keys: dict[str, _Entry] = {}
        self._is_shared = False

    def copy(self) -> Self:
        """Independent postings with the same content. O(1)."""
        twin = type(self)()
        twin._keys = self._keys
        twin._is_shared = self._is_shared = True
        return twin

    def add(self, value: int, pairs: Mapping[str, Any] | None, /) -> None:
        """Put the id under each key and each key with its value."""
        self.replace(value, None, pairs)

    def discard(self, value: int, pairs: Mapping[str, Any] | None, /) -> None:
        """Take the id out of each key and key with value."""
        self.replace(value, pairs, None)

    def replace(
        self, value: int, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, /
    ) -> None:
        """Discard pairs of before, add those of after; what is in both costs nothing."""
        number = _id(value)
        old, new = _pairs(before), _pairs(after)
        for key, text in old.items():
            if key not in new or new[key] != text:
                self._edit(key, None, number, adds=False)
                if text is not None:
                    self._edit(key, text, number, adds=False)
        for key, text in new.items():
            if key not in old or old[key] != text:
                self._edit(key, None, number, adds=True)
                if text is not None:
                    self._edit(key, text, number, adds=True)

    def insert(self, key: str, value: str | None, number: int, /) -> None:
        """Put the id under a key with a value, or (None) under the key alone."""
        self._edit(_text(key, "key"), _text_or_none(value), _id(number), adds=True)

    def remove(self, key: str, value: str | None, number: int, /) -> None:
        """Undo `insert`."""
        self._edit(_text(key, "key"), _text_or_none(value), _id(number), adds=False)

    def _edit(self, key: str, value: str | None, number: int, *, adds: bool) -> None:
        if self._is_shared:
            self._keys = {known: dict(entry) for known, entry in self._keys.items()}
            self._is_shared = False
        entry = self._keys.setdefault(key, {})
        bitmap = entry.pop(value, _EMPTY)
        bitmap = bitmap.with_id(number) if adds else bitmap.without_id(number)
        if bitmap:
            entry[value] = bitmap
        if not entry:
            del self._keys[key]

    def get(self, key: str, value: str, /) -> Bitmap:
        """The ids under a key with a value."""
        return self._keys.get(_text(key, "key"), {}).get(_text(value, "value"), _EMPTY)

    def present(self, key: str, /) -> Bitmap:
        """The ids under the key alone."""
        return self._keys.get(_text(key, "key"), {}).get(None, _EMPTY)

    def keys(self) -> list[str]:
        """All keys, sorted."""
        return sorted(self._keys)

    def values(self, key: str, /) -> list[str]:
        """All values of a key, sorted."""
        return sorted(value for value in self._keys.get(_text(key, "key"), {}) if value is not None)

    def hits(self, pairs: Mapping[str, Any] | None, /) -> list[int]:
        """Ids under any of the keys, or keys with values, in order."""
        found = [
            entry[value]
            for key, text in _pairs(pairs).items()
            if (entry := self._keys.get(key))
            for value in dict.fromkeys((None, text))
            if value in entry
        ]
        return list(Bitmap.union(found))

    def check_invariants(self) -> None:
        """Raise AssertionError when they are broken. O(n)."""
        for entry in self._keys.values():
            assert entry, "a key leads to nothing"
            for bitmap in entry.values():
                assert bitmap, "an empty bitmap"
                bitmap.check_invariants()


def _text(text: object, what: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"a {what} must be str, not {type(text).__name__}")
    return str.__str__(text)  # A str of its own kind may hash and compare in ways of its own.


def _text_or_none(text: object) -> str | None:
    return None if text is None else _text(text, "value")


def _pairs(pairs: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Keys that are there, with their text; None: there, but no text."""
    found: dict[str, str | None] = {}
    for key, value in (pairs or {}).items():
        if value is None:
            continue
        if not isinstance(key, str):
            raise TypeError(f"keys must be str, not {type(key).__name__}")
        found[_text(key, "key")] = _text(value, "value") if isinstance(value, str) else None
    return found


def _loops(wanted: str = "portable", /) -> str:
    """The name of the loops over words: here there is one way."""
    if wanted != "portable":
        raise ValueError(f"this processor has no loops called {wanted}")
    return wanted


def _limit_hashes(bits: int, /) -> None:
    """Let hashes of texts collide: dicts do that by themselves."""


__all__ = ["Bitmap", "Postings"]
