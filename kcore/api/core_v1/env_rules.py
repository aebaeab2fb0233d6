"""Environment of a container: names, and one source for each value."""

import re
from typing import Final

from kcore.api.core_v1.resource_rules import HUGE_PAGES
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import (
    config_map_key,
    dns1123_subdomain,
    label_key,
    relaxed_env_var_name,
)
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.quantity import quantity_of

_ENV_FIELDS: Final = frozenset(
    {
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    }
)
VOLUME_FIELDS: Final = frozenset(
    {
        "metadata.annotations",
        "metadata.labels",
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
    }
)
_KNOWN_FIELDS: Final = (
    _ENV_FIELDS
    | VOLUME_FIELDS
    | frozenset({"spec.restartPolicy", "spec.schedulerName", "status.phase"})
)
_ENV_RESOURCES: Final = (
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
)
_SUBSCRIPT: Final = re.compile(r"(.*)\['(.*)'\]")
_ONE_SOURCE: Final = "may not have more than one field specified at a time"
_SOURCES: Final = (
    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
    "`secretKeyRef` or `fileKeyRef`"
)
_DIVISORS: Final = {
    "cpu": ("1m", "1"),
    "memory": ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"),
}


def validate_env(
    container: FrozenMap, volumes: dict[str, FrozenMap], errors: FieldErrors, path: str
) -> None:
    """`env` and `envFrom` of one container."""
    for position, variable in enumerate(container.get("env") or EMPTY_LIST):
        here = index(child(path, "env"), position)
        name = variable.get("name") or ""
        if name:
            errors.invalid_each(child(here, "name"), name, relaxed_env_var_name(name))
        else:
            errors.required(child(here, "name"))
        source = variable.get("valueFrom")
        if source is not None:
            value = variable.get("value") or ""
            _validate_source(source, value, volumes, errors, child(here, "valueFrom"))
    for position, source in enumerate(container.get("envFrom") or EMPTY_LIST):
        _validate_bulk_source(source, errors, child(path, "envFrom"), position)


def _validate_source(
    source: FrozenMap, value: str, volumes: dict[str, FrozenMap], errors: FieldErrors, path: str
) -> None:
    count = 0
    for name, check in (
        ("fieldRef", _validate_env_field),
        ("resourceFieldRef", _validate_env_resource),
        ("configMapKeyRef", _validate_key_ref),
        ("secretKeyRef", _validate_key_ref),
    ):
        reference = source.get(name)
        if reference is not None:
            count += 1
            check(reference, errors, child(path, name))
    file = source.get("fileKeyRef")
    if file is not None:
        count += 1
        _validate_file_key(file, volumes, errors, child(path, "fileKeyRef"))
    if count == 0:
        errors.invalid(path, "", _SOURCES)
    elif value:
        errors.invalid(path, "", "may not be specified when `value` is not empty")
    elif count > 1:
        errors.invalid(path, "", _ONE_SOURCE)


def _validate_env_field(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_field_ref(reference, _ENV_FIELDS, errors, path)


def validate_field_ref(
    reference: FrozenMap, allowed: frozenset[str], errors: FieldErrors, path: str
) -> None:
    """A reference to a field of the pod itself."""
    version, field = reference.get("apiVersion") or "", reference.get("fieldPath") or ""
    here = child(path, "fieldPath")
    if not version:
        errors.required(child(path, "apiVersion"))
        return
    if not field:
        errors.required(here)
        return
    problem = "" if version == "v1" else f"unsupported pod version: {version}"
    found = _SUBSCRIPT.fullmatch(field)
    if found is not None and found[1] in ("metadata.annotations", "metadata.labels"):
        _validate_subscript(found[1], found[2], problem, field, errors, here)
        return
    if not problem and field not in _KNOWN_FIELDS:
        problem = f"field label not supported: {field}"
    if problem:
        errors.invalid(here, field, f"error converting fieldPath: {problem}")
    elif field not in allowed:
        errors.not_supported(here, field, sorted(allowed))


def _validate_subscript(
    name: str, key: str, problem: str, field: str, errors: FieldErrors, path: str
) -> None:
    if problem:
        errors.invalid(path, field, f"error converting fieldPath: {problem}")
        return
    key = key.lower() if name == "metadata.annotations" else key
    errors.invalid_each(path, key, label_key(key))


def _validate_env_resource(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_resource_ref(reference, False, errors, path)


def validate_resource_ref(
    reference: FrozenMap, volume: bool, errors: FieldErrors, path: str
) -> None:
    """A reference to a container's requests or limits."""
    resource = reference.get("resource") or ""
    if volume and not reference.get("containerName"):
        errors.required(child(path, "containerName"))
    elif not resource:
        errors.required(child(path, "resource"))
    elif resource not in _ENV_RESOURCES and not resource.startswith(
        (f"requests.{HUGE_PAGES}", f"limits.{HUGE_PAGES}")
    ):
        errors.not_supported(child(path, "resource"), resource, _ENV_RESOURCES)
    divisor = reference.get("divisor")
    if divisor is not None:
        _validate_divisor(resource, divisor, errors, path)


def _validate_divisor(resource: str, divisor: str, errors: FieldErrors, path: str) -> None:
    quantity = quantity_of(divisor)
    if quantity.is_zero():
        return
    if resource.endswith(".cpu"):
        allowed, words = _DIVISORS["cpu"], "1m and 1 are supported with the cpu resource"
    elif resource.endswith((".memory", ".ephemeral-storage")) or HUGE_PAGES in resource:
        noun = resource.partition(".")[2].partition("-")[0]
        noun = {"ephemeral": "local ephemeral storage", "hugepages": "hugepages"}.get(noun, noun)
        listed = ", ".join(_DIVISORS["memory"])
        allowed, words = _DIVISORS["memory"], f"{listed} are supported with the {noun} resource"
    else:
        return
    if not any(quantity == quantity_of(text) for text in allowed):
        errors.invalid(child(path, "divisor"), resource, f"only divisor's values {words}")


def _validate_key_ref(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    name = reference.get("name") or ""
    errors.invalid_each(child(path, "name"), name, dns1123_subdomain(name))
    key = reference.get("key") or ""
    if key:
        errors.invalid_each(child(path, "key"), key, config_map_key(key))
    else:
        errors.required(child(path, "key"))


def _validate_file_key(
    reference: FrozenMap, volumes: dict[str, FrozenMap], errors: FieldErrors, path: str
) -> None:
    for name in ("volumeName", "path", "key"):
        if not reference.get(name):
            errors.required(child(path, name))
    name = reference.get("volumeName") or ""
    if name not in volumes:
        errors.not_found(child(path, "volumeName"), name)


def _validate_bulk_source(source: FrozenMap, errors: FieldErrors, path: str, position: int) -> None:
    here = index(path, position)
    prefix = source.get("prefix") or ""
    if prefix:
        errors.invalid_each(child(here, "prefix"), prefix, relaxed_env_var_name(prefix))
    count = 0
    for name in ("configMapRef", "secretRef"):
        reference = source.get(name)
        if reference is None:
            continue
        count += 1
        target = reference.get("name") or ""
        if target:
            errors.invalid_each(child(here, name, "name"), target, dns1123_subdomain(target))
        else:
            errors.required(child(here, name, "name"))
    if count == 0:
        errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
    elif count > 1:
        errors.invalid(path, "", _ONE_SOURCE)
