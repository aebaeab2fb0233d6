"""Many creates of one body: what they have in common is worked out twice, then stamped.

Controllers, load generators and tests create the same body again and again under a
`generateName`. Decoding, defaults, admission and validation of such a create depend on the body,
the request, and what admission reads; the objects differ in name, uid, time and revision alone.
After two creates went the long way and differed in nothing else, the next ones put these four
into a copy of the last.

A stamp is used only while every bucket that admission read is as it was, and never where an
admission plugin does not say that it may be repeated. The answer is the same as the long way's,
draws of chance included; `tests/apiserver/test_stamped_creates.py` holds both against each other.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kcore.apiserver.admission.plugin import Objects
from kcore.apiserver.storage import Storage
from kcore.machinery.frozen import FrozenMap, Template, dumps
from kcore.machinery.request import Request

STAMPS_COUNT_MAX: Final = 256
"""Bodies remembered for one resource; more and all are forgotten."""

_OWN_FIELDS: Final = tuple(
    ("metadata", field) for field in ("name", "uid", "creationTimestamp", "resourceVersion")
)


class RecordingObjects:
    """Reads of the latest state that remember which buckets they were of."""

    __slots__ = ("_objects", "buckets")

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.buckets: dict[str, None] = {}

    def get(self, bucket: str, namespace: str, name: str) -> FrozenMap | None:
        """One object, or None."""
        self.buckets[bucket] = None
        return self._objects.get(bucket, namespace, name)

    def objects(self, bucket: str, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object of a bucket, or of one namespace of it."""
        self.buckets[bucket] = None
        return self._objects.objects(bucket, namespace)

    def by_index(self, bucket: str, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`."""
        self.buckets[bucket] = None
        return self._objects.by_index(bucket, index, value)


@dataclass(frozen=True, slots=True)
class Created:
    """An object that a create made the long way, and what decided it."""

    object: FrozenMap
    warnings: tuple[str, ...]
    reads: Mapping[str, int]
    """Buckets that admission read, with the revision of their last change then."""

    def is_current(self, storage: Storage) -> bool:
        """Whether everything that admission read is as it was. O(buckets read)."""
        for bucket, revision in self.reads.items():
            if storage.last_change(bucket) != revision:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Stamp:
    """Makes the next object of a body."""

    created: Created
    base: str
    template: Template


class Stamps:
    """What one resource remembers of bodies that come again. Each operation is O(1)."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[FrozenMap, Created | Stamp | None]] = {}

    def find(self, request: Request, storage: Storage) -> Stamp | None:
        """The stamp for this request, if there is one and it holds."""
        known = self._known.get(_key(request))
        if known is None:
            return None
        stamp = known[1]
        if not isinstance(stamp, Stamp):
            return None
        return stamp if stamp.created.is_current(storage) else None

    def learn(self, request: Request, created: Created, now_text: str) -> None:
        """Remember a create that went the long way; the second makes a stamp, or none ever."""
        body = request.body
        assert body is not None  # It has been decoded.
        key = _key(request)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= STAMPS_COUNT_MAX:
                self._known.clear()
            self._known[key] = (body, created)
            return
        before = known[1]
        if before is None:
            return
        first = before.created if isinstance(before, Stamp) else before
        if first.reads != created.reads:
            self._known[key] = (body, created)
        else:
            self._known[key] = (body, _stamp(first, created, now_text))


def may_be_stamped(request: Request) -> bool:
    """Whether this create could ever be one of many: a generated name, nothing special."""
    body = request.body
    if body is None or request.body_problems or request.write_options.dry_run:
        return False
    metadata = body.get("metadata")
    if not isinstance(metadata, FrozenMap) or metadata.get("name"):
        return False
    return bool(metadata.get("generateName")) and not metadata.get("managedFields")


def _key(request: Request) -> Hashable:
    options = request.write_options
    fields = (options.field_manager, options.field_validation)
    return id(request.body), request.namespace, request.user, fields


def _stamp(first: Created, second: Created, now_text: str) -> Stamp | None:
    """A stamp, if nothing but the four fields tells the two objects apart."""
    if first.warnings != second.warnings:
        return None
    own = second.object["metadata"]
    expected = first.object
    for path in _OWN_FIELDS:
        expected = expected.set(path, own[path[1]])
    # A time elsewhere in the object would have to move with the clock.
    if expected != second.object or dumps(second.object).count(now_text.encode()) != 1:
        return None
    template = Template(second.object, *_OWN_FIELDS)
    return Stamp(second, own["generateName"], template)
