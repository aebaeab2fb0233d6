"""Job and CronJob: their rules."""

from typing import Final

from kcore.api.batch_v1.job_policies import (
    validate_failure_policy,
    validate_replacement_policy,
    validate_success_policy,
)
from kcore.api.batch_v1.job_status_rules import validate_job_status
from kcore.api.core_v1.template_rules import (
    parsed_selector,
    validate_template,
)
from kcore.api.field_rules import validate_label_selector, validate_positive_field
from kcore.api.kept_fields import Kept, shown, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.domain_names import validate_domain_prefixed_path
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.formats import dns1123_label
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE, metadata_of
from kcore.machinery.typed_text import rendered

INDEXED: Final = "Indexed"
_MODES: Final = ("NonIndexed", INDEXED)
_COUNTS: Final = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MANAGER_BYTES_MAX: Final = 63
_INDEX_COUNT_MAX: Final = 100_000
_MANY_COMPLETIONS_COUNT: Final = 100_000
_OF_MANY_COUNT_MAX: Final = 10_000
_SELECTOR_TYPE: Final = "*meta/v1.LabelSelector"
_UID_LABELS: Final = ("controller-uid", "batch.kubernetes.io/controller-uid")
_NAME_LABELS: Final = ("job-name", "batch.kubernetes.io/job-name")
_NEEDS_INDEXES: Final = "requires indexed completion mode"
_WITH_MANY: Final = (
    f"must be less than or equal to {_OF_MANY_COUNT_MAX} when completions are above "
    f"{_MANY_COMPLETIONS_COUNT} and used with backoff limit per index"
)
_KEPT: Final = (
    Kept("completionMode"),
    Kept("podFailurePolicy", "*batch/v1.PodFailurePolicy"),
    Kept("backoffLimitPerIndex"),
    Kept("managedBy"),
    Kept("successPolicy", "*batch/v1.SuccessPolicy"),
)


def validate_job(job: FrozenMap, errors: FieldErrors) -> None:
    """A new job, after its selector was generated."""
    _validate_generated_selector(job, errors, with_prefix=True)
    _validate_spec(job.get("spec") or EMPTY_MAP, errors, "spec")
    _validate_name(job, errors)


def _validate_generated_selector(job: FrozenMap, errors: FieldErrors, *, with_prefix: bool) -> None:
    spec, metadata = job.get("spec") or EMPTY_MAP, metadata_of(job)
    selector = spec.get("selector")
    if spec.get("manualSelector") or selector is None:
        return
    uid, name = metadata.get("uid") or "", metadata.get("name") or ""
    if not uid:
        errors.required("metadata.uid")
    count = 2 if with_prefix else 1
    expected = {}
    for position in range(count):
        for labels, value in ((_UID_LABELS, uid), (_NAME_LABELS, name)):
            _validate_has_label(spec, labels[position], value, errors)
            expected[labels[position]] = value
    parsed = parsed_selector(selector)
    if parsed is not None and not parsed.matches(expected):
        detail = "`selector` not auto-generated"
        errors.invalid("spec.selector", rendered(selector, _SELECTOR_TYPE), detail)


def _validate_has_label(spec: FrozenMap, name: str, value: str, errors: FieldErrors) -> None:
    labels = spec.at("template", "metadata", "labels", default=EMPTY_MAP)
    path = f"spec.template.metadata.labels[{name}]"
    found = labels.get(name)
    if found is None:
        errors.required(path, f"must be '{value}'")
    elif found != value:
        shown_labels = rendered(labels, "map[string]string")
        errors.invalid(path, shown_labels, f"must be '{value}'")


def _validate_name(job: FrozenMap, errors: FieldErrors) -> None:
    """The names of indexed pods are host names, too."""
    spec, name = job.get("spec") or EMPTY_MAP, metadata_of(job).get("name") or ""
    completions = spec.get("completions") or 0
    if spec.get("completionMode") != INDEXED or completions <= 0:
        return
    longest = f"{name}-{completions - 1}"
    if dns1123_label(longest):
        detail = f"will not able to create pod with invalid DNS label: {longest}"
        errors.invalid("metadata.name", name, detail)


