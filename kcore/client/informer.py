"""Informers: one watch per resource and actor, one cache, many handlers.

An in-process cache is not a copy. The watch cursor's view *is* the cache: delivering one event
moves the cursor one event forward and tells the handlers. An informer that gets no turn, or whose
watch a fault holds back, is a stale cache.
"""

from typing import Final, Protocol, Self

from kcore.client.client import Client
from kcore.client.lister import Lister
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import ListOptions
from kcore.machinery.watch_event import WatchStream
from kcore.runtime.clock import VirtualClock
from kcore.runtime.courier import Courier
from kcore.runtime.faults import LostResponseError

# client-go's reflector: from 800 ms, doubling, to 30 s.
RETRY_NS_MIN: Final = 800_000_000
RETRY_NS_MAX: Final = 30_000_000_000

# The stream's first view is the list, so no initial events are asked for.
_FROM_NOW = ListOptions(resource_version_match="NotOlderThan")


class EventHandler(Protocol):
    """Told of each change after the cache has moved. Must not write to the API."""

    def on_add(self, obj: FrozenMap) -> None:
        """An object is there that was not."""

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """An object changed."""

    def on_delete(self, obj: FrozenMap) -> None:
        """An object is gone; `obj` is its last known state."""

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of a forked informer."""


class Informer(Courier):
    """A process that keeps a `Lister` up to date, one event a step.

    `ready`, `asleep` and `step` are the kernel's: their twin stands in
    `kcore._native.reference.courier`.

    The first step lists and reports every object as added. When history no longer reaches back
    to the cursor (410), it lists again and reports every object as updated, added or deleted, as
    upstream's reflector does; one deleted and recreated under the same name is reported as both.
    """

    __slots__ = (
        "_client",
        "_clock",
        "_failures_count",
        "_resource",
        "_retry_ns",
    )

    _handlers: list[EventHandler]
    _lister: Lister
    _stream: WatchStream | None

    def __init__(self, client: Client, resource: str, clock: VirtualClock | None = None) -> None:
        self._client = client
        self._clock = clock
        self._failures_count = 0
        self._retry_ns: int | None = None
        self._resource = name = str(client.resource_info(resource).group_resource)
        super().__init__(client.faults, f"{client.actor}/watch/{name}", Lister(name), ApiError)

    @property
    def name(self) -> str:
        """`kube-scheduler/informer/pods`."""
        return f"{self._client.actor}/informer/{self._resource}"

    @property
    def lister(self) -> Lister:
        """The cache."""
        return self._lister

    @property
    def has_synced(self) -> bool:
        """Whether the first list has been delivered."""
        return self._lister.has_view

    def add_handler(self, handler: EventHandler) -> None:
        """Tell `handler` of changes from now on, and of the present objects as added."""
        self._handlers.append(handler)
        if self._lister.has_view:
            for obj in self._lister.list():
                handler.on_add(obj)

    @property
    def topic(self) -> str:
        """The resource whose writes wake this informer."""
        return self._resource

    def next_deadline_ns(self) -> int | None:
        """When a refused list is tried again; events come from writes, not from time."""
        return self._retry_ns if self._stream is None else None

    def next_heartbeat_ns(self) -> int | None:
        """No resync: a cache that is a view cannot drift."""
        return None

    def restart(self) -> None:
        """Forget the cache; the next step lists again, and handlers see every object as added."""
        self._stream = None
        self._retry_ns = None
        self._failures_count = 0
        self._lister.follow(None)

    def relist(self) -> str:
        """List again at once and tell handlers the difference.

        For a reader that crashed and must not go on with an old cache, while others that share
        the cache still learn of every deletion.

        Raises:
            ApiError: the list was refused; the cache stays as it was.
        """
        return self._list()

    def fork(self, memo: ForkMemo) -> Self:
        """The same position in the forked world, with forked handlers."""
        twin = memo.adopt(self, type(self).__new__(type(self)))
        Courier.__init__(twin, memo(self._faults), self._watch, memo(self._lister), ApiError)
        twin._client = memo(self._client)
        twin._clock = None if self._clock is None else memo(self._clock)
        twin._retry_ns = self._retry_ns
        twin._failures_count = self._failures_count
        twin._resource = self._resource
        # Nobody else knows the stream, so nobody else will ask for its twin.
        twin._stream = None if self._stream is None else self._stream.fork(memo)
        twin._lister.follow(twin._stream, twin._lister.seen)
        twin._handlers = [memo(handler) for handler in self._handlers]
        return twin

    def _may_list(self) -> bool:
        """Whether it is not waiting to try a refused list again."""
        return self._retry_ns is None or self._now_ns() >= self._retry_ns

    def _refused(self, error: ApiError) -> str:
        """The watch ends with an error; when it is too old, there is a new one after a list."""
        if error.code != 410:
            raise error
        return self._list()

    def _list(self) -> str:
        try:
            stream = self._client.watch(self._resource, options=_FROM_NOW)
        except (ApiError, LostResponseError) as error:
            return self._wait(error)
        before = {_key(obj): obj for obj in self._lister.list()} if self.has_synced else {}
        self._stream = stream
        self._retry_ns = None
        self._failures_count = 0
        self._lister.follow(self._stream)
        objects = self._lister.list()
        for obj in objects:
            self._tell(before.pop(_key(obj), None), obj)
        for obj in before.values():
            self._tell(obj, None)
        return f"list {len(objects)}"

    def _wait(self, error: Exception) -> str:
        """Keep what the cache has and try again later; without a clock, at the next turn."""
        delay_ns = min(RETRY_NS_MIN << min(self._failures_count, 16), RETRY_NS_MAX)
        self._failures_count += 1
        self._retry_ns = self._now_ns() + delay_ns if self._clock is not None else None
        self._stream = None
        return f"list refused: {error}"

    def _now_ns(self) -> int:
        return 0 if self._clock is None else self._clock.now_ns()

    def _tell(self, old: FrozenMap | None, new: FrozenMap | None) -> None:
        if new is None:
            if old is not None:
                for handler in self._handlers:
                    handler.on_delete(old)
        elif old is None:
            for handler in self._handlers:
                handler.on_add(new)
        elif old.at("metadata", "uid") != new.at("metadata", "uid"):
            self._tell(old, None)
            self._tell(None, new)
        else:
            for handler in self._handlers:
                handler.on_update(old, new)


class InformerFactory:
    """One shared informer per resource for one actor, as client-go's SharedInformerFactory."""

    __slots__ = ("_client", "_clock", "_informers")

    def __init__(self, client: Client, clock: VirtualClock | None = None) -> None:
        self._client = client
        self._clock = clock
        self._informers: dict[str, Informer] = {}

    @property
    def informers(self) -> tuple[Informer, ...]:
        """All of them, in the order they were asked for."""
        return tuple(self._informers.values())

    def informer(self, resource: str) -> Informer:
        """The informer of `resource`, made on first request."""
        key = str(self._client.resource_info(resource).group_resource)
        if key not in self._informers:
            self._informers[key] = Informer(self._client, resource, self._clock)
        return self._informers[key]

    def fork(self, memo: ForkMemo) -> Self:
        """The forked informers under the same names."""
        clock = None if self._clock is None else memo(self._clock)
        twin = type(self)(memo(self._client), clock)
        memo.adopt(self, twin)
        twin._informers = {key: memo(informer) for key, informer in self._informers.items()}
        return twin


def _key(obj: FrozenMap) -> tuple[str, str]:
    metadata = obj["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
