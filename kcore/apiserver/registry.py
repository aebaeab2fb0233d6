"""Get, create, update and patch for one resource: the generic handlers.

A registry is an endpoint plus the server's neighbours. It holds no state of its own.
"""

from typing import Any

from kcore.api.kind_rules import KindRules
from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.apiserver.context import ServerContext
from kcore.apiserver.decoding import (
    check_name,
    decode_body,
    method_not_allowed,
    placed,
)
from kcore.apiserver.empties import in_words_of, settled
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.field_management import (
    build_field_manager,
    manager_name,
    sent_owners,
    tracked_birth,
)
from kcore.apiserver.generated_names import under_free_name
from kcore.apiserver.listing import parse_revision, too_large
from kcore.apiserver.mutation import (
    Change,
    Part,
    Validate,
    check_uid,
    mutate,
    validate_metadata,
)
from kcore.apiserver.strategy.base import content_changed
from kcore.apiserver.strategy.metadata import (
    born_metadata,
    deduplicated_owners,
    duplicate_owner_warning,
    metadata_of,
)
from kcore.errors import ApiError, Details
from kcore.machinery.apply.field_manager import FieldManager
from kcore.machinery.apply.managed_fields import managed_fields_of, without_managed_fields
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import Request, Response
from kcore.machinery.scheme import Scheme
from kcore.store.revision import CompareFailedError


