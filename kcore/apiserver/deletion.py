"""Deletion: grace periods, finalizers, propagation, preconditions.

What goes at once, what is only marked, and which finalizers a propagation policy adds. Pure
decisions on metadata first; `delete_object` carries them out.
"""

from dataclasses import dataclass
from typing import Final

from kcore.apiserver.admission.plugin import DELETE, Attributes
from kcore.apiserver.context import ServerContext
from kcore.apiserver.custom_resources import DEFINITIONS, marked_for_cleanup
from kcore.apiserver.decoding import method_not_allowed
from kcore.apiserver.delete_options import check_delete_options
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.listing import list_objects
from kcore.apiserver.registry import Registry, success
from kcore.apiserver.strategy.traits import Traits
from kcore.errors import ApiError, Details, conflict
from kcore.machinery.durations import seconds_ns
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap, Patch, Paths
from kcore.machinery.request import DeleteOptions, Request, Response
from kcore.machinery.timestamps import format_time, parse_time
from kcore.store.revision import KeyValue

ORPHAN_FINALIZER: Final = "orphan"
FOREGROUND_FINALIZER: Final = "foregroundDeletion"

# Resources that upstream keeps as another group's.
_INTERNAL_GROUPS: Final = {"events.events.k8s.io": ""}
_JOB_WARNING: Final = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background "
    "to remove them or set propagationPolicy=Orphan to suppress this warning"
)

