"""What goes on beside the measured pods, paced by the real clock: churn, deletions, updates."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from kcore.client.client import Client
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.clock import SECOND_NS, Clock
from kcore.scheduler_perf.manifests import Manifest


class Background(Protocol):
    """Something that happens now and then until it is over."""

    @property
    def is_active(self) -> bool:
        """Whether more is to come that others may wait for."""

    def tick(self) -> bool:
        """Do what is due; whether anything was."""


class Pace:
    """How often something is due: at once when the interval is 0."""

    __slots__ = ("_clock", "_interval_ns", "_next_ns")

    def __init__(self, clock: Clock, interval_ns: int) -> None:
        self._clock = clock
        self._interval_ns = interval_ns
        self._next_ns = clock.now_ns() + interval_ns

    def is_due(self) -> bool:
        """Whether the interval is over; if so the next begins."""
        now_ns = self._clock.now_ns()
        if now_ns < self._next_ns:
            return False
        self._next_ns = max(self._next_ns + self._interval_ns, now_ns)
        return True


class Churn:
    """Creates objects for ever; with `recreate` it deletes the oldest once there are `number`."""

    def __init__(  # noqa: PLR0913 - the operation has that many fields
        self,
        client: Client,
        clock: Clock,
        manifests: Sequence[Manifest],
        namespace: str,
        interval_ns: int,
        number: int,
        *,
        recreate: bool,
    ) -> None:
        self._client = client
        self._pace = Pace(clock, interval_ns)
        self._manifests = manifests
        self._namespace = namespace
        self._number = number
        self._recreate = recreate
        self._alive: deque[list[FrozenMap]] = deque()
        self._count = 0

    @property
    def is_active(self) -> bool:
        """Nobody waits for churn: it never ends."""
        return False

    def tick(self) -> bool:
        """One round of objects when it is due."""
        if not self._pace.is_due():
            return False
        if not self._recreate and self._number and self._count >= self._number:
            return False
        if self._recreate and len(self._alive) >= max(self._number, 1):
            for obj in self._alive.popleft():
                _delete(self._client, obj)
        self._alive.append(
            [
                self._client.create(manifest.object(self._count), self._namespace)
                for manifest in self._manifests
            ]
        )
        self._count += 1
        return True


class GradualDeletion:
    """Deletes pods by name, so many a second; all at once when the rate is 0."""

    def __init__(
        self, client: Client, clock: Clock, names: Sequence[str], namespace: str, rate: float
    ) -> None:
        self._client = client
        self._names = deque(names)
        self._namespace = namespace
        self._pace = Pace(clock, int(SECOND_NS / rate) if rate else 0)

    @property
    def is_active(self) -> bool:
        """Whether pods are left."""
        return bool(self._names)

    def tick(self) -> bool:
        """Delete what is due."""
        deleted = False
        while self._names and self._pace.is_due():
            name = self._names.popleft()
            try:
                self._client.delete("pods", name, self._namespace)
            except ApiError as error:
                if error.reason != "NotFound":
                    raise
            deleted = True
        return deleted


class GradualUpdate:
    """Replaces objects by name, so many a second."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        objects: Sequence[FrozenMap],
        namespace: str,
        rate: float,
        subresources: Sequence[str],
    ) -> None:
        self._client = client
        self._objects = deque(objects)
        self._namespace = namespace
        self._subresources = subresources or ("",)
        self._pace = Pace(clock, int(SECOND_NS / rate) if rate else 0)

    @property
    def is_active(self) -> bool:
        """Whether objects are left."""
        return bool(self._objects)

    def tick(self) -> bool:
        """Update what is due."""
        updated = False
        while self._objects and self._pace.is_due():
            obj = self._objects.popleft()
            if self._namespace:
                obj = obj.set(("metadata", "namespace"), self._namespace)
            for subresource in self._subresources:
                self._client.update(obj, subresource=subresource)
            if obj.get("status") and obj["kind"] == "Node":
                self._client.update_status(obj)  # A PUT of the node itself leaves it alone.
            updated = True
        return updated


def _delete(client: Client, obj: FrozenMap) -> None:
    info = client.resource_info_of(obj)
    metadata = obj["metadata"]
    try:
        client.delete(info.resource, metadata["name"], metadata.get("namespace") or "")
    except ApiError as error:
        if error.reason != "NotFound":
            raise
