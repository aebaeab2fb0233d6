"""Read, change, admit, compare-and-swap, retry: how every update of one object happens.

The caller says what to change (a `Change`) and which part of the object the endpoint may touch (a
`Part`); the rest is the same for PUT, PATCH and the subresources.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from kcore.apiserver.admission.plugin import UPDATE, Attributes
from kcore.apiserver.context import ServerContext
from kcore.apiserver.empties import in_words_of, settled
from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError
from kcore.limits import UPDATE_TRIES_COUNT_MAX
from kcore.machinery.apply.managed_fields import with_old_times
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import validate_object_meta_update
from kcore.machinery.request import Request
from kcore.store.revision import CompareFailedError

Change = Callable[[FrozenMap], FrozenMap]
"""From the stored object to the wanted one, decoded, named and placed."""

Prepare = Callable[[FrozenMap, FrozenMap, ServerContext], FrozenMap]
Validate = Callable[[FrozenMap, FrozenMap, FieldErrors], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What one endpoint of a resource may touch.

    `prepare(new, old, context)` puts back what it may not; `validate(new, old, errors)` collects
    problems; `admits` says under which subresource admission sees it (None: not at all).
    """

    prepare: Prepare
    validate: Validate
    admits: str | None = ""
    verb: Literal["update"] = "update"


def mutate(
    context: ServerContext, endpoint: Endpoint, request: Request, change: Change, part: Part
) -> FrozenMap:
    """Change the object that `request` names, and return it as it is now.

    An object whose last finalizer goes while it is being deleted is removed.

    Raises:
        ApiError: 404, 409, 422, or what `change` or admission say.
    """
    storage, bucket = context.storage, endpoint.bucket
    key = f"{request.namespace}/{request.name}"
    for _ in range(UPDATE_TRIES_COUNT_MAX):
        stored = storage.read(bucket, key)
        if stored is None:
            raise endpoint.not_found(request.name)
        old = stored.value
        new = _changed(context, endpoint, request, change, part, old)
        if new == old and not _is_rewritten(endpoint, old, stored.version):
            return old
        dry_run = request.write_options.dry_run
        if ends_life(endpoint, new, old):
            if not dry_run:
                storage.delete(bucket, key, stored.mod_revision)
            return new
        if dry_run:
            return new
        try:
            return storage.update(bucket, key, new, stored.mod_revision)
        except CompareFailedError:
            continue
    raise endpoint.stale(request.name)


def _is_rewritten(endpoint: Endpoint, old: FrozenMap, version: int) -> bool:
    """Whether a write is kept that changes nothing: the first one after a claim was made.

    Upstream stores a new claim in another form than it stores it from then on.
    """
    is_claim = version == 1 and endpoint.bucket == "persistentvolumeclaims"
    return is_claim and old["metadata"].get("deletionTimestamp") is None


def _changed(
    context: ServerContext,
    endpoint: Endpoint,
    request: Request,
    change: Change,
    part: Part,
    old: FrozenMap,
) -> FrozenMap:
    sent = change(old)
    wanted = settled(endpoint, request, sent)
    attributes = None
    if part.admits is not None and context.admission.wants(endpoint.bucket, part.admits, UPDATE):
        attributes = Attributes(
            operation="UPDATE",
            info=endpoint.info,
            resource=endpoint.bucket,
            subresource=part.admits,
            namespace=request.namespace,
            name=request.name,
            object=wanted,
            old_object=old,
            dry_run=request.write_options.dry_run,
            user=request.user,
        )
        wanted = context.admission.mutate(attributes, context.storage) or wanted
    check_resource_version(endpoint, wanted, old)
    new = part.prepare(wanted, old, context)
    if new is old:
        return old
    errors = FieldErrors()
    part.validate(new, old, errors)
    if len(errors):
        if request.has_empties:
            shown = part.prepare(sent, old, context)
            errors = in_words_of(lambda found: part.validate(shown, old, found), errors)
        raise errors.to_api_error(endpoint.kind, endpoint.kind_group, request.name)
    if attributes is not None:
        context.admission.validate(attributes, new, context.storage)
    return with_old_times(new, old)


def check_resource_version(endpoint: Endpoint, wanted: FrozenMap, old: FrozenMap) -> None:
    """The version a write saw must be the stored one; none at all is good where allowed.

    Raises:
        ApiError: 409, 422, or 500 for a version that is no number.
    """
    metadata = wanted.get("metadata") or EMPTY_MAP
    seen, name = metadata.get("resourceVersion") or "", metadata.get("name") or ""
    if seen == old["metadata"]["resourceVersion"]:
        return
    if seen in ("", "0"):
        if endpoint.traits.unconditional_update:
            return
        raise _version_required(endpoint, name, seen)
    if not (seen.isascii() and seen.isdigit()):
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{seen}": invalid syntax')
    raise endpoint.stale(name)


def _version_required(endpoint: Endpoint, name: str, seen: str) -> ApiError:
    errors = FieldErrors()
    errors.invalid("metadata.resourceVersion", int(seen or 0), "must be specified for an update")
    return errors.to_api_error(endpoint.info.resource, endpoint.info.gvk.group, name)


def check_uid(endpoint: Endpoint, request: Request, wanted_uid: str, old: FrozenMap | None) -> None:
    """The uid that a body names is a precondition.

    Raises:
        ApiError: 409 with upstream's text.
    """
    found = "" if old is None else old["metadata"]["uid"]
    if wanted_uid and wanted_uid != found:
        why = storage_error(endpoint, request, f"UID in precondition: {wanted_uid}, UID", found)
        raise endpoint.conflict(request.name, why)


def storage_error(endpoint: Endpoint, request: Request, what: str, found: str) -> str:
    """Upstream's words for a failed precondition of the storage layer."""
    group = endpoint.info.gvk.group
    place = f"{group}/{endpoint.info.resource}" if "." in group else endpoint.info.resource
    place = {"services": "services/specs", "endpoints": "services/endpoints"}.get(place, place)
    place = "minions" if place == "nodes" else place
    space = f"{request.namespace}/" if request.namespace else ""
    return (
        f"StorageError: invalid object, Code: 4, Key: /registry/{place}/{space}{request.name}, "
        "ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: "
        f"{what} in object meta: {found}"
    )


def validate_metadata(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The rules of metadata alone, for endpoints that touch nothing else that has rules."""
    if new["metadata"] is not old["metadata"]:
        validate_object_meta_update(new["metadata"], old["metadata"], errors)


def ends_life(endpoint: Endpoint, new: FrozenMap, old: FrozenMap) -> bool:
    """Whether this update takes the last finalizer off an object that is being deleted."""
    metadata, before = new["metadata"], old["metadata"]
    if before.get("deletionTimestamp") is None or metadata.get("finalizers"):
        return False
    if endpoint.bucket == "namespaces" and new.at("spec", "finalizers"):
        return False
    return not before.get("deletionGracePeriodSeconds")
