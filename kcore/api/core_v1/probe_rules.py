"""Probes and lifecycle handlers: exactly one handler, sane periods."""

from typing import Final

from kcore.api.field_rules import (
    validate_one_of,
    validate_port_number,
    validate_port_number_or_name,
)
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.formats import http_header_name
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.meta import validate_non_negative

_SCHEMES: Final = ("HTTP", "HTTPS")
_PERIODS: Final = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_ONE_HANDLER: Final = "may not specify more than 1 handler type"


def validate_lifecycle(
    lifecycle: FrozenMap | None, grace_s: int | None, errors: FieldErrors, path: str
) -> None:
    """Both hooks of a container."""
    for name in ("postStart", "preStop"):
        hook = None if lifecycle is None else lifecycle.get(name)
        if hook is not None:
            validate_handler(hook, grace_s, errors, child(path, name))


def validate_probes(
    container: FrozenMap, grace_s: int | None, errors: FieldErrors, path: str
) -> None:
    """The three probes of a container, each with what only it may say."""
    liveness = container.get("livenessProbe")
    if liveness is not None:
        here = child(path, "livenessProbe")
        _validate_probe(liveness, grace_s, errors, here)
        _validate_once(liveness, errors, here)
    readiness = container.get("readinessProbe")
    if readiness is not None:
        here = child(path, "readinessProbe")
        _validate_probe(readiness, grace_s, errors, here)
        seconds = readiness.get("terminationGracePeriodSeconds")
        if seconds is not None:
            grace = child(here, "terminationGracePeriodSeconds")
            errors.invalid(grace, seconds, "must not be set for readinessProbes")
    startup = container.get("startupProbe")
    if startup is not None:
        here = child(path, "startupProbe")
        _validate_probe(startup, grace_s, errors, here)
        _validate_once(startup, errors, here)


def _validate_once(probe: FrozenMap, errors: FieldErrors, path: str) -> None:
    """One success is enough to be alive or started."""
    successes = probe.get("successThreshold") or 0
    if successes != 1:
        errors.invalid(child(path, "successThreshold"), successes, "must be 1")


def _validate_probe(probe: FrozenMap, grace_s: int | None, errors: FieldErrors, path: str) -> None:
    validate_handler(probe, grace_s, errors, path)
    for name in _PERIODS:
        validate_non_negative(probe.get(name) or 0, errors, child(path, name))
    seconds = probe.get("terminationGracePeriodSeconds")
    if seconds is not None and seconds <= 0:
        errors.invalid(
            child(path, "terminationGracePeriodSeconds"), seconds, "must be greater than 0"
        )


def validate_handler(
    handler: FrozenMap, grace_s: int | None, errors: FieldErrors, path: str
) -> None:
    """Exactly one way to ask."""
    count = 0
    for name, check in _HANDLERS.items():
        action = handler.get(name)
        if action is None:
            continue
        count += 1
        if count > 1:
            errors.forbidden(child(path, name), _ONE_HANDLER)
        elif name == "sleep":
            _validate_sleep(action, grace_s, errors, child(path, name))
        elif check is not None:
            check(action, errors, child(path, name))
    if count == 0:
        errors.required(path, "must specify a handler type")


def _validate_exec(action: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not action.get("command"):
        errors.required(child(path, "command"))


def _validate_http_get(action: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not action.get("path"):
        errors.required(child(path, "path"))
    validate_port_number_or_name(action["port"], errors, child(path, "port"))
    validate_one_of(action.get("scheme") or "", _SCHEMES, errors, child(path, "scheme"))
    for header in action.get("httpHeaders") or EMPTY_LIST:
        name = header.get("name") or ""
        errors.invalid_each(child(path, "httpHeaders"), name, http_header_name(name))


def _validate_tcp_socket(action: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_port_number_or_name(action["port"], errors, child(path, "port"))


def _validate_grpc(action: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_port_number(action["port"], errors, child(path, "port"))


def _validate_sleep(action: FrozenMap, grace_s: int | None, errors: FieldErrors, path: str) -> None:
    seconds = action.get("seconds") or 0
    if seconds < 0 or (grace_s is not None and seconds > grace_s):
        limit = "nil" if grace_s is None else grace_s
        detail = f"must be non-negative and less than terminationGracePeriodSeconds ({limit})"
        errors.invalid(path, seconds, detail)


_HANDLERS: Final = {
    "exec": _validate_exec,
    "httpGet": _validate_http_get,
    "tcpSocket": _validate_tcp_socket,
    "grpc": _validate_grpc,
    "sleep": None,
}
