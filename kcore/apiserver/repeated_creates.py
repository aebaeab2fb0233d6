"""Creates that are like one before: the long way for the first ones, a stamp for the rest."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcore.apiserver.admission.plugin import CREATE, Objects
from kcore.apiserver.context import ServerContext
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.generated_names import under_free_name
from kcore.apiserver.stamps import (
    Asked,
    Created,
    FreeText,
    RecordingObjects,
    Stamp,
    Stamps,
    Variants,
    has_generated_name,
    is_plain,
)
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.names import subdomain_name
from kcore.machinery.request import Request, Response

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

    __slots__ = ("_context", "_endpoint", "_repeatable", "_stamps", "_variants")

    def __init__(self, context: ServerContext, endpoint: Endpoint) -> None:
        self._context = context
        self._endpoint = endpoint
        self._stamps = Stamps()
        kind = endpoint.info.gvk.group, endpoint.kind
        self._variants = Variants(FREE_TEXT.get(kind, FreeText()))
        self._repeatable = not context.tracks_fields and context.admission.may_repeat(
            endpoint.bucket, "", CREATE
        )

    def create(self, request: Request, long_way: LongWay) -> Response:
        """Store a new object, by a stamp if the same or nearly the same was created before."""
        if not self._repeatable:
            return long_way(request, None)
        if not self._variants.come_first:
            # Only plain bodies are known, so the next of many like it is asked nothing else.
            stamp = self._stamps.find(request, self._context.storage)
            if stamp is not None:
                return self._stamped(request, stamp, ())
        if not is_plain(request):
            return long_way(request, None)
        body = request.body
        assert body is not None  # It is plain.
        asked = self._variants.read(body)
        if asked is not None:
            return self._variant(request, asked, long_way)
        if has_generated_name(body):
            return self._same_body(request, long_way)
        return long_way(request, None)

    def _same_body(self, request: Request, long_way: LongWay) -> Response:
        stamp = self._stamps.find(request, self._context.storage)
        if stamp is not None:
            return self._stamped(request, stamp, ())
        response, created = self._learned(request, long_way)
        self._stamps.learn(request, created, self._context.now_text())
        return response

    def _variant(self, request: Request, asked: Asked, long_way: LongWay) -> Response:
        stamp = self._variants.find(request, asked, self._context.storage)
        if stamp is not None and not (asked.name and subdomain_name(asked.name)):
            return self._stamped(request, stamp, asked.texts, asked.name)
        response, created = self._learned(request, long_way)
        self._variants.learn(request, asked, created, self._context.now_text())
        return response

    def _learned(self, request: Request, long_way: LongWay) -> tuple[Response, Created]:
        storage = self._context.storage
        reads = RecordingObjects(storage)
        response = long_way(request, reads)
        assert response.body is not None  # Creates answer with the object.
        changes = {bucket: storage.last_change(bucket) for bucket in reads.buckets}
        return response, Created(response.body, response.warnings, changes)

    def _stamped(
        self, request: Request, stamp: Stamp, values: tuple[Any, ...], name: str = ""
    ) -> Response:
        """The next object; without `name` one is generated."""
        context, bucket = self._context, self._endpoint.bucket
        storage = context.storage

        def make() -> FrozenMap:
            own = name or context.generate_name(stamp.base)
            uid = context.mint_uid()
            revision, now = str(storage.store.next_revision), context.now_text()
            rest = (*values, *(now,) * stamp.times_count) if stamp.times_count else values
            obj: FrozenMap = stamp.template(own, uid, now, revision, *rest)
            return storage.create_versioned(bucket, f"{request.namespace}/{own}", obj)

        assert request.body is not None  # It is plain.
        created = under_free_name(self._endpoint, request.body, make)
        return Response(201, created, warnings=stamp.created.warnings)
