"""Objects in a version that is not the kept one.

Reads and writes of one version's endpoint pass here; what the store keeps never shows.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Self, TypeVar

from kcore.api.kind_versions import KindVersions
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.storage import Storage
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import Response
from kcore.machinery.watch_event import (
    Change,
    Drained,
    ObjectChange,
    View,
    WatchEvent,
    WatchStream,
    drained,
)
from kcore.store.revision import KeyValue

S = TypeVar("S")
Convert = Callable[[FrozenMap], FrozenMap]


class VersionedStorage(Storage):
    """The storage of a server as one version of a kind sees it.

    Objects of that kind are kept in one version and seen in this one; others are as they are.
    Views and indexes show what is kept.
    """

    __slots__ = ("_bucket", "_version", "_versions")

    def __init__(self, storage: Storage, endpoint: Endpoint, versions: KindVersions) -> None:
        super().__init__(storage.store, storage.trace)
        self._bucket = endpoint.bucket
        self._versions = versions
        self._version = endpoint.api_version

    def _seen(self, bucket: str, obj: FrozenMap) -> FrozenMap:
        return self._versions.to_version(obj, self._version) if bucket == self._bucket else obj

    def _kept(self, bucket: str, obj: FrozenMap) -> FrozenMap:
        return self._versions.to_kept(obj) if bucket == self._bucket else obj

    def get(self, bucket: str, namespace: str, name: str) -> FrozenMap | None:
        """The latest object in this version, or None."""
        found = super().get(bucket, namespace, name)
        return None if found is None else self._seen(bucket, found)

    def read(self, bucket: str, key: str) -> KeyValue | None:
        """The latest object in this version with its revision, or None."""
        found = super().read(bucket, key)
        if found is None or bucket != self._bucket:
            return found
        key, value, *revisions = found
        return KeyValue(key, self._seen(bucket, value), *revisions)

    def delete(self, bucket: str, key: str, expect: int) -> FrozenMap:
        """Remove an object; returns its last content in this version."""
        return self._seen(bucket, super().delete(bucket, key, expect))

    def create(self, bucket: str, key: str, obj: FrozenMap) -> FrozenMap:
        """Store a new object of this version; returns it with its resourceVersion."""
        return self._seen(bucket, super().create(bucket, key, self._kept(bucket, obj)))

    def update(self, bucket: str, key: str, obj: FrozenMap, expect: int) -> FrozenMap:
        """Replace an object, given in this version, that is still at revision `expect`."""
        return self._seen(bucket, super().update(bucket, key, self._kept(bucket, obj), expect))


def in_version(endpoint: Endpoint, response: Response) -> Response:
    """A list or watch with its objects in the endpoint's version.

    Lists of custom kinds say that there is no more by an empty `continue`, others by none.
    """
    versions = endpoint.versions
    if versions is None:
        return response
    if (
        endpoint.custom_kind is not None
        and response.body is not None
        and "continue" not in response.body["metadata"]
    ):
        response = response._replace(body=response.body.set(("metadata", "continue"), ""))
    if versions.kept == endpoint.api_version:
        return response

    def seen(obj: FrozenMap) -> FrozenMap:
        return versions.to_version(obj, endpoint.api_version)

    if response.stream is not None:
        return response._replace(stream=_VersionedStream(response.stream, seen))
    if response.body is None:
        return response
    items = freeze([seen(item) for item in response.body["items"]])
    return response._replace(body=response.body.set("items", items))


class _VersionedStream:
    """A `WatchStream` whose objects are seen in another version."""

    __slots__ = ("_convert", "_stream")

    def __init__(self, stream: WatchStream, convert: Convert) -> None:
        self._stream = stream
        self._convert = convert

    @property
    def view(self) -> "View":
        """The state at the last event handed out."""
        return _VersionedView(self._stream.view, self._convert)

    def pending(self) -> bool:
        """Whether `next` has something."""
        return self._stream.pending()

    def next(self) -> WatchEvent | None:
        """The next change, or None when there is none yet."""
        event = self._stream.next()
        if event is None:
            return None
        old = None if event.old is None else self._convert(event.old)
        return event._replace(object=self._convert(event.object), old=old)

    def change(self) -> ObjectChange | None:
        """The next change of an object, or None when there is none yet."""
        change = self._stream.change()
        if change is None:
            return None
        new, old, convert = change.value, change.previous_value, self._convert
        return Change(
            change.key, None if new is None else convert(new), None if old is None else convert(old)
        )

    def drain(self) -> Drained:
        """All that `change` would give."""
        return drained(self.change)

    def fork(self, memo: ForkMemo) -> Self:
        """The same position over the forked store."""
        return type(self)(self._stream.fork(memo), self._convert)


class _VersionedView:
    """A `View` whose objects are seen in another version."""

    __slots__ = ("_convert", "_view")

    def __init__(self, view: View, convert: Convert) -> None:
        self._view = view
        self._convert = convert

    @property
    def revision(self) -> int:
        """The revision this view shows."""
        return self._view.revision

    def get(self, namespace: str, name: str) -> FrozenMap | None:
        """The object, or None. O(log n)."""
        found = self._view.get(namespace, name)
        return None if found is None else self._convert(found)

    def list(self, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object, or those of one namespace. O(log n + m)."""
        return map(self._convert, self._view.list(namespace))

    def by_index(self, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`, in key order. O(log n + m)."""
        return map(self._convert, self._view.by_index(index, value))

    def summaries(
        self, index: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> Sequence[S]:
        """`summarize` of all objects of `by_index` as one run. O(m)."""
        return [summarize(tuple(self.by_index(index, value)))]

    def __len__(self) -> int:
        """Return how many objects there are."""
        return len(self._view)
