"""The status of a Job: counts, times and conditions that belong together.

A rule is looked at when something it is about has changed. So a status with an old fault can still
change elsewhere, and a change of the spec leaves the controller time to catch up.
"""

from typing import Any, Final

from kcore.api.batch_v1.index_ranges import IndexRangesError, index_ranges
from kcore.api.field_rules import validate_positive_field
from kcore.machinery.field_errors import OMITTED, FieldErrors, Rendered, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import json_text
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE

_COUNTS: Final = ("active", "succeeded", "failed", "ready", "terminating")
_CONDITIONS: Final = "status.conditions"
_UNCOUNTED: Final = "status.uncountedTerminatedPods"
_TERMINAL: Final = ("Failed", "Complete", "FailureTarget")
_BARE: Final = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
# Two conditions that are never true together, and how a refusal writes them.
_EXCLUSIVE: Final = (
    ("Complete", "Failed", "Complete=True and Failed=true"),
    ("Complete", "FailureTarget", "Complete=True and FailureTarget=true"),
)
_ALWAYS_EXCLUSIVE: Final = (
    ("SuccessCriteriaMet", "Failed", "SuccessCriteriaMet=True and Failed=true"),
    ("SuccessCriteriaMet", "FailureTarget", "SuccessCriteriaMet=True and FailureTarget=true"),
)
# What must be true, too, when a condition is.
_NEEDS: Final = (("Failed", "FailureTarget"), ("Complete", "SuccessCriteriaMet"))


class _Side:
    """A job and what its status says."""

    __slots__ = ("job", "status", "true")

    def __init__(self, job: FrozenMap) -> None:
        self.job = job
        self.status: FrozenMap = job.get("status") or EMPTY_MAP
        self.true = frozenset(
            condition.get("type")
            for condition in self.status.get("conditions") or EMPTY_LIST
            if condition.get("status") == "True"
        )

    @property
    def is_finished(self) -> bool:
        return bool(self.true & {"Complete", "Failed"})

    def count(self, name: str) -> int:
        """A count; 0 when it is not stated."""
        return self.status.get(name) or 0


