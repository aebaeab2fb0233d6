"""A CustomResourceDefinition as upstream's API server stores it: still in v1beta1.

There, a schema, subresources, columns and selectable fields may stand once for all versions; in v1
each version has its own.
"""

from typing import Any, Final

from kcore.machinery.frozen import FrozenMap, freeze, thaw

STORED_VERSION: Final = "apiextensions.k8s.io/v1beta1"
SERVED_VERSION: Final = "apiextensions.k8s.io/v1"

_FOR_ALL: Final = ("subresources", "additionalPrinterColumns", "selectableFields")


def is_stored_form(obj: FrozenMap) -> bool:
    """Whether this is a definition in the form it is stored in."""
    kind = obj.get("kind")
    return obj.get("apiVersion") == STORED_VERSION and kind == "CustomResourceDefinition"


def served_form(definition: FrozenMap) -> FrozenMap:
    """The same definition in v1. O(size)."""
    spec: dict[str, Any] = thaw(definition["spec"])
    shared: dict[str, Any] = {name: spec.pop(name) for name in _FOR_ALL if name in spec}
    validation = spec.pop("validation", None)
    if validation:
        shared["schema"] = validation
    only = spec.pop("version", "")
    versions = spec.get("versions") or [{"name": only, "served": True, "storage": True}]
    spec["versions"] = [_version({**shared, **version}) for version in versions]
    spec["conversion"] = _conversion(spec.get("conversion") or {"strategy": "None"})
    # Written only when true, as in v1.
    if not spec.get("preserveUnknownFields"):
        spec.pop("preserveUnknownFields", None)
    served: FrozenMap = definition.set("apiVersion", SERVED_VERSION)
    return served.set("spec", freeze(spec))


def _version(version: dict[str, Any]) -> dict[str, Any]:
    columns = version.get("additionalPrinterColumns")
    if not columns:
        return version
    return {**version, "additionalPrinterColumns": [_column(column) for column in columns]}


def _column(column: dict[str, Any]) -> dict[str, Any]:
    return {("jsonPath" if name == "JSONPath" else name): value for name, value in column.items()}


def _conversion(conversion: dict[str, Any]) -> dict[str, Any]:
    names = {
        "webhookClientConfig": "clientConfig",
        "conversionReviewVersions": "conversionReviewVersions",
    }
    webhook = {names[name]: value for name, value in conversion.items() if name in names}
    rest = {name: value for name, value in conversion.items() if name not in names}
    return {**rest, "webhook": webhook} if webhook else rest
