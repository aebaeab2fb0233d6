"""Jobs and deployments: the generated selector, and what counts as a change."""

from typing import Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks, content_changed
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

_UID_LABELS: Final = ("batch.kubernetes.io/controller-uid", "controller-uid")
_NAME_LABELS: Final = ("batch.kubernetes.io/job-name", "job-name")
_TEMPLATE_LABELS: Final = ("spec", "template", "metadata", "labels")


def born_job(job: FrozenMap, context: ServerContext) -> FrozenMap:
    """Unless the selector is the user's, pods are selected by the uid of the job."""
    if not job.at("spec", "manualSelector"):
        job = _with_generated_selector(job)
    if not job.at("metadata", "labels"):
        labels = job.at(*_TEMPLATE_LABELS, default=EMPTY_MAP)
        if labels:
            job = job.set(("metadata", "labels"), labels)
    return job


def _with_generated_selector(job: FrozenMap) -> FrozenMap:
    metadata = job["metadata"]
    labels = job.at(*_TEMPLATE_LABELS, default=EMPTY_MAP)
    for names, value in ((_NAME_LABELS, metadata["name"]), (_UID_LABELS, metadata["uid"])):
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


JOB: Final = Hooks(at_birth=born_job)
DEPLOYMENT: Final = Hooks(bumps_generation=deployment_changed)
