"""Which objects of a resource select some labels: an informer's handler keeps their selectors.

Services, budgets and workloads say whom they mean by a selector; their controllers ask the opposite
question for every pod that changes. This answers it without reading every service of a namespace.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector, SelectorIndex


class SelectorCache:
    """The selectors of a resource's objects; `informer.add_handler(cache)` fills it.

    Args:
        selector_of: the selector of an object, None where it selects nothing; pure, and at module
            level, since forks share it.
    """

    __slots__ = ("_index", "_selector_of")

    def __init__(self, selector_of: Callable[[FrozenMap], Selector | None]) -> None:
        self._selector_of = selector_of
        self._index = SelectorIndex()

    def __len__(self) -> int:
        """Return how many objects select anything. O(1)."""
        return len(self._index)

    def matching(self, namespace: str, labels: Mapping[str, Any] | None) -> list[str]:
        """Keys (`namespace/name`) of a namespace's objects that select these labels, in order.

        O(labels + selectors found under them). After an informer's restart objects may still be
        here that went meanwhile: who reads them from the lister finds that out.
        """
        return self._index.matching(labels, namespace)

    def on_add(self, obj: FrozenMap) -> None:
        """A new object, or one seen again."""
        selector = self._selector_of(obj)
        if selector is None:
            self.on_delete(obj)
        else:
            self._index.set(_key(obj), selector, obj["metadata"].get("namespace") or "")

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """An object changed."""
        del old
        self.on_add(new)

    def on_delete(self, obj: FrozenMap) -> None:
        """An object is gone."""
        self._index.discard(_key(obj))

    def fork(self, memo: ForkMemo) -> Self:
        """The same for a forked informer. O(1)."""
        twin = type(self)(self._selector_of)
        twin._index = self._index.fork(memo)
        return twin


def _key(obj: FrozenMap) -> str:
    metadata = obj["metadata"]
    return f"{metadata.get('namespace') or ''}/{metadata['name']}"
