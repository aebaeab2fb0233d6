"""StatefulSet: its rules."""

from typing import Any, Final

from kcore.api.apps_v1.status_rules import OF_STATEFUL_SET
from kcore.api.apps_v1.workload_rules import number_of, validate_selector
from kcore.api.core_v1.claim_rules import validate_claim_spec
from kcore.api.core_v1.template_rules import (
    validate_lasting,
    validate_selected,
    validate_template,
)
from kcore.api.field_rules import (
    validate_at_most_hundred_percent,
    validate_positive_field,
    validate_positive_or_percent,
)
from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import validate_annotations, validate_labels

_POLICIES: Final = ("OrderedReady", "Parallel")
_RETENTIONS: Final = ("Retain", "Delete")
_STRATEGY: Final = "spec.updateStrategy"
_ROLLING: Final = "apps/v1.RollingUpdateStatefulSetStrategy"
_SELECTOR_TYPE: Final = "*meta/v1.LabelSelector"
_TEMPLATE: Final = "spec.template"
_KEPT: Final = (
    Kept("selector", _SELECTOR_TYPE),
    Kept("volumeClaimTemplates", "[]core/v1.PersistentVolumeClaim"),
    Kept("serviceName", unset=""),
    Kept("podManagementPolicy", unset=""),
)


def validate_stateful_set(stateful_set: FrozenMap, errors: FieldErrors) -> None:
    """A stateful set. O(size of its template)."""
    _validate_spec(stateful_set.get("spec") or EMPTY_MAP, errors)


def _validate_new_parts(spec: FrozenMap, errors: FieldErrors) -> None:
    """What never changes is checked once."""
    for position, claim in enumerate(spec.get("volumeClaimTemplates") or EMPTY_LIST):
        here = child(index("spec.volumeClaimTemplates", position), "spec")
        validate_claim_spec(claim.get("spec") or EMPTY_MAP, errors, here)


def _validate_spec(
    spec: FrozenMap, errors: FieldErrors, *, is_new: bool = True, checks_template: bool = True
) -> None:
    policy = spec.get("podManagementPolicy") or ""
    if not policy:
        errors.required("spec.podManagementPolicy")
    elif policy not in _POLICIES:
        detail = "must be 'OrderedReady' or 'Parallel'"
        errors.invalid("spec.podManagementPolicy", policy, detail)
    _validate_strategy(spec.get("updateStrategy") or EMPTY_MAP, errors)
    retention = spec.get("persistentVolumeClaimRetentionPolicy") or EMPTY_MAP
    for name in ("whenDeleted", "whenScaled"):
        if retention and retention.get(name) not in _RETENTIONS:
            here = f"spec.persistentVolumeClaimRetentionPolicy.{name}"
            errors.not_supported(here, retention.get(name) or "", sorted(_RETENTIONS, reverse=True))
    if is_new:
        _validate_new_parts(spec, errors)
    for name in ("replicas", "minReadySeconds"):
        validate_positive_field(spec, name, errors, "spec")
    validate_positive_field(spec.get("ordinals") or EMPTY_MAP, "start", errors, "spec.ordinals")
    service = spec.get("serviceName")
    if service and is_new:
        errors.invalid_each("spec.serviceName", service, dns1123_label(service))
    _, parsed = validate_selector(spec, "statefulset", "", errors)
    template = spec.get("template") or EMPTY_MAP
    if parsed is not None:
        _validate_template(spec, template, parsed, errors, checks_template)
    validate_lasting(template, "StatefulSet", errors, _TEMPLATE)


def _validate_strategy(strategy: FrozenMap, errors: FieldErrors) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    here = child(_STRATEGY, "rollingUpdate")
    if not kind:
        errors.required(_STRATEGY)
    elif kind == "OnDelete":
        if rolling is not None:
            detail = "only allowed for updateStrategy 'RollingUpdate'"
            errors.invalid(here, rendered_internal(rolling, _ROLLING), detail)
    elif kind == "RollingUpdate":
        if rolling is not None:
            _validate_rolling(rolling, errors, here)
    else:
        shown = rendered_internal(strategy, "apps/v1.StatefulSetUpdateStrategy")
        errors.invalid(_STRATEGY, shown, "must be 'RollingUpdate' or 'OnDelete'")


def _validate_rolling(rolling: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_positive_field(rolling, "partition", errors, path)
    unavailable, here = rolling.get("maxUnavailable"), child(path, "maxUnavailable")
    if unavailable is None:
        return
    validate_positive_or_percent(unavailable, errors, here)
    if number_of(unavailable) == 0:
        errors.invalid(here, unavailable, "cannot be 0")
    validate_at_most_hundred_percent(unavailable, errors, here)


def _validate_template(
    spec: FrozenMap, template: FrozenMap, parsed: Any, errors: FieldErrors, checks_template: bool
) -> None:
    """The template, with a volume for each claim template and without its own host name."""
    validate_selected(template, parsed, errors, _TEMPLATE)
    if checks_template:
        validate_template(_with_claims(spec, template), errors, _TEMPLATE)
    meta = template.get("metadata") or EMPTY_MAP
    validate_labels(meta.get("labels"), errors, child(_TEMPLATE, "labels"))
    validate_annotations(meta.get("annotations"), errors, child(_TEMPLATE, "annotations"))


def _with_claims(spec: FrozenMap, template: FrozenMap) -> FrozenMap:
    pod_spec = template.get("spec") or EMPTY_MAP
    for name in ("subdomain", "hostname"):
        if pod_spec.get(name):
            pod_spec = pod_spec.remove((name,))
    claims = spec.get("volumeClaimTemplates") or EMPTY_LIST
    if claims:
        names = dict.fromkeys(claim.at("metadata", "name", default="") for claim in claims)
        added = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in names]
        own = pod_spec.get("volumes") or EMPTY_LIST
        kept = [volume for volume in own if (volume.get("name") or "") not in names]
        pod_spec = pod_spec.set("volumes", freeze([*added, *kept]))
    return template.set("spec", pod_spec)


def validate_stateful_set_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one, and identity stays: selector, claims, service, order of pods."""
    before = FieldErrors()
    _validate_spec(old.get("spec") or EMPTY_MAP, before, is_new=False)
    spec = new.get("spec") or EMPTY_MAP
    _validate_spec(spec, errors, is_new=False, checks_template=not len(before))
    validate_kept(new.get("spec"), old.get("spec"), _KEPT, errors, "spec")


STATEFUL_SET: Final = Validation(
    validate_stateful_set, validate_stateful_set_update, "never", of_status=OF_STATEFUL_SET
)
