"""/binding of pods: the assignment of a pod to a node, the scheduler's one write."""

from functools import lru_cache
from typing import Any, Final

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.apiserver.admission.plugin import CREATE, Attributes
from kcore.apiserver.decoding import check_kind, decode_as, method_not_allowed
from kcore.apiserver.mutation import check_uid, storage_error
from kcore.apiserver.registry import Registry, success
from kcore.errors import ApiError, bad_request, conflict
from kcore.limits import UPDATE_TRIES_COUNT_MAX
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import (
    EMPTY_LIST,
    EMPTY_MAP,
    FrozenList,
    FrozenMap,
    Patch,
    Path,
    Paths,
    freeze,
)
from kcore.machinery.names import subdomain_name
from kcore.machinery.request import Request, Response
from kcore.machinery.resource import GroupVersionKind
from kcore.store.revision import CompareFailedError

DONE: Final = Response(201, success(201))
"""The answer to a binding that was done."""

BINDING: Final = GroupVersionKind("", "v1", "Binding")

_NAME: Final = Path("metadata", "name")
_WANTED: Final = Paths(
    ("target", "kind"),
    ("target", "name"),
    ("metadata", "uid"),
    ("metadata", "resourceVersion"),
    ("metadata", "annotations"),
    ("metadata", "labels"),
)
# What of a pod decides whether it can be bound, and what a binding takes from its status.
_FOUND: Final = Paths(
    ("metadata", "uid"),
    ("metadata", "deletionTimestamp"),
    ("spec", "nodeName"),
    ("spec", "schedulingGates"),
    ("status", "nominatedNodeName"),
    ("status", "conditions"),
)
_PLACED: Final = Patch(
    ("spec", "nodeName"), ("status", "conditions"), ("metadata", "resourceVersion")
)


def bind(registry: Registry, request: Request) -> Response:
    """Assign the pod to the target node and say so in its conditions.

    Raises:
        ApiError: 400, 404, 405, 409, or 500 for a target that cannot be one.
    """
    if request.verb != "create":
        raise method_not_allowed()
    binding = request.body
    if binding is None:
        raise bad_request("EOF")
    # What schedulers send is decoded already: all it has are known texts.
    if BINDING_OF_POD.read_texts(binding) is None:
        check_kind(binding, BINDING, registry.scheme)
        binding, _ = decode_as(binding, BINDING, request.write_options.field_validation)
    if (_NAME(binding) or "") != request.name:
        raise bad_request("name in URL does not match name in Binding object")
    assign(registry, request, _admit(registry, request, binding))
    return DONE


def _admit(registry: Registry, request: Request, binding: FrozenMap) -> FrozenMap:
    context, endpoint = registry.context, registry.endpoint
    plan = context.admission.plan(endpoint.bucket, "binding", CREATE)
    attributes = Attributes(
        CREATE,
        endpoint.info,
        endpoint.bucket,
        "binding",
        request.namespace,
        request.name,
        binding,
        None,
        request.write_options.dry_run,
        request.user,
    )
    admitted = plan.admit(attributes, context.storage)
    assert admitted is not None  # No mutator takes an object away.
    return admitted


@lru_cache(maxsize=16_384)  # A fact about texts; there are fewer nodes than bindings.
def _target_problem(kind: str | None, name: str | None) -> str:
    """What is wrong with the target, or nothing."""
    errors = FieldErrors()
    if kind not in (None, "", "Node"):
        errors.not_supported("target.kind", kind, ("Node", "<empty>"))
    if not name:
        errors.required("target.name")
    else:
        errors.invalid_each("target.name", name, subdomain_name(name))
    return errors.message() if len(errors) else ""


def assign(registry: Registry, request: Request, binding: FrozenMap) -> None:
    """Assign the pod as a binding says that was decoded and admitted.

    Raises:
        ApiError: 404, 409, or 500 for a target that cannot be one.
    """
    context, endpoint = registry.context, registry.endpoint
    storage, bucket, name = context.storage, endpoint.bucket, request.name
    kind, node, uid, version, annotations, labels = _WANTED(binding)
    problem = _target_problem(kind, node)
    if problem:
        raise ApiError(500, "", problem)
    key = f"{request.namespace}/{name}"
    for _ in range(UPDATE_TRIES_COUNT_MAX):
        stored = storage.read(bucket, key)
        if stored is None:
            raise endpoint.not_found(name)
        pod = stored.value
        found_uid, deleted, held_by, gates, nominated, conditions = _FOUND(pod)
        if version or uid != found_uid:
            check_uid(endpoint, request, uid or "", pod)
            _check_version(registry, request, version or "", pod)
        if deleted is not None or held_by or gates:
            raise conflict("pods/binding", name, _why_not(pod, name))
        if request.write_options.dry_run:
            return
        now = context.now_text()
        conditions = first_conditions(now) if conditions is None else _scheduled(conditions, now)
        if annotations or labels:
            pod = _with_added(pod, annotations, labels)
        bound = _PLACED(pod, node, conditions, str(storage.store.next_revision))
        if nominated is not None:
            bound = bound.remove(("status", "nominatedNodeName"))
        try:
            storage.commit("update", bucket, key, bound, stored.mod_revision)
        except CompareFailedError:
            continue
        return
    raise endpoint.stale(name)


def _check_version(registry: Registry, request: Request, wanted: str, pod: FrozenMap) -> None:
    if not wanted:
        return
    found = pod["metadata"]["resourceVersion"]
    if wanted != found:
        what = f"ResourceVersion in precondition: {wanted}, ResourceVersion"
        why = storage_error(registry.endpoint, request, what, found)
        raise registry.endpoint.conflict(request.name, why)


def _why_not(pod: FrozenMap, name: str) -> str:
    if pod["metadata"].get("deletionTimestamp") is not None:
        return f"pod {name} is being deleted, cannot be assigned to a host"
    node = pod.at("spec", "nodeName", default="")
    if node:
        return f'pod {name} is already assigned to node "{node}"'
    return f"pod {name} has non-empty .spec.schedulingGates"


def _with_added(
    pod: FrozenMap, annotations: FrozenMap | None, labels: FrozenMap | None
) -> FrozenMap:
    """The pod with the annotations and labels of the binding added to its own."""
    for field, added in (("annotations", annotations), ("labels", labels)):
        if added:
            own = pod["metadata"].get(field, EMPTY_MAP)
            pod = pod.set(("metadata", field), {**own, **added})
    return pod


@lru_cache(maxsize=16)
def first_conditions(now: str) -> FrozenList:
    """The conditions of a pod that is bound and had none."""
    conditions: FrozenList = freeze(_scheduled(EMPTY_LIST, now))
    return conditions


def _scheduled(conditions: Any, now: str) -> list[Any]:
    """The conditions with PodScheduled true; its time moves only when its status does."""
    kept, since = [], now
    for condition in conditions:
        if condition.get("type") == "PodScheduled":
            if condition.get("status") == "True":
                since = condition.get("lastTransitionTime") or now
        else:
            kept.append(condition)
    scheduled = {
        "type": "PodScheduled",
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": since,
    }
    return [*kept, scheduled]
