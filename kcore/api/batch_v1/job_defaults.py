"""Defaults of Job and CronJob."""

from typing import Any, Final

from kcore.api.core_v1.pod_defaults import default_template
from kcore.api.filling import fill, fill_empty, map_child, map_items
from kcore.machinery.frozen import FrozenMap

BACKOFF_LIMIT: Final = 6
# With a limit per index the limit of the whole job means nothing.
BACKOFF_LIMIT_PER_INDEX: Final = 2**31 - 1


def default_job(job: FrozenMap) -> FrozenMap:
    """One completion, six retries; labels from the template."""
    job = map_child(job, "spec", _job_spec)
    labels = job.at("spec", "template", "metadata", "labels")
    if labels and not job.at("metadata", "labels"):
        job = job.set(("metadata", "labels"), labels)
    return job


def _job_spec(spec: FrozenMap) -> FrozenMap:
    spec = map_child(spec, "template", default_template)
    counts: dict[str, Any] = {"parallelism": 1}
    if spec.get("parallelism") is None and spec.get("completions") is None:
        counts["completions"] = 1
    per_index = spec.get("backoffLimitPerIndex") is not None
    counts["backoffLimit"] = BACKOFF_LIMIT_PER_INDEX if per_index else BACKOFF_LIMIT
    failure_policy = spec.get("podFailurePolicy")
    spec = fill(
        spec,
        {
            **counts,
            "completionMode": "NonIndexed",
            "suspend": False,
            "manualSelector": False,
            "podReplacementPolicy": "Failed" if failure_policy else "TerminatingOrFailed",
        },
    )
    return map_child(spec, "podFailurePolicy", _failure_policy)


def _failure_policy(policy: FrozenMap) -> FrozenMap:
    return map_items(
        policy,
        "rules",
        lambda rule: map_items(
            rule, "onPodConditions", lambda pattern: fill_empty(pattern, {"status": "True"})
        ),
    )


def default_cron_job(cron_job: FrozenMap) -> FrozenMap:
    """Overlapping runs allowed, three successes and one failure kept."""
    return map_child(cron_job, "spec", _cron_job_spec)


def _cron_job_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill_empty(spec, {"concurrencyPolicy": "Allow"})
    spec = fill(
        spec, {"suspend": False, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1}
    )
    # Only the pods of its jobs: the jobs themselves are defaulted when they are made.
    return map_child(
        spec,
        "jobTemplate",
        lambda t: map_child(t, "spec", lambda job: map_child(job, "template", default_template)),
    )
