"""Event, in both its versions: the old one takes nearly anything, the new one does not."""

from typing import Any, Final

from kcore.api.field_rules import validate_immutable, validate_immutable_as, validate_qualified_name
from kcore.api.object_rules import MetaRules, Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.formats import dns1123_subdomain, length_bytes
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.names import subdomain_name

_TEXT_LENGTH_MAX: Final = 128
_MESSAGE_LENGTH_MAX: Final = 1024
_META: Final = MetaRules(True, subdomain_name)
_TYPES: Final = ("Normal", "Warning")
_AGREE: Final = "does not match event.namespace"
_REFERENCE: Final = "core/v1.ObjectReference"
# The new version's names of old fields.
_NEW_NAMES: Final = {
    "involvedObject": "regarding",
    "message": "note",
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "source": "deprecatedSource",
    "reportingComponent": "reportingController",
}


def is_new_version(event: FrozenMap) -> bool:
    """Whether the event speaks `events.k8s.io/v1`."""
    return event.get("apiVersion") == "events.k8s.io/v1"


def _field(event: FrozenMap, name: str) -> Any:
    """A field under the name it has in the event's version."""
    return event.get(_NEW_NAMES.get(name, name) if is_new_version(event) else name)


def validate_event(event: FrozenMap, errors: FieldErrors) -> None:
    """The old rules, and for the new version the new ones."""
    _validate_legacy(event, errors)
    if not is_new_version(event):
        return
    _META.validate(event, errors)
    _validate_series(event, errors)
    if event.get("eventTime") is None:
        errors.required("eventTime")
    kind = event.get("type") or ""
    if kind not in _TYPES:
        errors.invalid("type", "", f"has invalid value: {kind}")
    for name in ("firstTimestamp", "lastTimestamp", "count", "source"):
        if _field(event, name):
            errors.invalid(name, "", "needs to be unset")


def _validate_legacy(event: FrozenMap, errors: FieldErrors) -> None:
    namespace = event.at("metadata", "namespace", default="")
    about = (_field(event, "involvedObject") or EMPTY_MAP).get("namespace") or ""
    if event.get("eventTime") is None:
        agrees = about == namespace if about else namespace in ("", "default")
        if not agrees:
            errors.invalid("involvedObject.namespace", about, _AGREE)
    else:
        if not about and namespace not in ("default", "kube-system"):
            errors.invalid("involvedObject.namespace", about, _AGREE)
        _validate_reporter(event, errors)
    errors.invalid_each("namespace", namespace, dns1123_subdomain(namespace))


def _validate_reporter(event: FrozenMap, errors: FieldErrors) -> None:
    path = "reportingController" if is_new_version(event) else "reportingComponent"
    controller = _field(event, "reportingComponent") or ""
    if not controller:
        errors.required(path)
    validate_qualified_name(controller, errors, path)
    for name in ("reportingInstance", "action", "reason"):
        text = event.get(name) or ""
        if not text:
            errors.required(name)
        if length_bytes(text) > _TEXT_LENGTH_MAX:
            errors.invalid(name, "", f"can have at most {_TEXT_LENGTH_MAX} characters")
    if length_bytes(_field(event, "message") or "") > _MESSAGE_LENGTH_MAX:
        errors.invalid("message", "", f"can have at most {_MESSAGE_LENGTH_MAX} characters")


def _validate_series(event: FrozenMap, errors: FieldErrors) -> None:
    series = event.get("series")
    if series is None:
        return
    if (series.get("count") or 0) < 2:
        errors.invalid("series.count", "", "should be at least 2")
    if series.get("lastObservedTime") is None:
        errors.required("series.lastObservedTime")


def validate_event_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The new version freezes everything but the series."""
    _validate_legacy(new, errors)
    if not is_new_version(new):
        return
    _META.validate_update(new, old, errors)
    if new.get("series") != old.get("series"):
        _validate_series(new, errors)
    _immutable_object(new, old, "involvedObject", errors)
    for name in ("reason", "message"):
        validate_immutable(_field(new, name) or "", _field(old, name) or "", errors, name)
    source = rendered_internal(_field(new, "source"), "core/v1.EventSource")
    validate_immutable_as(_field(new, "source"), _field(old, "source"), source, errors, "source")
    for name in ("firstTimestamp", "lastTimestamp"):
        validate_immutable(_field(new, name), _field(old, name), errors, name)
    validate_immutable(_field(new, "count") or 0, _field(old, "count") or 0, errors, "count")
    validate_immutable(new.get("type") or "", old.get("type") or "", errors, "type")
    validate_immutable(new.get("eventTime"), old.get("eventTime"), errors, "eventTime")
    validate_immutable(new.get("action") or "", old.get("action") or "", errors, "action")
    _immutable_object(new, old, "related", errors)
    controller = "reportingController"
    validate_immutable(new.get(controller) or "", old.get(controller) or "", errors, controller)
    instance = "reportingInstance"
    validate_immutable(new.get(instance) or "", old.get(instance) or "", errors, instance)


def _immutable_object(new: FrozenMap, old: FrozenMap, name: str, errors: FieldErrors) -> None:
    value, before = _field(new, name), _field(old, name)
    pointer = "*" if name == "related" else ""
    shown = rendered_internal(value, f"{pointer}{_REFERENCE}")
    validate_immutable_as(value, before, shown, errors, name)


EVENT: Final = Validation(validate_event, validate_event_update, "never", owns_metadata=True)
