"""/binding of pods: the assignment of a pod to a node, the scheduler's one write."""

from functools import lru_cache
from typing import Any, Final

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.apiserver.admission.plugin import CREATE, Attributes
from kcore.apiserver.decoding import check_kind, decode_as, method_not_allowed
from kcore.apiserver.mutation import check_uid, storage_error
from kcore.apiserver.registry import Registry, success
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.errors import ApiError, bad_request, conflict
from kcore.limits import UPDATE_TRIES_COUNT_MAX
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import (
    EMPTY_LIST,
    EMPTY_MAP,
    FrozenList,
    FrozenMap,
    Patch,
    freeze,
)
from kcore.machinery.names import subdomain_name
from kcore.machinery.request import Request, Response
from kcore.machinery.resource import GroupVersionKind
from kcore.store.revision import CompareFailedError

BINDING: Final = GroupVersionKind("", "v1", "Binding")

_DONE: Final = success(201)


def bind(registry: Registry, request: Request) -> Response:
    """Assign the pod to the target node and say so in its conditions.

    Raises:
        ApiError: 400, 404, 405, 409, or 500 for a target that cannot be one.
    """
    if request.verb != "create":
        raise method_not_allowed()
    if request.body is None:
        raise bad_request("EOF")
    binding = request.body
    if not _is_usual(binding):
        check_kind(binding, BINDING, registry.scheme)
        binding, _ = decode_as(binding, BINDING, request.write_options.field_validation)
    name = metadata_of(binding).get("name") or ""
    if name != request.name:
        raise bad_request("name in URL does not match name in Binding object")
    binding = _admit(registry, request, binding)
    target = binding.get("target") or EMPTY_MAP
    problem = _target_problem(target.get("kind") or "", target.get("name") or "")
    if problem:
        raise ApiError(500, "", problem)
    _assign(registry, request, binding)
    return Response(201, _DONE)


def _is_usual(body: FrozenMap) -> bool:
    """Whether it is what schedulers send; it is decoded already: all it has are known texts."""
    texts = BINDING_OF_POD.read(body)
    return texts is not None and all(map(_is_text, texts))


def _is_text(value: Any) -> bool:
    return type(value) is str


def _admit(registry: Registry, request: Request, binding: FrozenMap) -> FrozenMap:
    context, endpoint = registry.context, registry.endpoint
    if not context.admission.wants(endpoint.bucket, "binding", CREATE):
        return binding
    attributes = Attributes(
        operation="CREATE",
        info=endpoint.info,
        resource=endpoint.bucket,
        subresource="binding",
        namespace=request.namespace,
        name=request.name,
        object=binding,
        old_object=None,
        dry_run=request.write_options.dry_run,
        user=request.user,
    )
    admitted = context.admission.mutate(attributes, context.storage)
    assert admitted is not None  # No mutator takes an object away.
    context.admission.validate(attributes, admitted, context.storage)
    return admitted


@lru_cache(maxsize=16_384)  # A fact about texts; there are fewer nodes than bindings.
def _target_problem(kind: str, name: str) -> str:
    """What is wrong with the target, or nothing."""
    errors = FieldErrors()
    if kind not in ("", "Node"):
        errors.not_supported("target.kind", kind, ("Node", "<empty>"))
    if not name:
        errors.required("target.name")
    else:
        errors.invalid_each("target.name", name, subdomain_name(name))
    return errors.message() if len(errors) else ""


def _assign(registry: Registry, request: Request, binding: FrozenMap) -> None:
    context, endpoint = registry.context, registry.endpoint
    storage, metadata = context.storage, metadata_of(binding)
    key = f"{request.namespace}/{request.name}"
    for _ in range(UPDATE_TRIES_COUNT_MAX):
        stored = storage.read(endpoint.bucket, key)
        if stored is None:
            raise endpoint.not_found(request.name)
        pod = stored.value
        check_uid(endpoint, request, metadata.get("uid") or "", pod)
        _check_version(registry, request, metadata.get("resourceVersion") or "", pod)
        why = _why_not(pod, request.name)
        if why:
            raise conflict("pods/binding", request.name, why)
        if request.write_options.dry_run:
            return
        node = binding["target"]["name"]
        bound = _bound(pod, node, metadata, context.now_text())
        try:
            storage.update(endpoint.bucket, key, bound, stored.mod_revision)
        except CompareFailedError:
            continue
        return
    raise endpoint.stale(request.name)


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
    if pod.at("spec", "schedulingGates"):
        return f"pod {name} has non-empty .spec.schedulingGates"
    return ""


def _bound(pod: FrozenMap, node: str, metadata: FrozenMap, now: str) -> FrozenMap:
    """The pod on its node; labels and annotations of the binding are added to its own."""
    if not metadata.get("annotations") and not metadata.get("labels"):
        status = pod.get("status")
        if status is not None and "nominatedNodeName" not in status and "conditions" not in status:
            usual: FrozenMap = _FIRST_PLACED(pod, node, _first_conditions(now))
            return usual
    fields: dict[str, Any] = dict(pod)
    fields["spec"] = pod["spec"].set("nodeName", node)
    own = pod["metadata"]
    for field in ("annotations", "labels"):
        added = metadata.get(field)
        if added:
            own = own.set(field, {**own.get(field, EMPTY_MAP), **added})
    fields["metadata"] = own
    status = pod.get("status") or EMPTY_MAP
    status = status.set("conditions", _scheduled(status.get("conditions") or EMPTY_LIST, now))
    fields["status"] = status.remove("nominatedNodeName")
    bound: FrozenMap = freeze(fields)
    return bound


_FIRST_PLACED: Final = Patch(("spec", "nodeName"), ("status", "conditions"))
"""The change of a pod that got its node at the first attempt, which is usual."""


@lru_cache(maxsize=16)
def _first_conditions(now: str) -> FrozenList:
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
