"""Forking a world: every part copies itself once, and finds the copies of its neighbours.

`copy.deepcopy` would copy what is shared on purpose and reach into what it does not understand.
Here each stateful part says itself how it forks, and asks the memo for the twin of each part it
refers to. Immutable values are simply shared.
"""

from typing import Any, Protocol, Self, TypeVar, runtime_checkable


@runtime_checkable
class Forkable(Protocol):
    """Something with state of its own."""

    def fork(self, memo: "ForkMemo") -> Self:
        """An independent copy that refers to forked neighbours: `memo(self.neighbour)`."""


T = TypeVar("T", bound=Forkable)


# The original is kept beside its twin, so that its id() stays taken while we run.
class ForkMemo(dict[int, tuple[object, Any]]):
    """One fork in progress: remembers the twin of each part, so that cycles and sharing survive.

    Parts call it; that it is the table of twins itself makes it cheap to begin with.
    """

    __slots__ = ()

    def __call__(self, part: T) -> T:
        """The twin of `part`, made on first request.

        Raises:
            TypeError: `part` has no `fork` method.
            RecursionError: two parts need each other's finished twin; one must `adopt` early.
        """
        identity = id(part)
        known = self.get(identity)
        if known is not None:
            return known[1]  # type: ignore[no-any-return]
        fork = getattr(part, "fork", None)
        if fork is None:
            raise TypeError(f"{type(part).__name__} holds state but has no fork(memo) method")
        twin: T = fork(self)
        self.setdefault(identity, (part, twin))
        return twin

    def adopt(self, part: T, twin: T) -> T:
        """Record `twin` for `part`; a part in a cycle calls this before it forks its neighbours."""
        self.setdefault(id(part), (part, twin))
        return twin
