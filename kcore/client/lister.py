"""A read-only picture of one resource as one informer has seen it so far."""

from collections.abc import Callable, Sequence
from typing import Self, TypeVar

from kcore.errors import InvariantError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector
from kcore.machinery.watch_event import View, WatchStream

S = TypeVar("S")


class Lister:
    """Reads the view that its informer has reached; it may lag behind the API.

    The view is asked of the informer's stream when somebody reads. Most events are handled and
    their state is never read, and a view that nobody holds costs the next write nothing.
    """

    __slots__ = ("_resource", "_stream", "seen")

    def __init__(self, resource: str) -> None:
        self._resource = resource
        self._stream: WatchStream | None = None
        self.seen: View | None = None
        """The view, if somebody has asked for it; the informer takes it away with each event."""

    def follow(self, stream: WatchStream | None, seen: View | None = None) -> None:
        """Show the view that `stream` has reached, `seen` if it is known; nothing when both None.

        Only the informer calls this.
        """
        self._stream = stream
        self.seen = seen

    @property
    def has_view(self) -> bool:
        """Whether there is a picture to read."""
        return self._stream is not None or self.seen is not None

    @property
    def view(self) -> View:
        """The picture itself.

        Raises:
            InvariantError: nothing was listed yet; a reader must wait for `has_synced`.
        """
        seen = self.seen
        if seen is None:
            if self._stream is None:
                raise InvariantError(f"the {self._resource} cache is read before it has synced")
            seen = self.seen = self._stream.view
        return seen

    def get(self, namespace: str, name: str) -> FrozenMap | None:
        """The object, or None. O(log n)."""
        return self.view.get(namespace, name)

    def by_index(self, index: str, value: str) -> list[FrozenMap]:
        """Objects under `value` in a declared index, in key order. O(log n + m)."""
        return list(self.view.by_index(index, value))

    def summaries(
        self, index: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> Sequence[S]:
        """What `summarize` says of each run of the objects of `by_index`, in order.

        `summarize` is a pure module-level function; it is asked again only for runs in which
        something has changed. O(runs + changes since the last question).
        """
        return self.view.summaries(index, value, summarize)

    def list(self, namespace: str = "", selector: Selector | None = None) -> list[FrozenMap]:
        """Objects in key order, of one namespace or all, whose labels match. O(log n + m)."""
        objects = self.view.list(namespace)
        if selector is None:
            return list(objects)
        return [obj for obj in objects if selector.matches(obj.at("metadata", "labels"))]

    def __len__(self) -> int:
        """Return how many objects the picture has. O(1)."""
        return len(self.view)

    def fork(self, memo: ForkMemo) -> Self:
        """A lister at the same view; the forked informer moves it on."""
        twin = type(self)(self._resource)
        twin.seen = self.view if self.has_view else None
        return twin