def validate_job_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Append the problems of a new status. O(size)."""
    after, before = _Side(new), _Side(old)
    for name in _COUNTS:
        validate_positive_field(after.status, name, errors, "status")
    _validate_uncounted(after, errors)
    _validate_exclusive(after, before, _EXCLUSIVE, errors)
    _validate_times(after, before, errors)
    _validate_needs(after, before, errors)
    _validate_end(after, before, errors)
    _validate_indexes(after, before, errors)
    _validate_pods(after, before, errors)
    for first, second, text in _ALWAYS_EXCLUSIVE:
        if {first, second} <= after.true:
            errors.invalid(_CONDITIONS, OMITTED, f"cannot set {text} conditions")
    if new.at("spec", "successPolicy") is not None and _is_bare(after.true):
        errors.invalid(_CONDITIONS, OMITTED, _BARE)
    _validate_kept(after, before, errors)


def _is_bare(conditions: frozenset[Any]) -> bool:
    return "Complete" in conditions and "SuccessCriteriaMet" not in conditions


def _changed(after: _Side, before: _Side, *names: str) -> bool:
    """Whether a condition (with a capital) or a field of the status differs."""
    for name in names:
        if name[0].isupper():
            if (name in after.true) != (name in before.true):
                return True
        elif (after.status.get(name) or None) != (before.status.get(name) or None):
            return True
    return False


def _validate_uncounted(after: _Side, errors: FieldErrors) -> None:
    known: set[str] = set()
    for field in ("succeeded", "failed"):
        uids = after.status.at("uncountedTerminatedPods", field) or EMPTY_LIST
        for position, uid in enumerate(uids):
            here = index(child(_UNCOUNTED, field), position)
            if not uid:
                errors.invalid(here, uid, "must not be empty")
            elif uid in known:
                errors.duplicate(here, uid)
            known.add(uid)


def _validate_exclusive(after: _Side, before: _Side, pairs: Any, errors: FieldErrors) -> None:
    for first, second, text in pairs:
        if {first, second} <= after.true and _changed(after, before, first, second):
            errors.invalid(_CONDITIONS, OMITTED, f"cannot set {text} conditions")


def _validate_times(after: _Side, before: _Side, errors: FieldErrors) -> None:
    ended, started, path = (
        after.status.get("completionTime"),
        after.status.get("startTime"),
        "status.completionTime",
    )
    is_complete = "Complete" in after.true
    if _changed(after, before, "Complete", "completionTime"):
        if ended is not None and not is_complete:
            detail = "cannot set completionTime when there is no Complete=True condition"
            errors.invalid(path, _time(ended), detail)
        if ended is None and is_complete:
            errors.required(path, "completionTime is required for Complete jobs")
    if ended is None or started is None:
        return
    if ended < started and _changed(after, before, "startTime", "completionTime"):
        errors.invalid(path, _time(ended), "must be equal to or after `startTime`")


def _time(text: Any) -> Rendered:
    return Rendered(json_text(text))


def _validate_needs(after: _Side, before: _Side, errors: FieldErrors) -> None:
    changes = (("Failed", "failedIndexes"), ("Complete", "SuccessCriteriaMet"))
    for (kind, needed), names in zip(_NEEDS, changes, strict=True):
        if kind in after.true and needed not in after.true and _changed(after, before, *names):
            detail = f"cannot set {kind}=True condition without the {needed}=true condition"
            errors.invalid(_CONDITIONS, OMITTED, detail)


def _validate_end(after: _Side, before: _Side, errors: FieldErrors) -> None:
    if not after.is_finished:
        return
    ends = not before.is_finished
    if after.count("active") > 0 and (ends or _changed(after, before, "active")):
        errors.invalid(
            "status.active", after.count("active"), "active>0 is invalid for finished job"
        )
    spec = after.job.get("spec") or EMPTY_MAP
    never_ran = spec.get("suspend") is True and spec.get("completions") == 0
    starts = ends or _changed(after, before, "startTime")
    if after.status.get("startTime") is None and starts and not never_ran:
        errors.required("status.startTime", "startTime is required for finished job")
    uncounted = after.status.get("uncountedTerminatedPods") or EMPTY_MAP
    some = any(uncounted.get(field) for field in ("failed", "succeeded"))
    if some and (ends or _changed(after, before, "uncountedTerminatedPods")):
        shown = rendered_internal(uncounted, "*batch/v1.UncountedTerminatedPods")
        errors.invalid(_UNCOUNTED, shown, "must be empty for finished job")


def _validate_indexes(after: _Side, before: _Side, errors: FieldErrors) -> None:
    spec = after.job.get("spec") or EMPTY_MAP
    completions, limit = spec.get("completions"), spec.get("backoffLimitPerIndex")
    completed, failed = (
        after.status.get("completedIndexes") or "",
        after.status.get("failedIndexes"),
    )
    completed_changed = _changed(after, before, "completedIndexes")
    failed_changed = after.status.get("failedIndexes") != before.status.get("failedIndexes")
    if completed_changed and completions is not None:
        _validate_form(completed, completions, "completedIndexes", errors)
    if failed_changed and completions is not None and limit is not None and failed is not None:
        _validate_form(failed, completions, "failedIndexes", errors)
    if completed_changed and completed and spec.get("completionMode") != "Indexed":
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.invalid("status.completedIndexes", completed, detail)
    path = "status.failedIndexes"
    if failed is None:
        return
    if failed_changed and limit is None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.invalid(path, failed, detail)
    if completions is not None and (failed_changed or completed_changed):
        both = _first_of_both(completed, failed, completions)
        if both is not None:
            detail = f"failedIndexes and completedIndexes overlap at index: {both}"
            errors.invalid(path, failed, detail)


def _validate_form(text: str, completions: int, field: str, errors: FieldErrors) -> None:
    try:
        index_ranges(text, completions)
    except IndexRangesError as error:
        errors.invalid(child("status", field), text, f"error parsing {field}: {error}")


def _first_of_both(completed: str, failed: str, completions: int) -> int | None:
    """The first index that two texts share. O(intervals of one, for each of the other)."""
    sides = [
        [found for part in text.split(",") if part for found in _intervals(part, completions)]
        for text in (completed, failed)
    ]
    found = [
        max(first, other)
        for first, last in sides[0]
        for other, other_last in sides[1]
        if first <= other_last and other <= last
    ]
    return min(found, default=None)


def _intervals(part: str, completions: int) -> list[tuple[int, int]]:
    try:
        return index_ranges(part, completions)
    except IndexRangesError:
        return []


def _validate_pods(after: _Side, before: _Side, errors: FieldErrors) -> None:
    going, ready = after.count("terminating"), after.status.get("ready")
    ends = after.is_finished != before.is_finished
    if going > 0 and after.is_finished and (ends or _changed(after, before, "terminating")):
        errors.invalid("status.terminating", going, "terminating>0 is invalid for finished job")
    if ready is None or not _changed(after, before, "ready", "active"):
        return
    if ready > after.count("active"):
        errors.invalid("status.ready", ready, "cannot set more ready pods than active")


def _validate_kept(after: _Side, before: _Side, errors: FieldErrors) -> None:
    """What has ended stays so, and counters grow."""
    for kind in _TERMINAL:
        if kind in before.true and kind not in after.true:
            detail = f"cannot disable the terminal {kind}=True condition"
            errors.invalid(_CONDITIONS, OMITTED, detail)
    spec = after.job.get("spec") or EMPTY_MAP
    is_scaled = spec.get("completionMode") == "Indexed"
    is_scaled = is_scaled and spec.get("completions") == spec.get("parallelism")
    for name in ("failed", "succeeded"):
        if after.count(name) < before.count(name) and (name == "failed" or not is_scaled):
            detail = f"cannot decrease the {name} counter"
            errors.invalid(child("status", name), after.count(name), detail)
    ended, old_end = (side.status.get("completionTime") for side in (after, before))
    if None not in (ended, old_end) and ended != old_end:
        errors.invalid("status.completionTime", _time(ended), IMMUTABLE)
    started, old_start = (side.status.get("startTime") for side in (after, before))
    resumes = "Suspended" in before.true and "Suspended" not in after.true
    if old_start is not None and started != old_start and not spec.get("suspend") and not resumes:
        detail = "field is immutable for unsuspended job once set"
        errors.invalid("status.startTime", _time(started), detail)
    met = "SuccessCriteriaMet"
    if met in before.true and met not in after.true:
        errors.invalid(_CONDITIONS, OMITTED, f"cannot disable the {met}=True condition")
    if _is_bare(before.true) and met in after.true:
        detail = f"cannot set {met}=True for Job already has Complete=true conditions"
        errors.invalid(_CONDITIONS, OMITTED, detail)
