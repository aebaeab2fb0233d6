"""The one place where chance enters, and the door to the `chance` kernel.

Everything open (whose turn it is, which of equal scores wins, the suffix of a generated name,
jitter) is asked as `choose(n, label)`. The part of the label before the first `/` names a stream;
draws on one stream never move another's, so a new consumer does not disturb old traces.

The generator is SplitMix64 (Steele, Lea, Flood 2014): its state is one integer, so a fork copies
a handful of numbers. Streams start from BLAKE2b(seed, stream), never from `hash()`.
"""

from collections.abc import Sequence
from typing import Protocol, Self

from kcore import _native
from kcore.errors import KcoreError
from kcore.forking import ForkMemo

Streams = _native.chance.Streams
UUID4_COUNT = _native.chance.UUID4_COUNT
uuid4_text = _native.chance.uuid4_text
word = _native.chance.word


class ReplayDivergedError(KcoreError):
    """A recorded run was replayed against a world that asks other questions."""


class ChoiceSource(Protocol):
    """Decides everything that is open."""

    def choose(self, count: int, label: str) -> int:
        """A number in `range(count)`; `count` is at least 1 and below 2**128."""

    def fork(self, memo: ForkMemo) -> Self:
        """A source that will answer as this one would have."""


class FairSource:
    """Takes turns: each stream counts up, so nobody starves and nothing is random."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def choose(self, count: int, label: str) -> int:
        """The next number of the stream, modulo `count`."""
        stream = label.partition("/")[0]
        turn = self._next.get(stream, 0)
        self._next[stream] = turn + 1
        return turn % count

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy at the same position."""
        twin = type(self)()
        twin._next = dict(self._next)
        return twin


class SeededSource(Streams):
    """Pseudo-random and repeatable: same seed, same questions, same answers.

    What it answers is the kernel's: the twin stands in `kcore._native.reference.chance`.
    """

    __slots__ = ()

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy at the same position of every stream."""
        return self.copy()


class RecordingSource:
    """Passes questions on and remembers the answers, for a `RecordedSource`."""

    __slots__ = ("_inner", "choices")

    def __init__(self, inner: ChoiceSource) -> None:
        self._inner = inner
        self.choices: list[tuple[str, int, int]] = []

    def choose(self, count: int, label: str) -> int:
        """The inner source's answer."""
        answer = self._inner.choose(count, label)
        self.choices.append((label, count, answer))
        return answer

    def fork(self, memo: ForkMemo) -> Self:
        """A recorder with the same past over a forked inner source."""
        twin = type(self)(memo(self._inner))
        twin.choices = list(self.choices)
        return twin


class RecordedSource:
    """Answers from a recording; the questions must be the same."""

    __slots__ = ("_choices", "_position")

    def __init__(self, choices: Sequence[tuple[str, int, int]]) -> None:
        self._choices = tuple(choices)
        self._position = 0

    def choose(self, count: int, label: str) -> int:
        """The recorded answer to this question.

        Raises:
            ReplayDivergedError: the recording has ended or holds another question here.
        """
        if self._position == len(self._choices):
            raise ReplayDivergedError(f"the recording ends before choice {label!r} of {count}")
        asked, recorded_count, answer = self._choices[self._position]
        if (asked, recorded_count) != (label, count):
            raise ReplayDivergedError(
                f"choice {self._position}: recorded {asked!r} of {recorded_count}, "
                f"asked {label!r} of {count}"
            )
        self._position += 1
        return answer

    def fork(self, memo: ForkMemo) -> Self:
        """An independent reader at the same position."""
        twin = type(self)(self._choices)
        twin._position = self._position
        return twin
