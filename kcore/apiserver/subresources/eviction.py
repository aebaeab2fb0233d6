"""/eviction of pods: a deletion that disruption budgets may refuse.

The budget is charged here, and the disruption controller confirms later; until it has, the pod is
listed in `status.disruptedPods` so that it is not counted twice.
"""

from dataclasses import replace
from typing import Final

from kcore.apiserver.decoding import check_kind, decode_as, method_not_allowed
from kcore.apiserver.delete_options import check_delete_options
from kcore.apiserver.deletion import (
    admit_delete,
    check_preconditions,
    delete_object,
)
from kcore.apiserver.registry import Registry, success
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.errors import ApiError, Cause, Details, bad_request, forbidden
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, freeze
from kcore.machinery.labels import Selector, SelectorError, from_label_selector
from kcore.machinery.request import DeleteOptions, Request, Response
from kcore.machinery.resource import GroupVersionKind
from kcore.store.revision import KeyValue
from kcore.store.selection import Selecting

EVICTION: Final = GroupVersionKind("policy", "v1", "Eviction")
BUDGETS: Final = "poddisruptionbudgets.policy"

_REFUSED: Final = "Cannot evict pod as it would violate the pod's disruption budget."
_DISRUPTED_PODS_COUNT_MAX: Final = 2_000
_DISRUPTION_TARGET: Final = freeze(
    {
        "type": "DisruptionTarget",
        "status": "True",
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
        "lastProbeTime": None,
    }
)


def evict(registry: Registry, request: Request) -> Response:
    """Delete the pod if its budget, when it has one, allows.

    Raises:
        ApiError: 400, 404, 405, 429 when the budget says no, 500 with two budgets.
    """
    if request.verb != "create":
        raise method_not_allowed()
    if request.body is None:
        raise bad_request("EOF")
    eviction = _decoded(registry, request, request.body)
    if (metadata_of(eviction).get("name") or "") != request.name:
        raise bad_request("name in URL does not match name in Eviction object")
    context, endpoint = registry.context, registry.endpoint
    stored = context.storage.read(endpoint.bucket, f"{request.namespace}/{request.name}")
    if stored is None:
        raise endpoint.not_found(request.name)
    options = _delete_options(eviction, request)
    check_delete_options(options)
    if not _ignores_budgets(stored.value):
        _ask_budget(registry, request, stored, options.dry_run)
    deletion = request._replace(verb="delete", subresource="", delete_options=options)
    admit_delete(context, endpoint, deletion, stored.value)
    check_preconditions(endpoint, options, stored.value)
    if not options.dry_run:
        stored = _with_disruption_target(registry, stored)
        deletion = deletion._replace(delete_options=replace(options, resource_version=None))
    delete_object(context, endpoint, deletion, stored)
    return Response(201, success(201))


def _with_disruption_target(registry: Registry, stored: KeyValue) -> KeyValue:
    """Note in the pod why it goes, before it goes."""
    storage, bucket = registry.context.storage, registry.endpoint.bucket
    conditions, since = [], registry.context.now_text()
    for condition in stored.value.at("status", "conditions", default=EMPTY_LIST):
        if condition.get("type") != "DisruptionTarget":
            conditions.append(condition)
        elif condition.get("status") == "True":
            since = condition.get("lastTransitionTime") or since
    conditions.append(_DISRUPTION_TARGET.set("lastTransitionTime", since))
    pod = stored.value.set(("status", "conditions"), conditions)
    if pod != stored.value:
        storage.update(bucket, stored.key, pod, stored.mod_revision)
    return storage.read(bucket, stored.key) or stored


def _decoded(registry: Registry, request: Request, body: FrozenMap) -> FrozenMap:
    if body.get("apiVersion") == "policy/v1beta1" and body.get("kind") == EVICTION.kind:
        body = body.set("apiVersion", EVICTION.api_version)
    check_kind(body, EVICTION, registry.scheme)
    return decode_as(body, EVICTION, request.write_options.field_validation)[0]


def _delete_options(eviction: FrozenMap, request: Request) -> DeleteOptions:
    sent = eviction.get("deleteOptions") or EMPTY_MAP
    preconditions = sent.get("preconditions") or EMPTY_MAP
    return DeleteOptions(
        grace_period_s=sent.get("gracePeriodSeconds"),
        propagation_policy=sent.get("propagationPolicy"),
        uid=preconditions.get("uid"),
        resource_version=preconditions.get("resourceVersion"),
        dry_run=request.write_options.dry_run or bool(sent.get("dryRun")),
    )


def _ignores_budgets(pod: FrozenMap) -> bool:
    """Pods that serve nobody: finished, not yet running, or on their way out."""
    phase = pod.at("status", "phase")
    dying = pod["metadata"].get("deletionTimestamp") is not None
    return dying or phase in ("Succeeded", "Failed", "Pending")


def _selector_of(budget: FrozenMap) -> Selector | None:
    try:
        return from_label_selector(budget.at("spec", "selector"))
    except SelectorError:
        return None  # Upstream passes over such a budget.


