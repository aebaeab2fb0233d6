"""The scopes of a ResourceQuota: which pods and claims it counts."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from kcore.api.core_v1.qos import BEST_EFFORT, qos_class
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, freeze
from kcore.machinery.go_text import quote
from kcore.machinery.labels import Selector, SelectorError, requirement

PRIORITY_CLASS: Final = "PriorityClass"
VOLUME_ATTRIBUTES_CLASS: Final = "VolumeAttributesClass"
_OPERATOR_OF: Final = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}

# Whether an object meets one scope requirement.
ScopeMatch = Callable[[Any, Any], bool]


class ScopeError(ValueError):
    """A scope requirement cannot be evaluated; the message is upstream's."""


def scope_requirements(quota: Any) -> list[Any]:
    """All scope requirements of a quota: plain scopes as `Exists`, then the selector's."""
    plain = [
        freeze({"scopeName": name, "operator": "Exists"})
        for name in quota.at("spec", "scopes", default=EMPTY_LIST)
    ]
    return plain + list(quota.at("spec", "scopeSelector", "matchExpressions", default=EMPTY_LIST))


def matches_all(scopes: Iterable[Any], obj: Any, match: ScopeMatch) -> bool:
    """Whether an object meets every requirement.

    Raises:
        ScopeError: one cannot be evaluated. All are, even after one that does not match.
    """
    results = [match(scope, obj) for scope in scopes]
    return all(results)


def matching(scopes: Sequence[Any], obj: Any, match: ScopeMatch) -> list[Any]:
    """The requirements that an object meets.

    Raises:
        ScopeError: one cannot be evaluated.
    """
    found: list[Any] = []
    for scope in scopes:
        try:
            if match(scope, obj):
                found.append(scope)
        except ScopeError as error:
            shown = " ".join(scope.at("values", default=EMPTY_LIST))
            text = f"{{{scope.scopeName or ''} {scope.operator or ''} [{shown}]}}"
            raise ScopeError(f"error on matching scope {text}: {error}") from None
    return found


def uncovered(limited: Sequence[Any], matched: Sequence[Any]) -> list[Any]:
    """The limited scopes for which no matched scope has the same name."""
    covered = {scope.scopeName for scope in matched}
    return [scope for scope in limited if scope.scopeName not in covered]


def no_scope(_scope: Any, _obj: Any) -> bool:
    """The kinds that have no scopes."""
    return False


def pod_scope(scope: Any, pod: Any) -> bool:
    """Whether a pod meets a scope requirement.

    Raises:
        ScopeError: its operator or values are not allowed.
    """
    name = scope.scopeName
    if name == PRIORITY_CLASS:
        priority_class = pod.at("spec", "priorityClassName", default="")
        if scope.operator == "Exists":
            return bool(priority_class)
        return _selects(scope, [priority_class] if priority_class else [])
    simple = _POD_SCOPES.get(name or "")
    return simple is not None and simple(pod)


def claim_scope(scope: Any, claim: Any) -> bool:
    """Whether a PersistentVolumeClaim meets a scope requirement.

    Raises:
        ScopeError: its operator or values are not allowed.
    """
    if scope.scopeName != VOLUME_ATTRIBUTES_CLASS:
        return False
    names = volume_attributes_classes(claim)
    return bool(names) if scope.operator == "Exists" else _selects(scope, names)


def volume_attributes_classes(claim: Any) -> list[str]:
    """Every VolumeAttributesClass a claim refers to: wanted, current, being changed to."""
    names = (
        claim.at("spec", "volumeAttributesClassName"),
        claim.at("status", "currentVolumeAttributesClassName"),
        claim.at("status", "modifyVolumeStatus", "targetVolumeAttributesClassName"),
    )
    return [name for name in dict.fromkeys(names) if name]


def _selects(scope: Any, values: Sequence[str]) -> bool:
    """Whether the scope, read as a label selector, selects one of the values (or their absence)."""
    selector = _selector(scope)
    name = scope.scopeName
    if not values:
        return selector.matches(EMPTY_MAP)
    return any(selector.matches(freeze({name: value})) for value in values)


def _selector(scope: Any) -> Selector:
    word = scope.operator or ""
    try:
        if word not in _OPERATOR_OF:
            raise SelectorError(f"{quote(word)} is not a valid scope selector operator")
        values = scope.at("values")
        return Selector((requirement(scope.scopeName, _OPERATOR_OF[word], values),))
    except SelectorError as error:
        raise ScopeError(f"failed to parse and convert selector: {error}") from None


def _is_terminating(pod: Any) -> bool:
    deadline = pod.at("spec", "activeDeadlineSeconds")
    return deadline is not None and deadline >= 0


def _is_best_effort(pod: Any) -> bool:
    return qos_class(pod) == BEST_EFFORT


def _crosses_namespaces(pod: Any) -> bool:
    return any(
        term.namespaces or term.namespaceSelector is not None
        for kind in ("podAffinity", "podAntiAffinity")
        for term in _affinity_terms(pod.at("spec", "affinity", kind, default=EMPTY_MAP))
    )


def _affinity_terms(affinity: Any) -> Iterable[Any]:
    yield from affinity.at("requiredDuringSchedulingIgnoredDuringExecution", default=EMPTY_LIST)
    preferred = affinity.at("preferredDuringSchedulingIgnoredDuringExecution", default=EMPTY_LIST)
    for weighted in preferred:
        yield weighted.at("podAffinityTerm", default=EMPTY_MAP)


_POD_SCOPES: Final[dict[str, Callable[[Any], bool]]] = {
    "Terminating": _is_terminating,
    "NotTerminating": lambda pod: not _is_terminating(pod),
    "BestEffort": _is_best_effort,
    "NotBestEffort": lambda pod: not _is_best_effort(pod),
    "CrossNamespacePodAffinity": _crosses_namespaces,
}
