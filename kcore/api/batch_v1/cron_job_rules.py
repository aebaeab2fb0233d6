"""CronJob: its rules."""

import re
from typing import Final

from kcore.api.batch_v1.job_rules import validate_job_spec
from kcore.api.field_rules import validate_positive_field
from kcore.api.object_rules import Validation
from kcore.machinery.cron.grammar import CronError, parse_spec
from kcore.machinery.cron.zone import load_zone
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import metadata_of
from kcore.machinery.typed_text import rendered

_POLICIES: Final = ("Allow", "Forbid", "Replace")
# The names of its jobs end with a hyphen and ten digits, and are labels.
_NAME_LENGTH_MAX: Final = 52
_ZONE_PART: Final = re.compile(r"[A-Za-z.\-_0-9+]{1,14}", re.ASCII)
_HISTORY: Final = ("successfulJobsHistoryLimit", "failedJobsHistoryLimit")


def validate_cron_job(cron_job: FrozenMap, errors: FieldErrors) -> None:
    """A new cron job."""
    _validate_spec(cron_job.get("spec") or EMPTY_MAP, None, errors)
    name = metadata_of(cron_job).get("name") or ""
    if len(name) > _NAME_LENGTH_MAX:
        detail = f"must be no more than {_NAME_LENGTH_MAX} characters"
        errors.invalid("metadata.name", name, detail)


def validate_cron_job_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; what was accepted of its times stays accepted."""
    _validate_spec(new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP, errors)


def _validate_spec(spec: FrozenMap, old: FrozenMap | None, errors: FieldErrors) -> None:
    _validate_schedule(spec, old, errors)
    validate_positive_field(spec, "startingDeadlineSeconds", errors, "spec")
    zone = spec.get("timeZone")
    if zone is not None and (old is None or old.get("timeZone") != zone):
        _validate_zone(zone, errors, "spec.timeZone")
    policy = spec.get("concurrencyPolicy") or ""
    if not policy:
        errors.required("spec.concurrencyPolicy")
    elif policy not in _POLICIES:
        errors.not_supported("spec.concurrencyPolicy", policy, _POLICIES)
    _validate_template(spec.get("jobTemplate") or EMPTY_MAP, errors, "spec.jobTemplate")
    for name in _HISTORY:
        validate_positive_field(spec, name, errors, "spec")


def _validate_schedule(spec: FrozenMap, old: FrozenMap | None, errors: FieldErrors) -> None:
    schedule, path = spec.get("schedule") or "", "spec.schedule"
    if not schedule:
        errors.required(path)
        return
    try:
        parse_spec(schedule)
    except CronError as error:
        errors.invalid(path, schedule, str(error))
    if "TZ" not in schedule:
        return
    if old is None or "TZ" not in (old.get("schedule") or ""):
        detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
        errors.invalid(path, schedule, detail)
    elif spec.get("timeZone") is not None:
        detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
        errors.invalid(path, schedule, detail)


def _validate_zone(zone: str, errors: FieldErrors, path: str) -> None:
    if not zone:
        errors.invalid(path, zone, "timeZone must be nil or non-empty string")
        return
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part):
            errors.invalid(path, zone, f"unknown time zone {zone}")
            return
    if zone.lower() == "local":
        detail = (
            "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        )
        errors.invalid(path, zone, detail)
    try:
        load_zone(zone)
    except ValueError as error:
        errors.invalid(path, zone, str(error))


def _validate_template(template: FrozenMap, errors: FieldErrors, path: str) -> None:
    spec = template.get("spec") or EMPTY_MAP
    validate_job_spec(spec, errors, child(path, "spec"))
    selector = spec.get("selector")
    if selector is not None:
        shown = rendered(selector, "*meta/v1.LabelSelector")
        here = child(path, "spec", "selector")
        errors.invalid(here, shown, "`selector` will be auto-generated")
    if spec.get("manualSelector"):
        errors.not_supported(child(path, "spec", "manualSelector"), True, ("nil", "false"))


CRON_JOB: Final = Validation(validate_cron_job, validate_cron_job_update, "never")
