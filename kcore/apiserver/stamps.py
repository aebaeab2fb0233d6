"""Many creates of one body: what they have in common is worked out twice, then stamped.

Controllers, load generators and tests create the same body again and again under a
`generateName`. Decoding, defaults, admission and validation of such a create depend on the body,
the request, and what admission reads; the objects differ in name, uid, time and revision alone.
After two creates went the long way and differed in nothing else, the next ones put these four
into a copy of the last.

Objects of some kinds (events, claims, volumes) are never created from one body, yet their bodies
differ in a few fields alone that decide nothing: free text, and the name of what they are about.
Where such fields of a kind are known, a body that is otherwise like one before is stamped too.

A stamp is used only while every bucket that admission read is as it was, and never where an
admission plugin does not say that it may be repeated. The answer is the same as the long way's,
draws of chance included; `tests/apiserver/test_stamped_creates.py` holds both against each other.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kcore.apiserver.admission.plugin import Objects
from kcore.apiserver.storage import Storage
from kcore.machinery.frozen import FrozenMap, Template, dumps
from kcore.machinery.request import Request

STAMPS_COUNT_MAX: Final = 256
"""Bodies remembered for one resource; more and all are forgotten."""

FORMS_COUNT_MAX: Final = 8
"""Forms of bodies remembered for one user of one resource in one namespace."""

_NAME: Final = ("metadata", "name")
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
    times_count: int = 0
    """How many fields say when the object was created, besides the one that all objects have."""


class Stamps:
    """What one resource remembers of bodies that come again. Each operation is O(1)."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[FrozenMap, Created | Stamp | None]] = {}

    def find(self, request: Request, storage: Storage) -> Stamp | None:
        """The stamp for this request, if there is one and it holds."""
        if not self._known or request.body_problems or request.write_options.dry_run:
            return None
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


class FreeText(NamedTuple):
    """Which fields of a kind may hold any text without anything else of the object changing.

    That there is a text may matter, so an empty one is none.
    """

    fields: tuple[tuple[str | int, ...], ...] = ()
    with_given_names: bool = True
    """Whether objects that come with a name are alike, too: it decides nothing else."""
    times: tuple[tuple[str, ...], ...] = ()
    """Fields that say when the object was created."""


class Asked(NamedTuple):
    """What a body holds in its free fields; its name is the first of them if it gives one."""

    name: str
    paths: tuple[tuple[str | int, ...], ...]
    values: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The values without the name."""
        return self.values[1:] if self.name else self.values


@dataclass(slots=True)
class _Form:
    """Bodies that differ in free fields alone."""

    body: Template
    created: Created
    stamp: Stamp | None = None


class Variants:
    """What one resource remembers of bodies that come again with other free fields.

    A request costs O(forms) comparisons of values that share nearly everything.
    """

    __slots__ = ("_forms", "_free")

    def __init__(self, free: FreeText) -> None:
        self._free = free
        self._forms: dict[Hashable, list[_Form]] = {}

    @property
    def come_first(self) -> bool:
        """Whether bodies of this kind are hardly ever the same, but often alike."""
        return bool(self._free.fields) and self._free.with_given_names

    def read(self, body: FrozenMap) -> Asked | None:
        """The free fields of a plain body; None when it has none and is like no other."""
        found = [
            (path, value)
            for path in self._free.fields
            if isinstance(value := body.at(*path), str) and value
        ]
        if not found:
            return None
        name = ""
        if not has_generated_name(body):
            name = body.at(*_NAME)
            if not (self._free.with_given_names and isinstance(name, str) and name):
                return None
            found.insert(0, (_NAME, name))
        paths, values = zip(*found, strict=True)
        return Asked(name, paths, values)

    def find(self, request: Request, asked: Asked, storage: Storage) -> Stamp | None:
        """The stamp for this request, if there is one and it holds."""
        form = self._find(request, asked)
        stamp = None if form is None else form.stamp
        if stamp is None or not stamp.created.is_current(storage):
            return None
        return stamp

    def learn(self, request: Request, asked: Asked, created: Created, now_text: str) -> None:
        """Remember a create that went the long way; the second of a form makes a stamp."""
        form = self._find(request, asked)
        if form is None:
            forms = self._forms.setdefault((_options(request), asked.paths), [])
            del forms[FORMS_COUNT_MAX - 1 :]
            forms.insert(0, _Form(Template(request.body, *asked.paths), created))
            return
        first, form.created = form.created, created
        body = request.body
        if first.reads == created.reads and body is not None:
            times_count = dumps(body).count(now_text.encode())
            texts = asked.paths[1:] if asked.name else asked.paths
            form.stamp = _stamp(first, created, now_text, texts, self._free.times, times_count)

    def _find(self, request: Request, asked: Asked) -> _Form | None:
        for form in self._forms.get((_options(request), asked.paths), ()):
            if form.body(*asked.values) == request.body:
                return form
        return None


def is_plain(request: Request) -> bool:
    """Whether a create can be like others at all: a body, no dry run, no owners of its own."""
    body = request.body
    if body is None or request.body_problems or request.write_options.dry_run:
        return False
    metadata = body.get("metadata")
    return isinstance(metadata, FrozenMap) and not metadata.get("managedFields")


def has_generated_name(body: FrozenMap) -> bool:
    """Whether the server is to make up the name of a plain body."""
    metadata = body["metadata"]
    return bool(metadata.get("generateName")) and not metadata.get("name")


def _options(request: Request) -> Hashable:
    options = request.write_options
    return request.namespace, request.user, options.field_manager, options.field_validation


def _key(request: Request) -> Hashable:
    return id(request.body), _options(request)


def _stamp(
    first: Created,
    second: Created,
    now_text: str,
    free_fields: tuple[tuple[str | int, ...], ...] = (),
    times: tuple[tuple[str, ...], ...] = (),
    times_count: int = 0,
) -> Stamp | None:
    """A stamp, if nothing but their own and the free fields tells the two objects apart.

    `times_count` is how often the body itself says what time it is.
    """
    if first.warnings != second.warnings:
        return None
    for created in (first.object, second.object):
        if any(created.at(*path) != created["metadata"]["creationTimestamp"] for path in times):
            return None
    paths = (*_OWN_FIELDS, *free_fields, *times)
    expected = first.object
    for path in paths:
        expected = expected.set(path, second.object.at(*path))
    # A time elsewhere in the object would have to move with the clock.
    found = dumps(second.object).count(now_text.encode())
    if expected != second.object or found != 1 + len(times) + times_count:
        return None
    base = second.object.at("metadata", "generateName", default="")
    return Stamp(second, base, Template(second.object, *paths), len(times))
