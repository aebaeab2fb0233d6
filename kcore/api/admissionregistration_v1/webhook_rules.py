"""Configurations of mutating and validating webhooks: their rules."""

from typing import Any, Final

from kcore.api.admissionregistration_v1.match_rules import (
    FAILURE_POLICIES,
    MATCH_POLICIES,
    REINVOCATIONS,
    validate_conditions,
    validate_rule,
)
from kcore.api.admissionregistration_v1.webhook_client import validate_client
from kcore.api.field_rules import validate_label_selector
from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.domain_names import validate_fully_qualified_name
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1035_label
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

_SIDE_EFFECTS: Final = ("None", "NoneOnDryRun", "Some", "Unknown")
_NO_SIDE_EFFECTS: Final = ("None", "NoneOnDryRun")
_VERSIONS: Final = ("v1", "v1beta1")


def validate_webhooks(configuration: FrozenMap, errors: FieldErrors) -> None:
    """New webhooks: with known versions, no side effects, and names of their own."""
    hooks = configuration.get("webhooks") or EMPTY_LIST
    _validate_hooks(hooks, errors, _NO_SIDE_EFFECTS, True, True)


def validate_webhooks_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As new ones; what was accepted before in an old one stays acceptable."""
    before, after = (side.get("webhooks") or EMPTY_LIST for side in (old, new))
    clean = all(hook.get("sideEffects") in _NO_SIDE_EFFECTS for hook in before)
    names = [hook.get("name") or "" for hook in before]
    known = all(
        any(version in _VERSIONS for version in versions)
        for hook in before
        if (versions := hook.get("admissionReviewVersions"))
    )
    effects = _NO_SIDE_EFFECTS if clean else _SIDE_EFFECTS
    conditions = [[hook.get("matchConditions") for hook in hooks] for hooks in (before, after)]
    stay = conditions[0] == conditions[1]
    _validate_hooks(after, errors, effects, known, len(set(names)) == len(names), not stay)


def _validate_hooks(
    hooks: Any,
    errors: FieldErrors,
    effects: tuple[str, ...],
    known_version: bool,
    own_names: bool,
    conditions: bool = True,
) -> None:
    names: set[str] = set()
    for position, hook in enumerate(hooks):
        path, name = index("webhooks", position), hook.get("name") or ""
        _validate_hook(hook, errors, effects, path)
        validate_client(hook, errors, path)
        if conditions:
            found = hook.get("matchConditions") or EMPTY_LIST
            validate_conditions(found, errors, child(path, "matchConditions"))
        versions = hook.get("admissionReviewVersions") or EMPTY_LIST
        here = child(path, "admissionReviewVersions")
        _validate_versions(versions, known_version, errors, here)
        if own_names and name in names:
            errors.duplicate(child(path, "name"), name)
        if name:
            names.add(name)


def _validate_hook(
    hook: FrozenMap, errors: FieldErrors, effects: tuple[str, ...], path: str
) -> None:
    validate_fully_qualified_name(hook.get("name") or "", errors, child(path, "name"))
    for position, rule in enumerate(hook.get("rules") or EMPTY_LIST):
        validate_rule(rule, errors, index(child(path, "rules"), position))
    _validate_word(hook, "failurePolicy", FAILURE_POLICIES, errors, path)
    _validate_word(hook, "matchPolicy", MATCH_POLICIES, errors, path)
    if hook.get("sideEffects") is None:
        detail = f"must specify one of {', '.join(effects)}"
        errors.required(child(path, "sideEffects"), detail)
    _validate_word(hook, "sideEffects", effects, errors, path)
    timeout = hook.get("timeoutSeconds")
    if timeout is not None and not 1 <= timeout <= 30:
        detail = "the timeout value must be between 1 and 30 seconds"
        errors.invalid(child(path, "timeoutSeconds"), timeout, detail)
    for name in ("namespaceSelector", "objectSelector"):
        validate_label_selector(hook.get(name), errors, child(path, name))
    _validate_word(hook, "reinvocationPolicy", REINVOCATIONS, errors, path)


def _validate_word(
    hook: FrozenMap, field: str, allowed: tuple[str, ...], errors: FieldErrors, path: str
) -> None:
    word = hook.get(field)
    if word is not None and word not in allowed:
        errors.not_supported(child(path, field), word, allowed)


def _validate_versions(versions: Any, known: bool, errors: FieldErrors, path: str) -> None:
    words = ", ".join(_VERSIONS)
    if not versions:
        errors.required(path, f"must specify one of {words}")
        return
    seen: set[str] = set()
    for position, version in enumerate(versions):
        here = index(path, position)
        if version in seen:
            errors.invalid(here, version, "duplicate version")
            continue
        seen.add(version)
        errors.invalid_each(here, version, dns1035_label(version))
    if known and not seen & set(_VERSIONS):
        errors.invalid(path, versions, f"must include at least one of {words}")


WEBHOOKS: Final = Validation(
    validate_webhooks, validate_webhooks_update, "before", of_again=no_rules
)