class Registry:
    """One resource of one server."""

    __slots__ = (
        "_managers",
        "context",
        "endpoint",
        "main_part",
        "scheme",
        "status_part",
    )

    def __init__(self, context: ServerContext, endpoint: Endpoint, scheme: Scheme) -> None:
        self.context = context
        self.endpoint = endpoint
        self.scheme = scheme
        self._managers: dict[str, FieldManager] = {}
        strategy, rules = endpoint.strategy, endpoint.rules
        self.main_part = Part(strategy.updated, _update_rules(rules))
        of_status = rules.validate_status or validate_metadata
        if endpoint.custom is not None:
            of_status = endpoint.custom.validate_status
        self.status_part = Part(strategy.status_updated, of_status, "status")

    def field_manager(self, subresource: str) -> FieldManager:
        """Who looks after field owners at this endpoint or one of its subresources."""
        found = self._managers.get(subresource)
        if found is None:
            found = self._managers[subresource] = build_field_manager(self.endpoint, subresource)
        return found

    def get(self, request: Request) -> Response:
        """The object, at least as new as the request's resourceVersion."""
        wanted = request.list_options.resource_version
        if wanted:
            revision = parse_revision(wanted)
            current = self.context.storage.store.revision
            if revision > current:
                raise too_large(revision, current)
        return Response(200, self.require(request))

    def require(self, request: Request) -> FrozenMap:
        """The object that `request` names.

        Raises:
            ApiError: 404.
        """
        found = self.context.storage.get(self.endpoint.bucket, request.namespace, request.name)
        if found is None:
            raise self.endpoint.not_found(request.name)
        return found

    # --- create ----------------------------------------------------------------------------

    def create(self, request: Request, objects: Objects | None = None) -> Response:
        """Store a new object; admission reads through `objects`, the storage if there are none."""
        if self.endpoint.info.namespaced and not request.namespace:
            raise method_not_allowed()
        body, warnings = decode_body(request, self.endpoint, self.scheme)
        return self.create_decoded(request, body, warnings, sent_owners(request.body), objects)

    def create_decoded(
        self,
        request: Request,
        body: FrozenMap,
        warnings: tuple[str, ...],
        sent: Any = None,
        objects: Objects | None = None,
    ) -> Response:
        """Store a new object whose body was decoded already; `sent` are its owners as sent.

        Admission reads through `objects`, the storage if there are none.
        """
        body = self._owned(request, placed(body, self.endpoint, request.namespace), sent)
        return self.create_owned(request, body, warnings, objects)

    def _owned(self, request: Request, body: FrozenMap, sent: Any) -> FrozenMap:
        if not self.context.tracks_fields and not sent:
            return without_managed_fields(body)
        whole = self.endpoint.rules.default(settled(self.endpoint, request, body))
        owned = tracked_birth(self.context, self.field_manager(""), request, whole, sent)
        return body.set(("metadata", "managedFields"), managed_fields_of(owned))

    def create_owned(
        self,
        request: Request,
        body: FrozenMap,
        warnings: tuple[str, ...],
        objects: Objects | None = None,
    ) -> Response:
        """Store a new object that has its owners already."""
        body = placed(body, self.endpoint, request.namespace)
        body, repeated = deduplicated_owners(body)
        if repeated:
            warnings = (*warnings, duplicate_owner_warning(repeated))
        _check_unversioned(body)
        created = under_free_name(
            self.endpoint, body, lambda: self._create_once(request, body, objects)
        )
        warnings = (*warnings, *self.endpoint.warn(created, None))
        return Response(201, created, warnings=warnings)

    def _create_once(self, request: Request, body: FrozenMap, objects: Objects | None) -> FrozenMap:
        context, endpoint = self.context, self.endpoint
        objects = context.storage if objects is None else objects
        obj = self._filled(request, body)
        name = obj.at("metadata", "name", default="")
        attributes = None
        if context.admission.wants(endpoint.bucket, "", CREATE):
            attributes = self._attributes(request, obj, name)
            obj = context.admission.mutate(attributes, objects) or obj
        sent = endpoint.strategy.born(obj, context)
        obj, errors = settled(endpoint, request, sent), FieldErrors()
        endpoint.rules.validate(obj, errors)
        if len(errors):
            if obj is not sent:
                errors = in_words_of(lambda found: endpoint.rules.validate(sent, found), errors)
            raise errors.to_api_error(endpoint.kind, endpoint.kind_group, name)
        if attributes is not None:
            context.admission.validate(attributes, obj, objects)
        key = f"{request.namespace}/{name}"
        if not request.write_options.dry_run:
            return context.storage.create(endpoint.bucket, key, obj)
        taken = context.storage.read(endpoint.bucket, key)
        if taken is not None:
            raise CompareFailedError(endpoint.bucket, key, 0, taken)
        return obj

    def _filled(self, request: Request, body: FrozenMap) -> FrozenMap:
        """The object with what only the server knows: name, uid, time, generation, status."""
        context, strategy = self.context, self.endpoint.strategy
        sent = metadata_of(body)
        name = sent.get("name") or ""
        if not name and sent.get("generateName"):
            name = context.generate_name(sent["generateName"])
        metadata = born_metadata(sent, name, request.namespace)
        metadata["uid"] = context.mint_uid()
        metadata["creationTimestamp"] = context.now_text()
        if sent.get("managedFields"):
            metadata["managedFields"] = sent["managedFields"]
        fields: dict[str, object] = dict(body)
        strategy.fill_born(fields, metadata)
        fields["metadata"] = metadata
        obj: FrozenMap = freeze(fields)
        return self.endpoint.rules.default(obj)

    def _attributes(self, request: Request, obj: FrozenMap, name: str) -> Attributes:
        return Attributes(
            operation="CREATE",
            info=self.endpoint.info,
            resource=self.endpoint.bucket,
            subresource="",
            namespace=request.namespace,
            name=name,
            object=obj,
            old_object=None,
            dry_run=request.write_options.dry_run,
            user=request.user,
        )

    # --- update ----------------------------------------------------------------------------

    def update(self, request: Request) -> Response:
        """Replace an object; some kinds are created when they are not there."""
        storage = self.context.storage
        old = storage.get(self.endpoint.bucket, request.namespace, request.name)
        wanted, warnings = self.decoded_update(request, old)
        if old is None and not self.endpoint.traits.create_on_update:
            raise self.endpoint.not_found(request.name)
        check_uid(self.endpoint, request, metadata_of(wanted).get("uid") or "", old)
        if old is None:
            return self._create_by_update(request, wanted, warnings)
        wanted, repeated = deduplicated_owners(wanted)
        if repeated:
            warnings = (*warnings, duplicate_owner_warning(repeated))
        endpoint, said = self.endpoint, list(warnings)

        def change(stored: FrozenMap) -> FrozenMap:
            return self.tracked(request, stored, defaulted(endpoint, wanted, stored), request.body)

        try:
            updated = self.mutated(request, change, self.main_part, said)
        except ApiError as error:
            error.warnings = warnings
            raise
        return Response(200, updated, warnings=tuple(said))

    def mutated(
        self, request: Request, change: Change, part: Part, warnings: list[str]
    ) -> FrozenMap:
        """The object after `change`; what is to be said of it is added to `warnings`."""
        seen: list[FrozenMap] = []

        def noted(stored: FrozenMap) -> FrozenMap:
            seen[:] = [stored]
            return change(stored)

        updated = mutate(self.context, self.endpoint, request, noted, part)
        if part is self.main_part:
            warnings.extend(self.endpoint.warn(updated, seen[0]))
        return updated

    def tracked(
        self, request: Request, old: FrozenMap, new: FrozenMap, sent: FrozenMap | None
    ) -> FrozenMap:
        """The new object with its field owners; `sent` is the object as the request has it."""
        if new is old:
            return old
        owners = sent_owners(sent)
        if not owners and not len(managed_fields_of(old)):
            return without_managed_fields(new)
        manager = self.field_manager(request.subresource)
        kept, now = settled(self.endpoint, request, new), self.context.now_text()
        owned = manager.update(old, kept, owners, manager_name(request), now)
        if kept is new:
            return owned
        return new.set(("metadata", "managedFields"), managed_fields_of(owned))

    def decoded_update(
        self, request: Request, old: FrozenMap | None
    ) -> tuple[FrozenMap, tuple[str, ...]]:
        """The body of an update: of this kind, with the URL's name, in the URL's namespace."""
        body, warnings = decode_body(request, self.endpoint, self.scheme, old)
        check_name(body, request.name)
        return placed(body, self.endpoint, request.namespace), warnings

    def _create_by_update(
        self, request: Request, wanted: FrozenMap, warnings: tuple[str, ...]
    ) -> Response:
        seen = metadata_of(wanted).get("resourceVersion")
        if seen == "0" and not self.endpoint.traits.unconditional_update:
            errors = FieldErrors()
            errors.invalid("metadata.resourceVersion", 0, "must be specified for an update")
            info = self.endpoint.info
            raise errors.to_api_error(info.resource, info.gvk.group, request.name)
        wanted = wanted.remove(("metadata", "resourceVersion"))
        return self.create_decoded(request, wanted, warnings, sent_owners(request.body))


