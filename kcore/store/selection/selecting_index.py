"""The opposite question at one revision: which objects of a bucket select some labels."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector, SelectorIndex
from kcore.store.revision import KeyValue


@dataclass(frozen=True, slots=True, eq=False)
class Selecting:
    """Where a value keeps its selector (None: it selects nothing), and within what it holds.

    Functions are pure and live at module level, as those of `Facets`.
    """

    selector_of: Callable[[FrozenMap], Selector | None]
    scope_of: Callable[[FrozenMap], str]


class SelectingIndex:
    """The selectors of a bucket's values by their keys."""

    __slots__ = ("_rule", "selectors")

    def __init__(self, rule: Selecting) -> None:
        self._rule = rule
        self.selectors = SelectorIndex()

    @classmethod
    def load(cls, rule: Selecting, entries: Iterable[KeyValue]) -> Self:
        """The index of some entries. O(n)."""
        made = cls(rule)
        for entry in entries:
            made.replace(entry.key, None, entry.value)
        return made

    def copy(self) -> Self:
        """An independent index with the same content. O(1)."""
        twin = type(self)(self._rule)
        twin.selectors = self.selectors.copy()
        return twin

    def replace(self, key: str, old: FrozenMap | None, new: FrozenMap | None) -> None:
        """Let `key` hold `new` (None: nothing) instead of `old`."""
        del old
        selector = None if new is None else self._rule.selector_of(new)
        if new is None or selector is None:
            self.selectors.discard(key)
        else:
            self.selectors.set(key, selector, self._rule.scope_of(new))

    def check_invariants(self, entries: Iterable[KeyValue]) -> None:
        """Raise AssertionError when this is not the index of `entries`, or is broken. O(n)."""
        self.selectors.check_invariants()
        wanted = {}
        for entry in entries:
            selector = self._rule.selector_of(entry.value)
            if selector is not None:
                wanted[entry.key] = selector
        assert len(wanted) == len(self.selectors), "a selector has no value"
        for key, selector in wanted.items():
            assert self.selectors.get(key) == selector, key
