"""Requests, limits and claims of a container (or a pod as a whole): their rules."""

from collections.abc import Callable
from typing import Any, Final

from kcore.api.core_v1.resource_rules import (
    CONTAINER_RESOURCES,
    HUGE_PAGES,
    QUOTA_RESOURCES,
    is_extended,
    is_native,
    overcommit_allowed,
    validate_resource_value,
)
from kcore.machinery.field_errors import NOT_FOUND, FieldError, FieldErrors, child, index, key
from kcore.machinery.formats import dns1123_label, qualified_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import quantity_of

NameCheck = Callable[[str, FieldErrors, str], None]

_STANDARD: Final = QUOTA_RESOURCES | {"storage"}
_HUGE_PAGES: Final = (HUGE_PAGES, f"requests.{HUGE_PAGES}")
_NOT_QUALIFIED: Final = "must be a standard resource type or fully qualified"
_NOT_FOR_CONTAINERS: Final = "must be a standard resource for containers"


def validate_resource_name(name: str, errors: FieldErrors, path: str) -> None:
    """A resource that Kubernetes knows, or one with a domain."""
    problems = qualified_name(name)
    errors.invalid_each(path, name, problems)
    if problems or "/" in name:
        return
    if name not in _STANDARD and not name.startswith(_HUGE_PAGES):
        errors.invalid(path, name, _NOT_QUALIFIED)


def validate_container_resource_name(name: str, errors: FieldErrors, path: str) -> None:
    """A resource that a container can ask for."""
    before = len(errors)
    validate_resource_name(name, errors, path)
    if "/" not in name:
        if name not in CONTAINER_RESOURCES and not name.startswith(HUGE_PAGES):
            errors.invalid(path, name, _NOT_FOR_CONTAINERS)
    elif not is_native(name) and not is_extended(name) and len(errors) == before:
        errors.invalid(path, name, "doesn't follow extended resource name standard")


def validate_resources(
    resources: FrozenMap,
    claim_names: list[str],
    errors: FieldErrors,
    path: str,
    name_check: NameCheck = validate_container_resource_name,
) -> None:
    """Requests within limits, huge pages in whole pages, claims that exist."""
    limits = resources.get("limits") or EMPTY_MAP
    requests = resources.get("requests") or EMPTY_MAP
    huge, ordinary = False, False
    for name, text in limits.items():
        here = key(child(path, "limits"), name)
        name_check(name, errors, here)
        validate_resource_value(name, text, errors, here)
        if name.startswith(HUGE_PAGES):
            huge = True
            _validate_pages(name, text, errors, here)
        ordinary = ordinary or name in ("cpu", "memory")
    for name, text in requests.items():
        here = key(child(path, "requests"), name)
        name_check(name, errors, here)
        validate_resource_value(name, text, errors, here)
        _compare(name, text, limits.get(name), errors, path)
        if name.startswith(HUGE_PAGES):
            huge = True
            _validate_pages(name, text, errors, here)
        ordinary = ordinary or name in ("cpu", "memory")
    if huge and not ordinary:
        errors.forbidden(path, "HugePages require cpu or memory")
    validate_claims(
        resources.get("claims") or EMPTY_LIST, claim_names, errors, child(path, "claims")
    )


def _validate_pages(name: str, text: str, errors: FieldErrors, path: str) -> None:
    size = name.removeprefix(HUGE_PAGES)
    try:
        page = quantity_of(size).value()
    except ValueError:
        page = 0
    milli = quantity_of(text).milli_value()
    if page <= 0 or milli < 0 or milli % (page * 1000):
        errors.invalid(path, text, f"{text} is not positive integer multiple of {name}")


def _compare(name: str, text: str, limit: Any, errors: FieldErrors, path: str) -> None:
    requests = child(path, "requests")
    if limit is None:
        if not overcommit_allowed(name):
            detail = "Limit must be set for non overcommitable resources"
            errors.required(child(path, "limits"), detail)
        return
    order = quantity_of(text).compare(quantity_of(limit))
    if order != 0 and not overcommit_allowed(name):
        errors.invalid(requests, text, f"must be equal to {name} limit of {limit}")
    elif order > 0:
        errors.invalid(requests, text, f"must be less than or equal to {name} limit of {limit}")


def validate_claims(claims: Any, known: list[str], errors: FieldErrors, path: str) -> None:
    """Names of the pod's resource claims, each (with its request) once."""
    seen: list[str] = []
    for position, claim in enumerate(claims):
        here = index(path, position)
        name, request = claim.get("name") or "", claim.get("request") or ""
        if not name:
            errors.required(here)
            continue
        _validate_claim(name, request, seen, errors, here)
        if name not in known:
            listed = f": {', '.join(sorted(known))}" if known else " which is empty"
            detail = f"must be one of the names in pod.spec.resourceClaims{listed}"
            errors.add(FieldError(NOT_FOUND, here, name, detail))


def _validate_claim(
    name: str, request: str, seen: list[str], errors: FieldErrors, path: str
) -> None:
    """A claim as a whole, or requests of it, each once."""
    if request:
        errors.invalid_each(child(path, "request"), request, dns1123_label(request))
    item = f"{name}/{request}" if request else name
    overlaps = name in seen if request else any(other.startswith(f"{name}/") for other in seen)
    if item in seen or overlaps:
        errors.duplicate(path, item)
    else:
        seen.append(item)
