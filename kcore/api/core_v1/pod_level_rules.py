"""Resources of a pod as a whole: their rules, and how they compare with the containers'."""

from collections.abc import Iterator
from typing import Final

from kcore.api.core_v1.container_resources import (
    validate_claims,
    validate_resource_name,
    validate_resources,
)
from kcore.api.core_v1.resource_rules import HUGE_PAGES
from kcore.machinery.field_errors import FieldErrors, child, index, key
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity, quantity_of

_POD_LEVEL: Final = ("cpu", HUGE_PAGES, "memory")


def validate_pod_resources(
    spec: FrozenMap, claim_names: list[str], errors: FieldErrors, path: str
) -> None:
    """Only CPU, memory and huge pages; room enough for the containers."""
    resources = spec.get("resources") or EMPTY_MAP
    if spec.at("os", "name") == "windows":
        errors.forbidden(path, "may not be set for a windows pod")
        return
    if resources.get("claims"):
        detail = "claims may not be set for Resources at pod-level"
        errors.forbidden(child(path, "claims"), detail)
    plain = resources.remove("claims")
    validate_resources(plain, claim_names, errors, path, _validate_name)
    validate_claims(
        resources.get("claims") or EMPTY_LIST, claim_names, errors, child(path, "claims")
    )
    _compare_requests(spec, resources.get("requests") or EMPTY_MAP, errors, path)
    _compare_limits(spec, resources.get("limits") or EMPTY_MAP, errors, path)


def _validate_name(name: str, errors: FieldErrors, path: str) -> None:
    validate_resource_name(name, errors, path)
    if name not in ("cpu", "memory") and not name.startswith(HUGE_PAGES):
        errors.not_supported(path, name, _POD_LEVEL)


def _requests(spec: FrozenMap) -> Iterator[tuple[str, Quantity]]:
    for container in spec.get("containers") or EMPTY_LIST:
        for name, text in container.at("resources", "requests", default=EMPTY_MAP).items():
            yield name, quantity_of(text)


def _compare_requests(spec: FrozenMap, requests: FrozenMap, errors: FieldErrors, path: str) -> None:
    totals: dict[str, Quantity] = {}
    for name, quantity in _requests(spec):
        totals[name] = totals[name] + quantity if name in totals else quantity
    for name in sorted(totals):
        text = requests.get(name)
        if text is not None and quantity_of(text) < totals[name]:
            detail = (
                f"must be greater than or equal to aggregate container requests of {totals[name]}"
            )
            errors.invalid(key(child(path, "requests"), name), text, detail)


def _compare_limits(spec: FrozenMap, limits: FrozenMap, errors: FieldErrors, path: str) -> None:
    for position, container in enumerate(spec.get("containers") or EMPTY_LIST):
        for name, text in container.at("resources", "limits", default=EMPTY_MAP).items():
            limit = limits.get(name)
            if limit is not None and quantity_of(text).compare(quantity_of(limit)) > 0:
                here = child(key(index(child(path, "containers"), position), name), "limits")
                detail = f"must be less than or equal to pod limits of {limit}"
                errors.invalid(here, text, detail)