_MARKS: Final = (("metadata", "deletionTimestamp"), ("metadata", "deletionGracePeriodSeconds"))
_MARKED: Final = Paths(*_MARKS)
_WITH_MARKS: Final = Patch(*_MARKS)
_GRACE: Final = Paths(
    ("spec", "nodeName"), ("status", "phase"), ("spec", "terminationGracePeriodSeconds")
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to happen to an object: its content with the mark, and whether it then goes.

    `obj` is the stored object itself when nothing is to be written first.
    """

    obj: FrozenMap
    goes: bool


def delete(registry: Registry, request: Request) -> Response:
    """Answer a delete.

    Raises:
        ApiError: 404, 409 or 422, or what admission says.
    """
    context, endpoint = registry.context, registry.endpoint
    check_delete_options(request.delete_options)
    warnings: tuple[str, ...] = ()
    if endpoint.bucket == "jobs.batch" and request.delete_options.propagation_policy is None:
        warnings = (_JOB_WARNING,)
    stored = context.storage.read(endpoint.bucket, f"{request.namespace}/{request.name}")
    if stored is None:
        admit_delete(context, endpoint, request, None)
        raise endpoint.not_found(request.name)
    admit_delete(context, endpoint, request, stored.value)
    if endpoint.bucket == "namespaces":
        body = _delete_namespace(context, endpoint, request, stored)
    elif endpoint.bucket == DEFINITIONS:
        body = _delete_definition(context, endpoint, request, stored)
    else:
        body = delete_object(context, endpoint, request, stored)
    return Response(200, body, warnings=warnings)


def delete_collection(registry: Registry, request: Request) -> Response:
    """Delete everything a list would find; answers with that list.

    Raises:
        ApiError: as `delete`; the objects before the refused one are gone.
    """
    endpoint = registry.endpoint
    if endpoint.info.namespaced and not request.namespace:
        raise method_not_allowed()
    check_delete_options(request.delete_options)
    listed = list_objects(registry.context.storage, endpoint, request)
    found = EMPTY_LIST if listed.body is None else listed.body["items"]
    for obj in found:
        metadata = obj["metadata"]
        one = request._replace(
            verb="delete",
            namespace=metadata.get("namespace") or "",
            name=metadata["name"],
        )
        try:
            delete(registry, one)
        except ApiError as error:
            if error.code != 404:
                raise
    return listed


def admit_delete(
    context: ServerContext, endpoint: Endpoint, request: Request, old: FrozenMap | None
) -> None:
    """Ask admission about a deletion.

    Raises:
        ApiError: it refuses.
    """
    if not context.admission.wants(endpoint.bucket, "", DELETE):
        return
    attributes = Attributes(
        operation="DELETE",
        info=endpoint.info,
        resource=endpoint.bucket,
        subresource="",
        namespace=request.namespace,
        name=request.name,
        object=None,
        old_object=old,
        dry_run=request.delete_options.dry_run,
        user=request.user,
    )
    context.admission.mutate(attributes, context.storage)
    context.admission.validate(attributes, attributes.object, context.storage)


def delete_object(
    context: ServerContext, endpoint: Endpoint, request: Request, stored: KeyValue
) -> FrozenMap:
    """Delete or mark one stored object; returns what the server answers."""
    options, storage = request.delete_options, context.storage
    verdict = decide(endpoint, stored.value, options, context.clock.now_ns())
    obj, revision = verdict.obj, stored.mod_revision
    if options.dry_run:
        return _answer(endpoint, obj, verdict.goes)
    if obj is not stored.value:
        obj = storage.update(endpoint.bucket, stored.key, obj, revision)
        revision = storage.store.revision
    if verdict.goes:
        obj = storage.delete(endpoint.bucket, stored.key, revision)
    return _answer(endpoint, obj, verdict.goes)


def _answer(endpoint: Endpoint, obj: FrozenMap, gone: bool) -> FrozenMap:
    if not gone or endpoint.traits.returns_deleted:
        return obj
    info, metadata = endpoint.info, obj["metadata"]
    return success(
        details=Details(metadata["name"], info.gvk.group, info.resource, metadata["uid"])
    )


# --- decisions -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BeforeDelete:
    """The first decision about a deletion, before finalizers count.

    Attributes:
        obj: the object with its new deadline; the object itself when there is none.
        graceful: it is to be updated with the deadline instead of removed.
        pending: it is already being deleted and nothing changes.
        grace_period_s: the grace that the options ask for from now on; None if none was asked.
    """

    obj: FrozenMap
    graceful: bool
    pending: bool
    grace_period_s: int | None


def before_delete(
    endpoint: Endpoint, obj: FrozenMap, options: DeleteOptions, now_ns: int
) -> BeforeDelete:
    """Whether `obj` goes with grace, and until when. Pure; time is only written down.

    Raises:
        ApiError: 409, a precondition does not hold.
    """
    check_preconditions(endpoint, options, obj)
    requested = options.grace_period_s
    if requested is not None and requested < 0:
        requested = 1
    since, pending_s = _MARKED(obj)
    if (pending_s or 0) < 0:
        obj = obj.set(("metadata", "deletionGracePeriodSeconds"), 1)
    if not endpoint.traits.graceful:
        return BeforeDelete(obj, graceful=False, pending=False, grace_period_s=requested)
    if since is not None:
        return _shortened(obj, requested, now_ns)
    grace_s = _grace_period_s(obj, requested)
    deadline = format_time(now_ns + seconds_ns(grace_s))
    marked = _next_generation(_WITH_MARKS(obj, deadline, grace_s))
    return BeforeDelete(marked, graceful=True, pending=False, grace_period_s=grace_s)


def _shortened(obj: FrozenMap, requested: int | None, now_ns: int) -> BeforeDelete:
    """An object on its way: an earlier deadline counts, a later one does not."""
    metadata = obj["metadata"]
    pending_s = metadata.get("deletionGracePeriodSeconds") or 0
    if not pending_s:
        return BeforeDelete(obj, graceful=False, pending=False, grace_period_s=requested)
    if requested is None or requested >= pending_s:
        left_s = pending_s if requested is None else requested
        return BeforeDelete(obj, graceful=False, pending=True, grace_period_s=left_s)
    deadline_ns = parse_time(metadata["deletionTimestamp"]) + seconds_ns(requested - pending_s)
    grace_s = requested
    if deadline_ns < now_ns:
        deadline_ns, grace_s = now_ns, min(requested, 1)
    marked = obj.set(("metadata", "deletionTimestamp"), format_time(deadline_ns))
    marked = marked.set(("metadata", "deletionGracePeriodSeconds"), grace_s)
    return BeforeDelete(marked, graceful=True, pending=False, grace_period_s=requested)


def decide(endpoint: Endpoint, obj: FrozenMap, options: DeleteOptions, now_ns: int) -> Verdict:
    """What a deletion does to `obj`. Pure; time is only written down.

    Raises:
        ApiError: 409, a precondition does not hold.
    """
    before = before_delete(endpoint, obj, options, now_ns)
    if before.pending:
        return Verdict(obj, goes=False)
    finalizers = finalizers_for(endpoint.traits, obj["metadata"], options)
    if before.graceful:
        marked = _with_finalizers(before.obj, finalizers)
        return Verdict(marked, goes=before.grace_period_s == 0 and not finalizers)
    if not finalizers:
        return Verdict(obj, goes=True)
    return Verdict(_with_finalizers(_marked(before.obj, now_ns), finalizers), goes=False)


def _with_finalizers(obj: FrozenMap, finalizers: FrozenList) -> FrozenMap:
    if finalizers == obj["metadata"].get("finalizers", EMPTY_LIST):
        return obj
    if not finalizers:
        return obj.remove(("metadata", "finalizers"))
    return obj.set(("metadata", "finalizers"), finalizers)


def _marked(obj: FrozenMap, now_ns: int) -> FrozenMap:
    """Marked as being deleted without grace; the same object when it is already."""
    metadata = obj["metadata"]
    if metadata.get("deletionGracePeriodSeconds") is None:
        obj = _next_generation(obj)
    deadline = metadata.get("deletionTimestamp")
    if deadline is None or parse_time(deadline) > now_ns:
        obj = obj.set(("metadata", "deletionTimestamp"), format_time(now_ns))
    if metadata.get("deletionGracePeriodSeconds") == 0:
        return obj
    return obj.set(("metadata", "deletionGracePeriodSeconds"), 0)


def _next_generation(obj: FrozenMap) -> FrozenMap:
    generation = obj["metadata"].get("generation") or 0
    return obj.set(("metadata", "generation"), generation + 1) if generation > 0 else obj


def _grace_period_s(pod: FrozenMap, requested: int | None) -> int:
    node_name, phase, own = _GRACE(pod)
    if not node_name or phase in ("Succeeded", "Failed"):
        return 0
    if requested is not None:
        return requested
    return 1 if own is not None and own < 0 else int(own or 0)


def finalizers_for(traits: Traits, metadata: FrozenMap, options: DeleteOptions) -> FrozenList:
    """The finalizers that the object is to have for this propagation policy."""
    held: FrozenList = metadata.get("finalizers") or EMPTY_LIST
    wanted = _collection_finalizer(traits, held, options)
    if not held and not wanted:
        return held
    kept = [name for name in held if name not in (ORPHAN_FINALIZER, FOREGROUND_FINALIZER)]
    present = [name for name in held if name in (ORPHAN_FINALIZER, FOREGROUND_FINALIZER)]
    if present == ([wanted] if wanted else []):
        return held
    result = EMPTY_LIST
    for name in [*kept, wanted] if wanted else kept:
        result = result.append(name)
    return result


def _collection_finalizer(traits: Traits, held: FrozenList, options: DeleteOptions) -> str:
    if traits.garbage_collection == "Unsupported":
        return ""
    policy = options.propagation_policy
    if policy is not None:
        return {"Orphan": ORPHAN_FINALIZER, "Foreground": FOREGROUND_FINALIZER}.get(policy, "")
    for name in held:
        if name in (ORPHAN_FINALIZER, FOREGROUND_FINALIZER):
            return str(name)
    return ORPHAN_FINALIZER if traits.garbage_collection == "Orphan" else ""


# --- namespaces ----------------------------------------------------------------------------


def _delete_namespace(
    context: ServerContext, endpoint: Endpoint, request: Request, stored: KeyValue
) -> FrozenMap:
    """Terminating first; gone once `spec.finalizers` is empty."""
    namespace, options = stored.value, request.delete_options
    check_namespace_preconditions(endpoint, options, namespace)
    metadata = namespace["metadata"]
    if metadata.get("deletionTimestamp") is None:
        finalizers = finalizers_for(endpoint.traits, metadata, options)
        marked = _with_finalizers(namespace, finalizers)
        marked = marked.set(("metadata", "deletionTimestamp"), context.now_text())
        marked = marked.set(("status", "phase"), "Terminating")
        if options.dry_run:
            return marked
        storage = context.storage
        return storage.update(endpoint.bucket, stored.key, marked, stored.mod_revision)
    if namespace.at("spec", "finalizers"):
        return namespace
    return delete_object(context, endpoint, request, stored)


def _delete_definition(
    context: ServerContext, endpoint: Endpoint, request: Request, stored: KeyValue
) -> FrozenMap:
    """Terminating first; gone once nothing of its kind is left."""
    definition, options = stored.value, request.delete_options
    if definition["metadata"].get("deletionTimestamp") is not None:
        return delete_object(context, endpoint, request, stored)
    check_namespace_preconditions(endpoint, options, definition)
    marked = marked_for_cleanup(context, definition)
    if options.dry_run:
        return marked
    return context.storage.update(endpoint.bucket, stored.key, marked, stored.mod_revision)


def check_namespace_preconditions(
    endpoint: Endpoint, options: DeleteOptions, namespace: FrozenMap
) -> None:
    """Namespaces and definitions of kinds word their refusals differently.

    Raises:
        ApiError: 409.
    """
    metadata = namespace["metadata"]
    pairs = (
        ("UID", options.uid, "uid"),
        ("ResourceVersion", options.resource_version, "resourceVersion"),
    )
    for word, wanted, field in pairs:
        if wanted is not None and wanted != metadata[field]:
            why = (
                f"Precondition failed: {word} in precondition: {wanted}, "
                f"{word} in object meta: {metadata[field]}"
            )
            raise endpoint.conflict(metadata["name"], why)


# --- refusals ------------------------------------------------------------------------------


def check_preconditions(endpoint: Endpoint, options: DeleteOptions, obj: FrozenMap) -> None:
    """The uid and resourceVersion a delete names must be the object's.

    Raises:
        ApiError: 409.
    """
    uid, version = options.uid, options.resource_version
    if uid is None and version is None:
        return
    metadata = obj["metadata"]
    group = _INTERNAL_GROUPS.get(endpoint.bucket, endpoint.info.gvk.group)
    if uid is not None and uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record "
            f"({metadata['uid']}). The object might have been deleted and then recreated"
        )
        raise conflict(endpoint.kind, metadata["name"], why, group)
    if version is not None and version != metadata["resourceVersion"]:
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({metadata['resourceVersion']}). "
            "The object might have been modified"
        )
        raise conflict(endpoint.kind, metadata["name"], why, group)
