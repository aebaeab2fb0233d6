"""How PreFilter plugins narrow the search to some nodes, and upstream's words about the others."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from kcore.scheduler.framework.status import Code, Status, unresolvable


class Narrowing:
    """The nodes that PreFilter plugins leave, and who narrowed the search."""

    __slots__ = ("names", "plugins")

    def __init__(self) -> None:
        self.names: frozenset[str] | None = None
        self.plugins: list[str] = []

    def intersect(self, plugin: str, names: frozenset[str] | None) -> None:
        """Take one plugin's narrowing into account; None narrows nothing."""
        if names is not None:
            self.names = names if self.names is None else self.names & names
            self.plugins.append(plugin)

    @property
    def is_empty(self) -> bool:
        """Whether no node is left."""
        return self.names is not None and not self.names

    def empty_status(self) -> Status:
        """Why no node is left."""
        if len(self.plugins) == 1:
            return unresolvable(f"node(s) didn't satisfy plugin {self.plugins[0]}")
        listed = _listed(self.plugins)
        return unresolvable(f"node(s) didn't satisfy plugin(s) {listed} simultaneously")

    def outside_status(self) -> Status:
        """Why the nodes outside the narrowing are not even tried."""
        return _NOWHERE if self.names is None else _outside(tuple(self.plugins))


_NOWHERE: Final = Status(Code.UNRESOLVABLE)


@lru_cache(maxsize=64)
def _outside(plugins: tuple[str, ...]) -> Status:
    return unresolvable(f"node(s) didn't satisfy plugin(s) {_listed(plugins)}")


def _listed(plugins: Iterable[str]) -> str:
    return f"[{' '.join(sorted(plugins))}]"
