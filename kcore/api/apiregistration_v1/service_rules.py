"""APIService: its rules."""

from base64 import b64decode
from typing import Final

from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import (
    dns1035_label,
    dns1123_subdomain,
    path_segment_name,
    port_number,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import quote

_STATUSES: Final = ("True", "False", "Unknown")


def validate_api_service(service: FrozenMap, errors: FieldErrors) -> None:
    """A version of a group, how important it is, and who serves it."""
    spec, name = service.get("spec") or EMPTY_MAP, service["metadata"].get("name") or ""
    group, version = spec.get("group") or "", spec.get("version") or ""
    if name and not path_segment_name(name) and name != f"{version}.{group}":
        wanted = quote(f"{version}.{group}")
        detail = f'must be `spec.version+"."+spec.group`: {wanted}'
        errors.invalid("metadata.name", name, detail)
    if group:
        errors.invalid_each("spec.group", group, dns1123_subdomain(group))
    elif version != "v1":
        detail = "only v1 may have an empty group and it better be legacy kube"
        errors.required("spec.group", detail)
    errors.invalid_each("spec.version", version, dns1035_label(version))
    for field, highest in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        priority = spec.get(field) or 0
        if not 0 < priority <= highest:
            detail = f"must be positive and less than {highest}"
            errors.invalid(child("spec", field), priority, detail)
    _validate_server(spec, errors)


def _validate_server(spec: FrozenMap, errors: FieldErrors) -> None:
    server, bundle = spec.get("service"), spec.get("caBundle")
    insecure = bool(spec.get("insecureSkipTLSVerify"))
    if server is None:
        if bundle:
            shown = f"{len(b64decode(bundle))} bytes"
            errors.invalid("spec.caBundle", shown, "local APIServices may not have a caBundle")
        if insecure:
            detail = "local APIServices may not have insecureSkipTLSVerify"
            errors.invalid("spec.insecureSkipTLSVerify", insecure, detail)
        return
    for field in ("namespace", "name"):
        if not server.get(field):
            errors.required(child("spec.service", field))
    port = server.get("port") or 0
    problems = port_number(port)
    if problems:
        errors.invalid("spec.service.port", port, f"port is not valid: {', '.join(problems)}")
    if insecure and bundle:
        detail = "may not be true if caBundle is present"
        errors.invalid("spec.insecureSkipTLSVerify", insecure, detail)


def validate_api_service_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_api_service(new, errors)


def validate_api_service_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Conditions hold, do not hold, or are unknown."""
    for position, condition in enumerate(new.at("status", "conditions") or EMPTY_LIST):
        status = condition.get("status") or ""
        if status not in _STATUSES:
            here = child(index("status.conditions", position), "status")
            errors.not_supported(here, status, _STATUSES)


API_SERVICE: Final = Validation(
    validate_api_service,
    validate_api_service_update,
    "before",
    of_again=no_rules,
    of_status=validate_api_service_status,
)