def _validate_spec(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_job_spec(spec, errors, path)
    selector, here = spec.get("selector"), child(path, "selector")
    if selector is None:
        errors.required(here)
    else:
        validate_label_selector(selector, errors, here)
    parsed = parsed_selector(selector)
    labels = spec.at("template", "metadata", "labels")
    if parsed is not None and not parsed.matches(labels):
        detail = "`selector` does not match template `labels`"
        shown_labels = rendered(labels or None, "map[string]string")
        errors.invalid(child(path, "template", "metadata", "labels"), shown_labels, detail)


def validate_job_spec(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What a job and the template of one have in common. O(size)."""
    for name in _COUNTS:
        validate_positive_field(spec, name, errors, path)
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        errors.required(child(path, "backoffLimitPerIndex"), "when maxFailedIndexes is specified")
    _validate_manager(spec.get("managedBy"), errors, child(path, "managedBy"))
    _validate_mode(spec, errors, path)
    if spec.get("podFailurePolicy") is not None:
        validate_failure_policy(spec, errors, child(path, "podFailurePolicy"))
    success, here = spec.get("successPolicy"), child(path, "successPolicy")
    if success is not None:
        if spec.get("completionMode") == INDEXED:
            validate_success_policy(spec, errors, here)
        else:
            errors.invalid(here, shown(success, "batch/v1.SuccessPolicy"), _NEEDS_INDEXES)
    validate_replacement_policy(spec, errors, child(path, "podReplacementPolicy"))
    validate_template(spec.get("template") or EMPTY_MAP, errors, child(path, "template"))
    _validate_restarts(spec, errors, child(path, "template", "spec", "restartPolicy"))


def _validate_manager(manager: str | None, errors: FieldErrors, path: str) -> None:
    if manager is None:
        return
    validate_domain_prefixed_path(manager, errors, path)
    if len(manager.encode()) > _MANAGER_BYTES_MAX:
        errors.too_long(path, _MANAGER_BYTES_MAX)


def _validate_mode(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    mode = spec.get("completionMode")
    if mode is not None and mode not in _MODES:
        errors.not_supported(child(path, "completionMode"), mode, _MODES)
    if mode == INDEXED:
        _validate_indexed(spec, errors, path)
    elif mode is None or mode == _MODES[0]:
        for name in ("backoffLimitPerIndex", "maxFailedIndexes"):
            value = spec.get(name)
            if value is not None:
                errors.invalid(child(path, name), value, _NEEDS_INDEXES)


def _validate_indexed(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    completions, failures = spec.get("completions"), spec.get("maxFailedIndexes")
    parallelism = spec.get("parallelism") or 0
    if completions is None:
        errors.required(child(path, "completions"), f"when completion mode is {INDEXED}")
    if parallelism > _INDEX_COUNT_MAX:
        detail = (
            f"must be less than or equal to {_INDEX_COUNT_MAX} when completion mode is {INDEXED}"
        )
        errors.invalid(child(path, "parallelism"), parallelism, detail)
    here = child(path, "maxFailedIndexes")
    if completions is not None and failures is not None and failures > completions:
        errors.invalid(here, failures, "must be less than or equal to completions")
    if failures is not None and failures > _INDEX_COUNT_MAX:
        errors.invalid(here, failures, f"must be less than or equal to {_INDEX_COUNT_MAX}")
    is_large = completions is not None and completions > _MANY_COMPLETIONS_COUNT
    if not is_large or spec.get("backoffLimitPerIndex") is None:
        return
    if failures is None:
        detail = f"must be specified when completions is above {_MANY_COMPLETIONS_COUNT}"
        errors.required(here, detail)
    if parallelism > _OF_MANY_COUNT_MAX:
        errors.invalid(child(path, "parallelism"), parallelism, _WITH_MANY)
    if failures is not None and failures > _OF_MANY_COUNT_MAX:
        errors.invalid(here, failures, _WITH_MANY)


def _validate_restarts(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    restart = spec.at("template", "spec", "restartPolicy", default="")
    if restart in ("", "Always"):
        errors.required(path, 'valid values: "OnFailure", "Never"')
    elif restart not in ("OnFailure", "Never"):
        errors.not_supported(path, restart, ("OnFailure", "Never"))
    elif spec.get("podFailurePolicy") is not None and restart != "Never":
        detail = 'only "Never" is supported when podFailurePolicy is specified'
        errors.invalid(path, restart, detail)


# --- changes -------------------------------------------------------------------------------


def validate_job_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Most of a job stays; its template may change while it is suspended."""
    spec, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    _validate_spec(spec, errors, "spec")
    _validate_completions(spec, before, errors)
    validate_kept(spec, before, (Kept("selector", _SELECTOR_TYPE),), errors, "spec")
    _validate_template_update(spec, old, errors)
    validate_kept(spec, before, _KEPT, errors, "spec")
    _validate_name(new, errors)


def _validate_completions(spec: FrozenMap, before: FrozenMap, errors: FieldErrors) -> None:
    completions = spec.get("completions")
    if spec.get("completionMode") != INDEXED:
        validate_kept(spec, before, (Kept("completions"),), errors, "spec")
    elif completions not in (None, before.get("completions"), spec.get("parallelism")):
        detail = "can only be modified in tandem with spec.parallelism"
        errors.invalid("spec.completions", completions, detail)


def _validate_template_update(spec: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    before = old.get("spec") or EMPTY_MAP
    template, old_template = (side.get("template") or EMPTY_MAP for side in (spec, before))
    is_open = _may_change_template(old)
    if is_open:
        old_template = _with_scheduling_of(template, old_template)
    if not (before.get("suspend") and is_open):
        _validate_same(template, old_template, "core/v1.PodTemplateSpec", errors, "spec.template")
        return
    pod, old_pod = (side.get("spec") or EMPTY_MAP for side in (template, old_template))
    old_pod = _with_resources_of(pod, old_pod)
    _validate_same(pod, old_pod, "core/v1.PodSpec", errors, "spec.template.spec")


def _validate_same(
    new: FrozenMap, old: FrozenMap, type_text: str, errors: FieldErrors, path: str
) -> None:
    if new != old:
        errors.invalid(path, rendered_internal(new, type_text), IMMUTABLE)


def _may_change_template(old: FrozenMap) -> bool:
    """A job that is suspended, and whose pods are gone or never were."""
    status = old.get("status") or EMPTY_MAP
    if not old.at("spec", "suspend") or status.get("active"):
        return False
    conditions = status.get("conditions") or EMPTY_LIST
    is_suspended = any(
        condition.get("type") == "Suspended" and condition.get("status") == "True"
        for condition in conditions
    )
    return status.get("startTime") is None or is_suspended


def _with_scheduling_of(template: FrozenMap, old_template: FrozenMap) -> FrozenMap:
    """The old template with what may change of where pods go."""
    for name in ("annotations", "labels"):
        old_template = _copied(old_template, template, ("metadata", name))
    for name in ("nodeSelector", "tolerations", "schedulingGates"):
        old_template = _copied(old_template, template, ("spec", name))
    old_template = _copied(old_template, template, ("spec", "affinity", "nodeAffinity"))
    if template.at("spec", "affinity") is None and not old_template.at("spec", "affinity"):
        old_template = _copied(old_template, template, ("spec", "affinity"))
    return old_template


def _copied(target: FrozenMap, source: FrozenMap, path: tuple[str, ...]) -> FrozenMap:
    value = source.at(*path)
    if target.at(*path) == value:
        return target
    return target.remove(path) if value is None else target.set(path, value)


def _with_resources_of(pod: FrozenMap, old_pod: FrozenMap) -> FrozenMap:
    for name in ("containers", "initContainers"):
        after, before = (side.get(name) or EMPTY_LIST for side in (pod, old_pod))
        if len(after) != len(before):
            continue
        for position, (container, old) in enumerate(zip(after, before, strict=True)):
            if container.get("name") == old.get("name"):
                path = (name, position, "resources")
                value = container.get("resources")
                if old.get("resources") != value:
                    old_pod = old_pod.remove(path) if value is None else old_pod.set(path, value)
    return old_pod


JOB: Final = Validation(validate_job, validate_job_update, "never", of_status=validate_job_status)
