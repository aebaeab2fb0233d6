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

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from kcore.apiserver.admission.plugin import Objects
from kcore.machinery.frozen import FrozenMap, Template, Wording, dumps, is_dns_subdomain
from kcore.machinery.names import generate_name
from kcore.machinery.request import OPTIONS, Request
from kcore.store.history import Press

STAMPS_COUNT_MAX: Final = 256
"""Bodies remembered for one resource; more and all are forgotten."""

FORMS_COUNT_MAX: Final = 8
"""Forms of bodies remembered for one user of one resource in one namespace."""

_NAME: Final = ("metadata", "name")
_UID: Final = ("metadata", "uid")
_REVISION: Final = ("metadata", "resourceVersion")
_CREATED: Final = ("metadata", "creationTimestamp")


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
    reads: dict[str, int]
    """Buckets that admission read, with the revision of their last change then: an object made by
    a stamp is like this one while they are unchanged."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Makes the next object of a body."""

    created: Created
    """The last one that went the long way."""
    warnings: tuple[str, ...]
    press: Press
    """Makes and stores objects like that one, while what admission read is unchanged."""


MakePress = Callable[[Template, str | None, int, dict[str, int], Wording], Press]
"""A press of a template, the prefix of generated names, how often its objects say when they were
created, the buckets that decided what they are, with their last changes, and how to write them."""


class Stamps:
    """What one resource remembers of bodies that come again. Each operation is O(1)."""

    __slots__ = ("_known", "_make_press")

    def __init__(self, make_press: MakePress) -> None:
        self._make_press = make_press
        self._known: dict[Hashable, tuple[FrozenMap, Created | Stamp | None]] = {}

    def find(self, request: Request) -> Stamp | None:
        """The stamp for this request, if there is one."""
        known = self._known.get(_key(request))
        if known is None:
            return None
        stamp = known[1]
        return stamp if isinstance(stamp, Stamp) else None

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
            press = self._make_press
            self._known[key] = (body, _stamp(press, first, created, now_text))


class FreeText(NamedTuple):
    """Which fields of a kind may hold any text without anything else of the object changing.

    That there is a text may matter, so an empty one is none.
    """

    fields: tuple[tuple[str | int, ...], ...] = ()
    with_given_names: bool = True
    """Whether objects that come with a name are alike, too: it decides nothing else."""
    times: tuple[tuple[str, ...], ...] = ()
    """Fields that say when the object was created."""


Variant = tuple[Stamp | None, tuple[str, ...]]
"""A body that is like one before: its stamp and its texts, of which a given name is the first.

(A bare tuple, since every create makes one.)
"""

NO_TEXTS: Final[tuple[str, ...]] = ()


@dataclass(slots=True)
class Form:
    """Bodies that differ in free fields alone; the first of these is the name if they have one."""

    body: Template
    has_name: bool
    created: Created
    stamp: Stamp | None = None

    @property
    def texts(self) -> tuple[tuple[str | int, ...], ...]:
        """The free fields but the name."""
        return self.body.paths[1:] if self.has_name else self.body.paths


