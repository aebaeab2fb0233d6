"""Creates that are like one before: the long way for the first ones, a stamp for the rest."""

from collections.abc import Callable, Mapping
from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Objects
from kcore.apiserver.context import ServerContext
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.generated_names import TRIES, check_retry
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
from kcore.machinery.formats import dns1123_subdomain
from kcore.machinery.request import Request, Response
from kcore.store.revision import CompareFailedError

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

LongWay = Callable[[Request, Objects | None], Response]
"""Decode, default, admit, validate, store; admission reads through the second argument."""


class RepeatedCreates:
    """What one resource of one server knows of creates that come again."""

    __slots__ = (
        "_bucket",
        "_context",
        "_endpoint",
        "_is_unchanged",
        "_last_request",
        "_last_stamp",
        "_repeatable",
        "_stamps",
        "_variants",
    )

    def __init__(self, context: ServerContext, endpoint: Endpoint) -> None:
        self._context = context
        self._endpoint = endpoint
        self._bucket = endpoint.bucket
        self._is_unchanged = context.storage.is_unchanged
        self._stamps = Stamps()
        kind = endpoint.info.gvk.group, endpoint.kind
        self._variants = Variants(FREE_TEXT.get(kind, FreeText()))
        # What is kept in another version is not what was answered, so it cannot be stamped.
        is_kept = endpoint.versions is None or endpoint.versions.kept == endpoint.api_version
        may_repeat = context.admission.may_repeat(endpoint.bucket, "", CREATE)
        self._repeatable = is_kept and may_repeat and not context.tracks_fields
        # A client that creates one body again and again sends one request.
        self._last_request: Request | None = None
        self._last_stamp: Stamp | None = None

    def repeat(self, request: Request) -> Response | None:
        """Store a new object by a stamp; None where the body has none, or none that holds.

        Only plain requests are ever learned, so the next of many like them is asked nothing else.
        """
        if request is self._last_request:
            stamp, name, texts = self._last_stamp, "", NO_TEXTS
        else:
            found = self._find(request)
            if found is None:
                return None
            stamp, name, texts = found
        if stamp is None or not self._is_unchanged(stamp.created.reads):
            return None
        return self._stamped(request, stamp, name, texts)

    def create_anew(self, request: Request, long_way: LongWay) -> Response:
        """Store a new object the long way, and learn from it if others may be like it."""
        self._last_request = self._last_stamp = None
        body = request.body
        if (
            not self._repeatable
            or body is None
            or request.body_problems
            or request.write_options.dry_run
            or not is_plain(body)
        ):
            return long_way(request, None)
        if self._variants.may_learn(body):
            response, created = self._learned(request, long_way)
            self._variants.learn(request, created, self._context.now_text())
            return response
        if has_generated_name(body):
            response, created = self._learned(request, long_way)
            self._stamps.learn(request, created, self._context.now_text())
            return response
        return long_way(request, None)

    def _find(self, request: Request) -> Variant | None:
        """The stamp for such a body, with what to put in."""
        found = self._variants.find(request)
        if found is not None:
            name = found[1]
            return None if name and dns1123_subdomain(name) else found
        stamp = self._stamps.find(request)
        if stamp is None:
            return None
        self._last_request, self._last_stamp = request, stamp
        return stamp, "", NO_TEXTS

    def _learned(self, request: Request, long_way: LongWay) -> tuple[Response, Created]:
        storage = self._context.storage
        reads = RecordingObjects(storage)
        response = long_way(request, reads)
        assert response.body is not None  # Creates answer with the object.
        changes = {bucket: storage.last_change(bucket) for bucket in reads.buckets}
        return response, Created(response.body, response.warnings, changes)

    def _stamped(
        self, request: Request, stamp: Stamp, name: str, texts: tuple[str, ...]
    ) -> Response:
        """The next object; without `name`, which is the first of the texts, one is generated."""
        context = self._context
        storage = context.storage
        for attempt in TRIES:
            if name:
                own, given = name, texts
            else:
                own = stamp.prefix + context.name_suffix()
                given = (own, *texts)
            uid, now = context.mint_uid(), context.now_text()
            if stamp.times_count:
                given = (*(now,) * stamp.times_count, *given)
            obj = stamp.template(uid, f"{storage.store.next_revision}", now, *given)
            try:
                storage.commit("create", self._bucket, f"{request.namespace}/{own}", obj, 0)
            except CompareFailedError as error:
                assert request.body is not None  # It is plain.
                check_retry(self._endpoint, request.body, attempt, error)
            else:
                return Response(201, obj, None, stamp.created.warnings)
        raise AssertionError("unreachable")