def _namespace_of(budget: FrozenMap) -> str:
    return budget["metadata"]["namespace"]  # type: ignore[no-any-return]


_SELECTING: Final = Selecting(_selector_of, _namespace_of)


def _ask_budget(registry: Registry, request: Request, stored: KeyValue, dry_run: bool) -> None:
    storage, pod = registry.context.storage, stored.value
    view = storage.view(BUDGETS)
    selecting = storage.store.selections(BUDGETS).selecting(_SELECTING, view)
    keys = selecting.matching(pod["metadata"].get("labels"), request.namespace)
    budgets = [entry.value for key in keys if (entry := view.get(key)) is not None]
    if not budgets:
        return
    if len(budgets) > 1:
        message = (
            "This pod has more than one PodDisruptionBudget, which the eviction subresource does "
            "not support."
        )
        raise ApiError(500, "", message)
    budget = budgets[0]
    if _is_ready(pod) or not _spares_unready(budget):
        check_budget(budget)
        if not dry_run:
            _charge(registry, request, budget)


def _is_ready(pod: FrozenMap) -> bool:
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in pod.at("status", "conditions", default=EMPTY_LIST)
    )


def _spares_unready(budget: FrozenMap) -> bool:
    """Whether a pod that is not ready may go without being charged."""
    if budget.at("spec", "unhealthyPodEvictionPolicy") == "AlwaysAllow":
        return True
    status = budget.get("status") or EMPTY_MAP
    desired = status.get("desiredHealthy") or 0
    return desired > 0 and (status.get("currentHealthy") or 0) >= desired


def check_budget(budget: FrozenMap) -> None:
    """Refuse unless the budget has a disruption left.

    Raises:
        ApiError: 429 or 403 with upstream's words.
    """
    metadata, status = budget["metadata"], budget.get("status") or EMPTY_MAP
    name = metadata["name"]
    if (status.get("observedGeneration") or 0) < (metadata.get("generation") or 0):
        why = f"The disruption budget {name} is still being processed by the server."
        raise _refusal(why, retry_after_s=10)
    allowed = status.get("disruptionsAllowed") or 0
    if allowed < 0:
        why = "pdb disruptions allowed is negative"
        raise forbidden("poddisruptionbudget", name, why, "policy")
    if len(status.get("disruptedPods") or EMPTY_MAP) > _DISRUPTED_PODS_COUNT_MAX:
        why = "DisruptedPods map too big - too many evictions not confirmed by PDB controller"
        raise forbidden("poddisruptionbudget", name, why, "policy")
    if allowed == 0:
        raise _refusal(_used_up(name, status))


def _used_up(name: str, status: FrozenMap) -> str:
    for condition in status.get("conditions") or EMPTY_LIST:
        if condition.get("type") == "DisruptionAllowed" and condition.get("reason") == "SyncFailed":
            return (
                f"The disruption budget {name} does not allow evicting pods currently because it "
                f"failed sync: {condition.get('message') or ''}"
            )
    desired, current = status.get("desiredHealthy") or 0, status.get("currentHealthy") or 0
    if current <= desired:
        return (
            f"The disruption budget {name} needs {desired} healthy pods and has {current} currently"
        )
    return f"The disruption budget {name} does not allow evicting pods currently"


def _refusal(why: str, retry_after_s: int = 0) -> ApiError:
    causes = (Cause("DisruptionBudget", why),)
    details = Details(causes=causes, retry_after_s=retry_after_s)
    return ApiError(429, "TooManyRequests", _REFUSED, details)


def _charge(registry: Registry, request: Request, budget: FrozenMap) -> None:
    context = registry.context
    now = context.now_text()
    status = budget["status"]
    left = status["disruptionsAllowed"] - 1
    status = status.set("disruptionsAllowed", left)
    status = status.set(("disruptedPods", request.name), now)
    if left == 0:
        conditions = status.get("conditions") or EMPTY_LIST
        generation = budget["metadata"].get("generation") or 0
        status = status.set("conditions", _insufficient(conditions, generation, now))
    key = f"{request.namespace}/{budget['metadata']['name']}"
    charged = budget.set("status", status)
    expect = int(budget["metadata"]["resourceVersion"])
    context.storage.update(BUDGETS, key, charged, expect)


def _insufficient(conditions: FrozenList, generation: int, now: str) -> list[FrozenMap]:
    """The conditions with DisruptionAllowed false for want of pods."""
    kept, since = [], now
    for condition in conditions:
        if condition.get("type") != "DisruptionAllowed":
            kept.append(condition)
        elif condition.get("status") == "False":
            since = condition.get("lastTransitionTime") or now
    refused = EMPTY_MAP
    for field, value in (
        ("type", "DisruptionAllowed"),
        ("status", "False"),
        ("reason", "InsufficientPods"),
        ("message", ""),
        ("observedGeneration", generation),
        ("lastTransitionTime", since),
    ):
        refused = refused.set(field, value)
    return [*kept, refused]