class Variants:
    """What one resource remembers of bodies that come again with other free fields.

    A request costs O(forms) comparisons of values that share nearly everything.
    """

    __slots__ = ("_forms", "_free", "_last_forms", "_last_options", "_last_space", "_make_press")

    def __init__(self, free: FreeText, make_press: MakePress) -> None:
        self._free = free
        self._make_press = make_press
        self._forms: dict[Hashable, list[Form]] = {}
        # What the last request had; the next one mostly comes from the same client.
        self._last_space = ""
        self._last_options: tuple[object, ...] = ()
        self._last_forms: Sequence[Form] = ()

    def find(self, request: Request) -> Variant | None:
        """The stamp for this request, or None, with what to put in; None where no form fits."""
        body = request.body
        if body is None:
            return None
        if request[OPTIONS:] != self._last_options or request.namespace != self._last_space:
            self._last_space, self._last_options = request.namespace, request[OPTIONS:]
            self._last_forms = self._forms.get(_options(request), ())
        for form in self._last_forms:
            # A body of another form may lack one of the texts.
            texts = form.body.read_texts(body)
            if texts is not None:
                if form.has_name and not is_dns_subdomain(texts[0]):
                    return None, texts  # What is wrong with it is said on the long way.
                return form.stamp, texts
        return None

    def may_learn(self, body: FrozenMap) -> bool:
        """Whether a plain body has free fields, and a name only where names are free, too."""
        return bool(self._filled(body)) and (
            has_generated_name(body) or (self._free.with_given_names and _has_text(body, _NAME))
        )

    def learn(self, request: Request, created: Created, now_text: str) -> None:
        """Remember a create that went the long way; the second of a form makes a stamp."""
        body = request.body
        assert body is not None  # It has been decoded.
        form = self.form_of(request)
        if form is None:
            has_name = not has_generated_name(body)
            paths = (*((_NAME,) if has_name else ()), *self._filled(body))
            forms = self._forms.setdefault(_options(request), [])
            del forms[FORMS_COUNT_MAX - 1 :]
            forms.insert(0, Form(Template(body, *paths), has_name, created))
            self._last_options = ()  # There were no forms, perhaps.
            return
        first, form.created = form.created, created
        if first.reads == created.reads:
            times_count = dumps(body).count(now_text.encode())
            own = _Own(form.has_name, form.texts, self._free.times, times_count)
            form.stamp = _stamp(self._make_press, first, created, now_text, own)

    def form_of(self, request: Request) -> Form | None:
        """The form of a body, if one is known."""
        for form in self._forms.get(_options(request), ()):
            if form.body.read_texts(request.body) is not None:
                return form
        return None

    def _filled(self, body: FrozenMap) -> list[tuple[str | int, ...]]:
        return [path for path in self._free.fields if _has_text(body, path)]


def _has_text(body: FrozenMap, path: tuple[str | int, ...]) -> bool:
    text = body.at(*path)
    return isinstance(text, str) and bool(text)


def is_plain(body: FrozenMap) -> bool:
    """Whether the body of a create can be like others at all: it brings no owners of its own."""
    metadata = body.get("metadata")
    return isinstance(metadata, FrozenMap) and not metadata.get("managedFields")


def has_generated_name(body: FrozenMap) -> bool:
    """Whether the server is to make up the name of a plain body."""
    metadata = body["metadata"]
    return bool(metadata.get("generateName")) and not metadata.get("name")


def _options(request: Request) -> Hashable:
    """What requests that are alike share; only plain ones are learned: no problems, no dry run."""
    options = request.write_options
    return (
        request.namespace,
        request.user,
        request.body_problems,
        options.field_manager,
        options.field_validation,
        options.dry_run,
    )


def _key(request: Request) -> Hashable:
    return id(request.body), _options(request)


class _Own(NamedTuple):
    """What tells the objects of one stamp apart, besides name, uid, revision and time."""

    has_name: bool = False
    """Whether the body gives the name."""
    fields: tuple[tuple[str | int, ...], ...] = ()
    times: tuple[tuple[str, ...], ...] = ()
    """Fields that say when the object was created, too."""
    times_count: int = 0
    """How often the body itself says what time it is."""


def _stamp(
    make_press: MakePress, first: Created, second: Created, now_text: str, own: _Own | None = None
) -> Stamp | None:
    """A stamp, if nothing but their own fields tells the two objects apart."""
    own = _Own() if own is None else own
    if first.warnings != second.warnings:
        return None
    for created in (first.object, second.object):
        if any(created.at(*path) != created["metadata"]["creationTimestamp"] for path in own.times):
            return None
    paths = (_REVISION, _UID, _CREATED, *own.times, _NAME, *own.fields)
    expected = first.object
    for path in paths:
        expected = expected.set(path, second.object.at(*path))
    # A time elsewhere in the object would have to move with the clock.
    found, born_count = dumps(second.object).count(now_text.encode()), 1 + len(own.times)
    if expected != second.object or found != born_count + own.times_count:
        return None
    base = second.object.at("metadata", "generateName", default="")
    prefix = None if own.has_name else generate_name(base, "")
    template = Template(second.object, *paths)
    press = make_press(template, prefix, born_count, second.reads, Wording(template))
    return Stamp(second, second.warnings, press)
