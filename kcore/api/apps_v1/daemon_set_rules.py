"""DaemonSet and ControllerRevision: their rules."""

from typing import Final

from kcore.api.apps_v1.status_rules import OF_DAEMON_SET
from kcore.api.apps_v1.workload_defaults import TEMPLATE_GENERATION
from kcore.api.apps_v1.workload_rules import SELECTOR, number_of
from kcore.api.core_v1.template_rules import (
    parsed_selector,
    validate_lasting,
    validate_template,
)
from kcore.api.field_rules import (
    is_empty_selector,
    validate_at_most_hundred_percent,
    validate_label_selector,
    validate_positive_field,
    validate_positive_or_percent,
)
from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import parse_int64
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import validate_non_negative
from kcore.machinery.typed_text import rendered

_STRATEGIES: Final = ("RollingUpdate", "OnDelete")
_TEMPLATE: Final = "spec.template"
_GENERATION: Final = "spec.templateGeneration"
_KEPT: Final = (Kept("selector", "*meta/v1.LabelSelector"),)


def validate_daemon_set(daemon_set: FrozenMap, errors: FieldErrors) -> None:
    """A daemon set. O(size of its template)."""
    spec = daemon_set.get("spec") or EMPTY_MAP
    selector, template = spec.get("selector"), spec.get("template") or EMPTY_MAP
    validate_label_selector(selector, errors, SELECTOR)
    parsed, labels = parsed_selector(selector), template.at("metadata", "labels")
    if parsed is not None and not parsed.matches(labels):
        detail = "`selector` does not match template `labels`"
        shown = rendered(labels, "map[string]string")
        errors.invalid(child(_TEMPLATE, "metadata", "labels"), shown, detail)
    if selector is not None and is_empty_selector(selector):
        shown = rendered(selector, "meta/v1.LabelSelector")
        errors.invalid(SELECTOR, shown, "empty selector is invalid for daemonset")
    validate_template(template, errors, _TEMPLATE)
    validate_lasting(template, "DaemonSet", errors, _TEMPLATE)
    validate_positive_field(spec, "minReadySeconds", errors, "spec")
    validate_non_negative(_template_generation(daemon_set), errors, _GENERATION)
    _validate_strategy(spec.get("updateStrategy") or EMPTY_MAP, errors, "spec.updateStrategy")
    validate_positive_field(spec, "revisionHistoryLimit", errors, "spec")


def _template_generation(daemon_set: FrozenMap) -> int:
    """What retired versions counted in a field."""
    text = daemon_set.at("metadata", "annotations", TEMPLATE_GENERATION, default="0")
    return parse_int64(text) or 0


def _validate_strategy(strategy: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    here = child(path, "rollingUpdate")
    if kind == "RollingUpdate":
        if rolling is None:
            errors.required(here)
        else:
            _validate_rolling(rolling, errors, here)
    elif kind != "OnDelete":
        shown = rendered_internal(strategy, "apps/v1.DaemonSetUpdateStrategy")
        errors.not_supported(path, shown, _STRATEGIES)


def _validate_rolling(rolling: FrozenMap, errors: FieldErrors, path: str) -> None:
    unavailable, surge = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    pairs = (("maxUnavailable", unavailable), ("maxSurge", surge))
    for name, value in pairs:
        validate_positive_or_percent(value, errors, child(path, name))
    for name, value in pairs:
        validate_at_most_hundred_percent(value, errors, child(path, name))
    if number_of(unavailable) and number_of(surge):
        detail = "may not be set when maxUnavailable is non-zero"
        errors.invalid(child(path, "maxSurge"), surge, detail)
    elif not number_of(unavailable) and not number_of(surge):
        errors.required(child(path, "maxUnavailable"), "cannot be 0 when maxSurge is 0")


def validate_daemon_set_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The selector stays, and the template's generation counts its changes."""
    after, before = _template_generation(new), _template_generation(old)
    if after < before:
        errors.invalid(_GENERATION, after, "must not be decremented")
    is_changed = new.at("spec", "template") != old.at("spec", "template")
    if after == before and is_changed:
        errors.invalid(_GENERATION, after, "must be incremented upon template update")
    elif after > before and not is_changed:
        detail = "must not be incremented without template update"
        errors.invalid(_GENERATION, after, detail)
    validate_kept(new.get("spec"), old.get("spec"), _KEPT, errors, "spec")


def validate_revision(revision: FrozenMap, errors: FieldErrors) -> None:
    """A new revision: its data are an object."""
    _validate_revision_number(revision, errors)
    data = revision.get("data")
    if data is None:
        errors.required("data", "data is mandatory")
    elif not isinstance(data, FrozenMap):
        errors.required("data", "data must be a valid JSON object")


def _validate_revision_number(revision: FrozenMap, errors: FieldErrors) -> None:
    validate_non_negative(revision.get("revision") or 0, errors, "revision")


def validate_revision_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The data stay."""
    validate_kept(new, old, (Kept("data", "runtime.RawExtension"),), errors, "")


DAEMON_SET: Final = Validation(
    validate_daemon_set, validate_daemon_set_update, "after", of_status=OF_DAEMON_SET
)
CONTROLLER_REVISION: Final = Validation(
    validate_revision, validate_revision_update, "before", of_again=_validate_revision_number
)
