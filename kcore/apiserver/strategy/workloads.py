"""Workloads: generated selectors, and what counts as a change."""

from typing import Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks, content_changed
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_UID_LABELS: Final = ("batch.kubernetes.io/controller-uid", "controller-uid")
_NAME_LABELS: Final = ("batch.kubernetes.io/job-name", "job-name")
_TEMPLATE_GENERATION: Final = (
    "metadata",
    "annotations",
    "deprecated.daemonset.template.generation",
)
_TEMPLATE_LABELS: Final = ("spec", "template", "metadata", "labels")


def born_job(job: FrozenMap, context: ServerContext) -> FrozenMap:
    """Unless the selector is the user's, pods are selected by the uid of the job."""
    follows = not job.at("metadata", "labels") or _took_labels_from_template(job)
    if not job.at("spec", "manualSelector"):
        job = _with_generated_selector(job)
    if follows:
        labels = job.at(*_TEMPLATE_LABELS, default=EMPTY_MAP)
        if labels:
            job = job.set(("metadata", "labels"), labels)
    return job


def _took_labels_from_template(job: FrozenMap) -> bool:
    """Whether defaulting gave an applied job its labels: then nobody owns them.

    In upstream's memory they are the template's own map, so what the template gains, they gain.
    """
    owners = job.at("metadata", "managedFields", default=EMPTY_LIST)
    same = job.at("metadata", "labels") == job.at(*_TEMPLATE_LABELS)
    owned = any(entry.at("fieldsV1", "f:metadata", "f:labels") is not None for entry in owners)
    return len(owners) > 0 and same and not owned


def _with_generated_selector(job: FrozenMap) -> FrozenMap:
    metadata = job["metadata"]
    labels = job.at(*_TEMPLATE_LABELS, default=EMPTY_MAP)
    name = metadata.get("name") or ""  # Validation refuses a job without.
    for names, value in ((_NAME_LABELS, name), (_UID_LABELS, metadata["uid"])):
        for name in names:
            if name not in labels:
                labels = labels.set(name, value)
    job = job.set(_TEMPLATE_LABELS, labels)
    selector = job.at("spec", "selector", "matchLabels", default=EMPTY_MAP)
    if _UID_LABELS[0] in selector:
        return job
    return job.set(
        ("spec", "selector", "matchLabels"), selector.set(_UID_LABELS[0], metadata["uid"])
    )


def deployment_changed(new: FrozenMap, old: FrozenMap) -> bool:
    """A deployment's generation counts changes of its annotations too."""
    if content_changed(new, old):
        return True
    return bool(
        new.at("metadata", "annotations", default=EMPTY_MAP)
        != old.at("metadata", "annotations", default=EMPTY_MAP)
    )


def born_daemon_set(daemon_set: FrozenMap, context: ServerContext) -> FrozenMap:
    """The template's generation starts at 1."""
    return _with_template_generation(daemon_set, max(_template_generation(daemon_set), 1))


def updated_daemon_set(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """The template's generation counts changes of the template."""
    generation = _template_generation(old)
    if new.at("spec", "template") != old.at("spec", "template"):
        generation += 1
    return _with_template_generation(new, generation)


def _template_generation(daemon_set: FrozenMap) -> int:
    text = daemon_set.at(*_TEMPLATE_GENERATION, default="0")
    return int(text) if text.isascii() and text.isdigit() else 0


def _with_template_generation(daemon_set: FrozenMap, generation: int) -> FrozenMap:
    return daemon_set.set(_TEMPLATE_GENERATION, str(generation))


def never(new: FrozenMap, old: FrozenMap) -> bool:
    """Some kinds are born with generation 1 and keep it."""
    return False


JOB: Final = Hooks(at_birth=born_job)
DEPLOYMENT: Final = Hooks(bumps_generation=deployment_changed)
DAEMON_SET: Final = Hooks(at_birth=born_daemon_set, at_update=updated_daemon_set)
PRIORITY_CLASS: Final = Hooks(bumps_generation=never)
