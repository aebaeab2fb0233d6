"""Streams of pseudo-random numbers: the readable twin of the `chance` kernel.

The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
OOPSLA 2014): its state is one integer. A stream starts from BLAKE2b(seed, its name), never from
`hash()`, so streams are the same in every process and no draw on one moves another.
"""

import hashlib
from typing import Final, Self

MASK: Final = 2**64 - 1
GAMMA: Final = 0x9E3779B97F4A7C15
COUNT_MAX: Final = 2**128
UUID4_COUNT: Final = 2**122
WORD_LENGTH_MAX: Final = 64


class Streams:
    """The streams of one seed by name."""

    __slots__ = ("_states", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        """The number all streams are split from."""
        self._states: dict[str, int] = {}

    def choose(self, count: int, label: str) -> int:
        """A draw from the stream that `label` names, up to its first `/`: one of `range(count)`.

        O(1). Bias is below count / 2**64 (2**128 above 2**64).

        Raises:
            ValueError: `count` is below 1 or above 2**128; nothing was drawn.
        """
        if not 0 < count <= COUNT_MAX:
            raise ValueError(f"cannot choose one of {count}")
        stream = label.partition("/")[0]
        value = self._draw(stream)
        if count > MASK:
            value = (value << 64) | self._draw(stream)
            return value * count >> 128
        return value * count >> 64

    def uuid4(self, label: str) -> str:
        """The text of a random UUID, made of `choose(2**122, label)`. O(1)."""
        return uuid4_text(self.choose(UUID4_COUNT, label))

    def word(self, label: str, alphabet: str, length: int) -> str:
        """One of all words of `length` letters, made of one draw. O(length).

        Raises:
            OverflowError: there are 2**64 such words or more; nothing was drawn, nor below.
            ValueError: `alphabet` is empty or not ASCII, `length` is negative or above 64.
        """
        _check_word(alphabet, length)
        count = len(alphabet) ** length
        if count > MASK:
            raise OverflowError("a word is made of 64 bits")
        return word(self.choose(count, label), alphabet, length)

    def _draw(self, stream: str) -> int:
        state = self._states.get(stream)
        if state is None:
            state = first_state(self.seed, stream)
        state = self._states[stream] = (state + GAMMA) & MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK
        return mixed ^ (mixed >> 31)

    def copy(self) -> Self:
        """Independent streams at the same positions. O(streams)."""
        twin = type(self)(self.seed)
        twin._states = dict(self._states)
        return twin


def first_state(seed: int, stream: str) -> int:
    """Where a stream starts."""
    material = f"{seed}/{stream}".encode()
    return int.from_bytes(hashlib.blake2b(material, digest_size=8).digest(), "big")


def uuid4_text(number: int) -> str:
    """122 bits as the text of a random UUID (RFC 9562, version 4). O(1).

    Raises:
        OverflowError: `number` is negative or has more bits.
    """
    if not 0 <= number < UUID4_COUNT:
        raise OverflowError("a random UUID holds 122 bits")
    high, rest = number >> 74, (number >> 62) & 0xFFF
    text = f"{high:012x}4{rest:03x}{0x8000000000000000 | (number & 0x3FFFFFFFFFFFFFFF):016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def word(number: int, alphabet: str, length: int) -> str:
    """The number as digits of an ASCII `alphabet`, highest first; higher digits are cut off.

    O(length).

    Raises:
        OverflowError: `number` is negative or at least 2**64.
        ValueError: `alphabet` is empty or not ASCII, `length` is negative or above 64.
    """
    if not 0 <= number <= MASK:
        raise OverflowError("a word is made of 64 bits")
    _check_word(alphabet, length)
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(reversed(digits))


def _check_word(alphabet: str, length: int) -> None:
    if not alphabet or not alphabet.isascii() or not 0 <= length <= WORD_LENGTH_MAX:
        raise ValueError(f"no words of {length} in {alphabet!r}")
