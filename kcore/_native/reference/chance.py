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


class Streams:
    """The streams of one seed by name."""

    __slots__ = ("_states", "seed")

    def __init__(self, seed: int) -> None:
        self.seed = seed
        """The number all streams are split from."""
        self._states: dict[str, int] = {}

    def choose(self, count: int, stream: str) -> int:
        """A number in `range(count)`; bias is below count / 2**64 (2**128 above 2**64). O(1).

        Raises:
            ValueError: `count` is below 1 or above 2**128; nothing was drawn.
        """
        if not 0 < count <= COUNT_MAX:
            raise ValueError(f"cannot choose one of {count}")
        value = self._draw(stream)
        if count > MASK:
            value = (value << 64) | self._draw(stream)
            return value * count >> 128
        return value * count >> 64

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
    if not 0 <= number < 2**122:
        raise OverflowError("a random UUID holds 122 bits")
    high, rest = number >> 74, (number >> 62) & 0xFFF
    text = f"{high:012x}4{rest:03x}{0x8000000000000000 | (number & 0x3FFFFFFFFFFFFFFF):016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
