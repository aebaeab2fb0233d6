"""RuntimeClass: its rules."""

from typing import Final

from kcore.api.core_v1.container_resources import validate_resources
from kcore.api.core_v1.taint_rules import validate_tolerations
from kcore.api.kept_fields import NULL
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, index
from kcore.machinery.formats import dns1123_label
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE, validate_labels

_KEYS: Final = ("key", "operator", "value", "effect")


def validate_runtime_class(runtime: FrozenMap, errors: FieldErrors) -> None:
    """A handler, what it costs, and where it is."""
    handler = runtime.get("handler") or ""
    if handler:
        errors.declared.invalid_each("handler", handler, dns1123_label(handler, "bytes"))
    else:
        errors.declared.required("handler")
    overhead = runtime.get("overhead")
    if overhead is not None:
        limits = freeze({"limits": overhead["podFixed"]} if overhead.get("podFixed") else {})
        validate_resources(limits, [], errors, "overhead")
    scheduling = runtime.get("scheduling")
    if scheduling is not None:
        validate_labels(scheduling.get("nodeSelector"), errors, "scheduling.nodeSelector")
        _validate_tolerations(scheduling, errors, "scheduling.tolerations")


def _validate_tolerations(scheduling: FrozenMap, errors: FieldErrors, path: str) -> None:
    tolerations = scheduling.get("tolerations") or EMPTY_LIST
    validate_tolerations(tolerations, errors, path)
    known = set()
    for position, toleration in enumerate(tolerations):
        identity = tuple(toleration.get(name) or "" for name in _KEYS)
        if identity in known:
            shown = rendered_internal(toleration, "core/v1.Toleration")
            errors.duplicate(index(path, position), shown)
        known.add(identity)


def validate_runtime_class_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The handler stays."""
    if new.get("handler") != old.get("handler"):
        errors.declared.invalid("handler", NULL, IMMUTABLE)


RUNTIME_CLASS: Final = Validation(validate_runtime_class, validate_runtime_class_update, "before")
