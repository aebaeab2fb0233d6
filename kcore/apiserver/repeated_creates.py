"""Creates that are like one before: the long way for the first ones, a stamp for the rest."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcore.apiserver.admission.plugin import CREATE, Objects
from kcore.apiserver.context import ServerContext
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.generated_names import under_free_name
from kcore.apiserver.stamps import (
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
        body = request.body
        if (
            not self._repeatable
            or body is None
            or request.body_problems
            or request.write_options.dry_run
        ):
            return long_way(request, None)
        # Only plain bodies are known, so the next of many like it is asked nothing else.
        response = self._next_one(request)
        if response is not None:
            return response
        if is_plain(body):
            if self._variants.may_learn(body):
                response, created = self._learned(request, long_way)
                self._variants.learn(request, created, self._context.now_text())
                return response
            if has_generated_name(body):
                response, created = self._learned(request, long_way)
                self._stamps.learn(request, created, self._context.now_text())
                return response
        return long_way(request, None)

    def _next_one(self, request: Request) -> Response | None:
        """The answer by a stamp, if there is one for such a body and it holds."""
        first, second = self._alike, self._same
        if not self._variants.come_first:
            first, second = second, first
        return first(request) or second(request)

    def _same(self, request: Request) -> Response | None:
        stamp = self._stamps.find(request, self._context.storage)
        return None if stamp is None else self._stamped(request, stamp, ())

    def _alike(self, request: Request) -> Response | None:
        found = self._variants.find(request, self._context.storage)
        if found is None or (found.name and subdomain_name(found.name)):
            return None
        return self._stamped(request, found.stamp, found.texts, found.name)

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
            return storage.commit("create", bucket, f"{request.namespace}/{own}", obj, 0)

        assert request.body is not None  # It is plain.
        created = under_free_name(self._endpoint, request.body, make)
        return Response(201, created, warnings=stamp.created.warnings)
