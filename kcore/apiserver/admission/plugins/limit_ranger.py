"""LimitRanger: default and bounded resources of containers, pods and claims.

Limit ranges are taken in name order; upstream's order is its cache's. As upstream, a pod is looked
at when it is born and never again.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from kcore.api.core_v1.pod_resources import pod_limits, pod_requests
from kcore.apiserver.admission.plugin import CREATE, UPDATE, Attributes, Objects
from kcore.errors import forbidden
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity, quantity_of

ANNOTATION: Final = "kubernetes.io/limit-ranger"
CLAIMS: Final = "persistentvolumeclaims"

_CONTAINER_LISTS: Final = (("containers", "container"), ("initContainers", "init container"))

Amounts = Mapping[str, Quantity]
Rule = Callable[[str, str, Quantity, Amounts, Amounts], str]


class LimitRanger:
    """Fills in what a namespace's limit ranges default, and refuses what they forbid."""

    __slots__ = ()

    name: Final = "LimitRanger"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New pods; new and changed claims."""
        if subresource:
            return False
        if resource == "pods":
            return operation == CREATE
        return resource == CLAIMS and operation in (CREATE, UPDATE)

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The pod with default requests and limits, and an annotation that says so."""
        obj = attributes.object
        assert obj is not None  # Creates and updates have an object.
        if attributes.resource != "pods":
            return obj
        for limits in _limits(attributes, objects):
            obj = _with_defaults(obj, limits)
        return obj

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Compare the object with every bound; one limit range's complaints at a time.

        Raises:
            ApiError: 403.
        """
        obj = attributes.object
        assert obj is not None  # Creates and updates have an object.
        for limits in _limits(attributes, objects):
            if attributes.resource == "pods":
                complaints = list(dict.fromkeys(_pod_complaints(obj, limits)))
            else:
                complaints = list(dict.fromkeys(_claim_complaints(obj, limits)))
            if complaints:
                words = ", ".join(complaints)
                why = words if len(complaints) == 1 else f"[{words}]"
                raise forbidden(attributes.info.resource, attributes.name, why)


def _limits(attributes: Attributes, objects: Objects) -> Iterator[Any]:
    """The limits of each limit range of the namespace."""
    for limit_range in objects.objects("limitranges", attributes.namespace):
        yield limit_range.at("spec", "limits", default=EMPTY_LIST)


# --- defaults ------------------------------------------------------------------------------


def _with_defaults(pod: FrozenMap, limits: Any) -> FrozenMap:
    requests: dict[str, str] = {}
    caps: dict[str, str] = {}
    for limit in limits:
        if limit.get("type") == "Container":
            requests.update(limit.get("defaultRequest") or EMPTY_MAP)
            caps.update(limit.get("default") or EMPTY_MAP)
    if not requests and not caps:
        return pod
    notes: list[str] = []
    for field, word in _CONTAINER_LISTS:
        for position, container in enumerate(pod.at("spec", field, default=EMPTY_LIST)):
            subject = f"{word} {container.get('name') or ''}"
            for kind, defaults in (("request", requests), ("limit", caps)):
                held = container.at("resources", f"{kind}s", default=EMPTY_MAP)
                missing = {name: defaults[name] for name in sorted(defaults) if name not in held}
                if missing:
                    path = ("spec", field, position, "resources", f"{kind}s")
                    pod = pod.set(path, {**held, **missing})
                    notes.append(f"{', '.join(missing)} {kind} for {subject}")
    if not notes:
        return pod
    note = f"LimitRanger plugin set: {'; '.join(notes)}"
    return pod.set(("metadata", "annotations", ANNOTATION), note)


# --- bounds --------------------------------------------------------------------------------


def _amounts(listed: Any) -> Amounts:
    return {name: quantity_of(text) for name, text in (listed or EMPTY_MAP).items()}


def _pod_complaints(pod: FrozenMap, limits: Any) -> Iterator[str]:
    for limit in limits:
        kind = limit.get("type")
        if kind == "Container":
            for field, _ in _CONTAINER_LISTS:
                for container in pod.at("spec", field, default=EMPTY_LIST):
                    resources = container.get("resources") or EMPTY_MAP
                    requests = _amounts(resources.get("requests"))
                    yield from _complaints(limit, requests, _amounts(resources.get("limits")))
        elif kind == "Pod":
            yield from _complaints(limit, pod_requests(pod), pod_limits(pod))


def _complaints(limit: FrozenMap, requests: Amounts, limits: Amounts) -> Iterator[str]:
    for field, rule in _RULES:
        for name, bound in _amounts(limit.get(field)).items():
            words = rule(name, limit["type"], bound, requests, limits)
            if words:
                yield words


def _claim_complaints(claim: FrozenMap, limits: Any) -> Iterator[str]:
    requests = _amounts(claim.at("spec", "resources", "requests"))
    for limit in limits:
        if limit.get("type") != "PersistentVolumeClaim":
            continue
        for name, bound in _amounts(limit.get("min")).items():
            yield from filter(None, [_below_minimum(name, limit["type"], bound, requests, {})])
        for name, bound in _amounts(limit.get("max")).items():
            words = f"maximum {name} usage per {limit['type']} is {bound}"
            if name not in requests:
                yield f"{words}.  No request is specified"
            elif bound < requests[name]:
                yield f"{words}, but request is {requests[name]}"


def _below_minimum(
    name: str, kind: str, bound: Quantity, requests: Amounts, limits: Amounts
) -> str:
    words = f"minimum {name} usage per {kind} is {bound}"
    if name not in requests:
        return f"{words}.  No request is specified"
    if requests[name] < bound:
        return f"{words}, but request is {requests[name]}"
    if name in limits and limits[name] < bound:
        return f"{words}, but limit is {limits[name]}"
    return ""


def _above_maximum(
    name: str, kind: str, bound: Quantity, requests: Amounts, limits: Amounts
) -> str:
    words = f"maximum {name} usage per {kind} is {bound}"
    if name not in limits:
        return f"{words}.  No limit is specified"
    if bound < limits[name]:
        return f"{words}, but limit is {limits[name]}"
    if name in requests and bound < requests[name]:
        return f"{words}, but request is {requests[name]}"
    return ""


def _above_ratio(name: str, kind: str, bound: Quantity, requests: Amounts, limits: Amounts) -> str:
    words = f"{name} max limit to request ratio per {kind} is {bound}"
    if name not in requests or requests[name].is_zero():
        return f"{words}, but no request is specified or request is 0"
    if name not in limits or limits[name].is_zero():
        return f"{words}, but no limit is specified or limit is 0"
    ratio = limits[name].milli_value() / requests[name].milli_value()
    if ratio * 1000 > bound.milli_value():
        return f"{words}, but provided ratio is {ratio:.6f}"
    return ""


_RULES: Final[tuple[tuple[str, Rule], ...]] = (
    ("min", _below_minimum),
    ("max", _above_maximum),
    ("maxLimitRequestRatio", _above_ratio),
)
