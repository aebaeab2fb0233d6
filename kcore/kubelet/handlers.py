"""What the fleet is told by its informers. Handlers never write; they only enqueue."""

from typing import Protocol, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap


class PodKeeper(Protocol):
    """The part of the fleet that handlers talk to."""

    def enqueue(self, pod: FrozenMap) -> None:
        """Sync this pod soon."""

    def is_own_write(self, pod: FrozenMap) -> bool:
        """Whether this state is the keeper's own last write."""

    def forget(self, pod: FrozenMap) -> None:
        """The pod is gone."""

    def wake_blocked(self, namespace: str) -> None:
        """Look again at pods of `namespace` that wait for a ConfigMap or Secret."""

    def fork(self, memo: ForkMemo) -> Self:
        """The keeper of a forked world."""


class PodHandler:
    """Enqueues pods of the fleet's nodes, except for the echo of its own status writes."""

    __slots__ = ("_keeper",)

    def __init__(self, keeper: PodKeeper) -> None:
        self._keeper = keeper

    def on_add(self, obj: FrozenMap) -> None:
        """A pod is there that was not."""
        self._keeper.enqueue(obj)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A pod changed."""
        if not self._keeper.is_own_write(new):
            self._keeper.enqueue(new)

    def on_delete(self, obj: FrozenMap) -> None:
        """A pod is gone."""
        self._keeper.forget(obj)

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of the forked fleet."""
        return type(self)(memo(self._keeper))


class ConfigHandler:
    """Wakes pods that wait for a ConfigMap or a Secret."""

    __slots__ = ("_keeper",)

    def __init__(self, keeper: PodKeeper) -> None:
        self._keeper = keeper

    def on_add(self, obj: FrozenMap) -> None:
        """The object is there."""
        self._keeper.wake_blocked(obj["metadata"]["namespace"])

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Keys may have come."""
        self._keeper.wake_blocked(new["metadata"]["namespace"])

    def on_delete(self, obj: FrozenMap) -> None:
        """Its loss stops nobody who runs."""

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of the forked fleet."""
        return type(self)(memo(self._keeper))
