"""Creates that are like one before: the long way for the first ones, a stamp for the rest."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from kcore.apiserver.admission.plugin import CREATE
from kcore.apiserver.filling import Filling
from kcore.apiserver.generated_names import TRIES, check_retry
from kcore.apiserver.registry import Registry
from kcore.apiserver.stamps import (
    NO_TEXTS,
    Created,
    FreeText,
    RecordingObjects,
    Stamp,
    Stamps,
    Variant,
    Variants,
    has_generated_name,
    is_plain,
)
from kcore.machinery.frozen import FrozenMap, Template
from kcore.machinery.request import Request, Response, body_of, filled
from kcore.store.history import Press
from kcore.store.revision import CompareFailedError

FILLINGS_COUNT_MAX: Final = 256
"""Templates remembered for one resource; more and all are forgotten."""

_CLAIM_NAME: Final = ("persistentVolumeClaim", "claimName")
FREE_TEXT: Final[Mapping[tuple[str, str], FreeText]] = {
    ("", "Event"): FreeText((("involvedObject", "name"), ("involvedObject", "uid"), ("message",))),
    ("", "PersistentVolumeClaim"): FreeText((("spec", "volumeName"),)),
    ("", "PersistentVolume"): FreeText(
        (
            ("spec", "claimRef", "name"),
            ("spec", "claimRef", "uid"),
            ("spec", "csi", "volumeHandle"),
            ("spec", "awsElasticBlockStore", "volumeID"),
        ),
        times=(("status", "lastPhaseTransitionTime"),),
    ),
    ("", "Pod"): FreeText((("spec", "volumes", 0, *_CLAIM_NAME),), with_given_names=False),
}
"""Fields that may hold any text. The rules of old events (those without `eventTime`, which is part
of the form) look at none of these; new ones have rules for them. Claims and volumes must name
something, and so must a pod that claims; nobody looks at what it is when they are created."""


class RepeatedCreates:
    """Answers the creates of one resource, and knows those that come again."""

    __slots__ = (
        "_context",
        "_fillings",
        "_instant_ns",
        "_last_request",
        "_last_stamp",
        "_now_ns",
        "_now_text",
        "_registry",
        "_repeatable",
        "_stamps",
        "_variants",
    )

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._context = context = registry.context
        endpoint = registry.endpoint
        journal = context.storage.journal
        make_press = partial(Press, journal, "create", endpoint.bucket, *context.mints())
        self._stamps = Stamps(make_press)
        kind = endpoint.info.gvk.group, endpoint.kind
        self._variants = Variants(FREE_TEXT.get(kind, FreeText()), make_press)
        # What is kept in another version is not what was answered, so it cannot be stamped.
        is_kept = endpoint.versions is None or endpoint.versions.kept == endpoint.api_version
        may_repeat = context.admission.may_repeat(endpoint.bucket, "", CREATE)
        self._repeatable = is_kept and may_repeat and not context.tracks_fields
        # A client that creates one body again and again sends one request.
        self._last_request: Request | None = None
        self._last_stamp: Stamp | None = None
        self._fillings: dict[Template, Filling] = {}
        # Much is created at one instant; its text is asked for once.
        self._now_ns = context.clock.now_ns
        self._instant_ns, self._now_text = -1, ""

    @property
    def bucket(self) -> str:
        """What is created."""
        return self._registry.endpoint.bucket

    def create(self, request: Request) -> Response:
        """Store a new object, by a stamp if the same or nearly the same was created before.

        Only plain requests are ever learned, so the next of many like them is asked nothing else.
        """
        if request is self._last_request:
            stamp, texts = self._last_stamp, NO_TEXTS
        else:
            stamp, texts = self._variants.find(request) or self._found(request)
        if stamp is not None:
            obj = self._stamped(request, stamp, texts)
            if obj is not None:
                return Response(201, obj, None, stamp.warnings)
        return self._create_anew(request)

    def make(self, request: Request) -> FrozenMap:
        """As `create`, for who reads the object alone."""
        stamp = self._last_stamp
        if request is self._last_request and stamp is not None:
            obj = self._stamped(request, stamp, NO_TEXTS)
            return body_of(self._create_anew(request)) if obj is None else obj
        return body_of(self.create(request))

    def fill(self, request: Request, template: Template, texts: tuple[str, ...]) -> None:
        """As `create` of the body that this template makes of these texts, which is not made.

        At least not where such a body was stamped before.
        """
        filling = self._fillings.get(template)
        if filling is not None and filling.request is request:
            pick = filling.own
            own, stamp = pick(texts), filling.form.stamp
            if own is not None and stamp is not None:
                try:
                    obj = self._pressed(stamp, filling.namespace, own)
                except CompareFailedError as error:
                    obj = self._pressed_again(filled(request, template, texts), stamp, own, error)
                if obj is not None:
                    return
        self._fill_anew(request, template, texts)

    def _fill_anew(self, request: Request, template: Template, texts: tuple[str, ...]) -> None:
        """Make the body and create it, and learn which texts are free in it."""
        whole = filled(request, template, texts)
        self.create(whole)
        form = self._variants.form_of(whole)
        if form is not None:
            filling = Filling.of(request, template, texts, form)
            if filling is not None:
                if len(self._fillings) >= FILLINGS_COUNT_MAX:
                    self._fillings.clear()
                self._fillings[template] = filling

    def _found(self, request: Request) -> Variant:
        """The stamp for just this body, if there is one."""
        stamp = self._stamps.find(request)
        if stamp is not None:
            self._last_request, self._last_stamp = request, stamp
        return stamp, NO_TEXTS

    def _pressed(self, stamp: Stamp, namespace: str, texts: tuple[str, ...]) -> FrozenMap | None:
        """The next object of a stamp, stored; None where the stamp does not hold any more."""
        clock, press = self._now_ns, stamp.press  # Read first: a call of what a slot holds is slow.
        now_ns = clock()
        if now_ns is not self._instant_ns:  # It is the same number while time stands still.
            self._instant_ns, self._now_text = now_ns, self._context.now_text()
        return press(namespace, self._now_text, texts)

    def _stamped(self, request: Request, stamp: Stamp, texts: tuple[str, ...]) -> FrozenMap | None:
        """The same, under another name where one that was made up is taken."""
        try:
            return self._pressed(stamp, request.namespace, texts)
        except CompareFailedError as error:
            return self._pressed_again(request, stamp, texts, error)

    def _pressed_again(
        self, request: Request, stamp: Stamp, texts: tuple[str, ...], error: CompareFailedError
    ) -> FrozenMap | None:
        """The object under another generated name: the first was taken, as `error` says."""
        assert request.body is not None  # It is plain.
        for attempt in TRIES:
            check_retry(self._registry.endpoint, request.body, attempt, error)
            try:
                return self._pressed(stamp, request.namespace, texts)
            except CompareFailedError as again:
                error = again
        raise AssertionError("unreachable")

    def _create_anew(self, request: Request) -> Response:
        """Store a new object the long way, and learn from it if others may be like it."""
        self._last_request = self._last_stamp = None
        registry, body = self._registry, request.body
        if (
            not self._repeatable
            or body is None
            or request.body_problems
            or request.write_options.dry_run
            or not is_plain(body)
        ):
            return registry.create(request)
        if self._variants.may_learn(body):
            response, created = self._learned(request)
            self._variants.learn(request, created, self._context.now_text())
            return response
        if has_generated_name(body):
            response, created = self._learned(request)
            self._stamps.learn(request, created, self._context.now_text())
            return response
        return registry.create(request)

    def _learned(self, request: Request) -> tuple[Response, Created]:
        storage = self._context.storage
        reads = RecordingObjects(storage)
        response = self._registry.create(request, reads)
        assert response.body is not None  # Creates answer with the object.
        changes = {bucket: storage.store.last_change(bucket) for bucket in reads.buckets}
        return response, Created(response.body, response.warnings, changes)
