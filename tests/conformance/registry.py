"""Who answers which topic: implementations register here, one function a topic.

    registry = Registry("machinery")

    @registry.answers("quantity/parse")
    def parse(given):
        return {...}            # compared with the record's `out`

A topic without a function is unsupported, which never counts as agreement. A function may raise
`UnsupportedError` for a record it knows it cannot answer.
"""

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[Any], Any]


class UnsupportedError(Exception):
    """kcore has no answer to this record; the message says what is missing."""


@dataclass(frozen=True)
class Implementation:
    """How a topic is answered and compared."""

    answer: Answer
    # Objects are compared without null, empty objects and empty lists.
    prune: bool = False
    # The whole record is handed over, not only its `in`.
    whole_record: bool = False
    # Only these members of `out` are compared: the others are about what kcore does not have.
    only: tuple[str, ...] = ()


@dataclass
class Registry:
    """The implementations of one family."""

    family: str
    implementations: dict[str, Implementation] = field(default_factory=dict)
    # Called with all records of a file before the first of them is answered.
    preparations: list[Callable[[list[dict]], None]] = field(default_factory=list)

    def answers(
        self,
        *topics: str,
        prune: bool = False,
        whole_record: bool = False,
        only: tuple[str, ...] = (),
    ):
        """Register the decorated function for topics; `*` in a topic matches anything."""

        def register(function: Answer) -> Answer:
            for topic in topics:
                self.implementations[topic] = Implementation(function, prune, whole_record, only)
            return function

        return register

    def prepares(self, function):
        """Register a function that sees all records of a file first."""
        self.preparations.append(function)
        return function

    def find(self, topic: str) -> Implementation | None:
        """The implementation of a topic, exact names before patterns."""
        exact = self.implementations.get(topic)
        if exact is not None:
            return exact
        for pattern, implementation in self.implementations.items():
            if "*" in pattern and fnmatch.fnmatchcase(topic, pattern):
                return implementation
        return None