def _update_rules(rules: KindRules) -> Validate:
    """The kind's rules for a change; of labels, owners and finalizers alone, those of metadata."""
    of_metadata = rules.validate_metadata or validate_metadata

    def validate(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        annotations = new["metadata"].get("annotations")
        same = annotations == old["metadata"].get("annotations") and not content_changed(new, old)
        (of_metadata if same else rules.validate_update)(new, old, errors)

    return validate


def defaulted(endpoint: Endpoint, wanted: FrozenMap, stored: FrozenMap) -> FrozenMap:
    """`wanted` with defaults; what is the stored object's own content has them already."""
    settled = ("metadata",) if endpoint.traits.defaults_status else ("metadata", "status")
    for key, value in wanted.items():
        if key not in settled and value is not stored.get(key):
            if key in ("apiVersion", "kind") and value == stored.get(key):
                continue
            return endpoint.rules.default(wanted)
    labels, before = metadata_of(wanted).get("labels"), stored["metadata"].get("labels")
    lost_labels = before and not labels
    if endpoint.kind == "DaemonSet" and wanted["metadata"] is not stored["metadata"]:
        # The generation of its template, which upstream keeps as a number, is an annotation.
        return endpoint.rules.default(wanted)
    if endpoint.kind == "Namespace" and before != labels:
        # A namespace's name is one of its labels, whatever a request says.
        return endpoint.rules.default(wanted)
    if lost_labels or len(wanted) != len(stored):
        return endpoint.rules.default(wanted)
    return wanted


def _check_unversioned(body: FrozenMap) -> None:
    seen = metadata_of(body).get("resourceVersion") or ""
    if seen.isascii() and seen.isdigit() and int(seen) != 0:
        message = "resourceVersion should not be set on objects to be created"
        raise ApiError(500, "", message)


def success(code: int = 200, details: Details | None = None) -> FrozenMap:
    """A Status that says all went well."""
    status: dict[str, object] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
    }
    if code != 200:
        status["code"] = code
    if details is not None:
        status["details"] = details.to_dict()
    result: FrozenMap = freeze(status)
    return result
