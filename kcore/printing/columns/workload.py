"""Rows of the kinds that own pods: Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.durations import human_duration
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.timestamps import parse_time
from kcore.printing.cells import (
    NONE,
    age,
    boolean,
    condition_is_true,
    container_images,
    container_names,
    items,
    labels,
    mapping,
    name,
    number,
    selector,
    since,
    word,
)
from kcore.printing.column import NAME, Cell, Column, Printer, integers, text, wide

CONTAINERS_AND_IMAGES: Final = wide("Containers", "Images")
CONTAINERS_TO_SELECTOR: Final = wide("Containers", "Images", "Selector")


def _containers(obj: FrozenMap, *path: str) -> list[Cell]:
    pod_spec = mapping(obj, *path)
    return [container_names(pod_spec), container_images(pod_spec)]


def deployment(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Deployment."""
    return [
        name(obj),
        f"{number(obj, 'status', 'readyReplicas')}/{number(obj, 'spec', 'replicas')}",
        number(obj, "status", "updatedReplicas"),
        number(obj, "status", "availableReplicas"),
        age(obj, now_ns),
        *_containers(obj, "spec", "template", "spec"),
        _deployment_selector(obj),
    ]


def _deployment_selector(obj: FrozenMap) -> str:
    """As `selector`, in the words that upstream has for Deployments alone."""
    text = selector(obj.at("spec", "selector"))
    return {NONE: "", "<error>": "<invalid>"}.get(text, text)


def _replicas(obj: FrozenMap, now_ns: int) -> list[Cell]:
    return [
        name(obj),
        number(obj, "spec", "replicas"),
        number(obj, "status", "replicas"),
        number(obj, "status", "readyReplicas"),
        age(obj, now_ns),
        *_containers(obj, "spec", "template", "spec"),
    ]


def replica_set(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ReplicaSet."""
    return [*_replicas(obj, now_ns), selector(obj.at("spec", "selector"))]


def replication_controller(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ReplicationController, whose selector is a plain map."""
    return [*_replicas(obj, now_ns), labels(obj.at("spec", "selector"))]


def stateful_set(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a StatefulSet."""
    return [
        name(obj),
        f"{number(obj, 'status', 'readyReplicas')}/{number(obj, 'spec', 'replicas')}",
        age(obj, now_ns),
        *_containers(obj, "spec", "template", "spec"),
    ]


def daemon_set(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a DaemonSet."""
    return [
        name(obj),
        number(obj, "status", "desiredNumberScheduled"),
        number(obj, "status", "currentNumberScheduled"),
        number(obj, "status", "numberReady"),
        number(obj, "status", "updatedNumberScheduled"),
        number(obj, "status", "numberAvailable"),
        labels(obj.at("spec", "template", "spec", "nodeSelector")),
        age(obj, now_ns),
        *_containers(obj, "spec", "template", "spec"),
        selector(obj.at("spec", "selector")),
    ]


# The first condition that is true names the job's state.
_JOB_STATES: Final = (
    ("Complete", "Complete"),
    ("Failed", "Failed"),
    ("", "Terminating"),
    ("Suspended", "Suspended"),
    ("FailureTarget", "FailureTarget"),
    ("SuccessCriteriaMet", "SuccessCriteriaMet"),
)


def _job_state(obj: FrozenMap) -> str:
    for condition_type, state in _JOB_STATES:
        if condition_type:
            holds = condition_is_true(obj, condition_type)
        else:
            holds = obj.at("metadata", "deletionTimestamp") is not None
        if holds:
            return state
    return "Running"


def _job_completions(obj: FrozenMap) -> str:
    succeeded = number(obj, "status", "succeeded")
    wanted = obj.at("spec", "completions")
    if wanted is not None:
        return f"{succeeded}/{wanted}"
    parallelism = number(obj, "spec", "parallelism")
    return f"{succeeded}/1 of {parallelism}" if parallelism > 1 else f"{succeeded}/1"


def _job_duration(obj: FrozenMap, now_ns: int) -> str:
    started = obj.at("status", "startTime")
    if not started:
        return ""
    completed = obj.at("status", "completionTime")
    end_ns = parse_time(completed) if completed else now_ns
    return human_duration(end_ns - parse_time(started))


def job(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Job."""
    return [
        name(obj),
        _job_state(obj),
        _job_completions(obj),
        _job_duration(obj, now_ns),
        age(obj, now_ns),
        *_containers(obj, "spec", "template", "spec"),
        selector(obj.at("spec", "selector")),
    ]


def cron_job(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a CronJob."""
    last = obj.at("status", "lastScheduleTime")
    return [
        name(obj),
        word(obj, "spec", "schedule"),
        str(obj.at("spec", "timeZone", default=NONE)),
        boolean(obj.at("spec", "suspend")),
        len(items(obj, "status", "active")),
        since(last, now_ns) if last else NONE,
        age(obj, now_ns),
        *_containers(obj, "spec", "jobTemplate", "spec", "template", "spec"),
        selector(obj.at("spec", "jobTemplate", "spec", "selector")),
    ]


def controller_revision(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ControllerRevision; its controller as `statefulset.apps/db`."""
    owner = next((ref for ref in items(obj, "metadata", "ownerReferences") if ref.controller), None)
    controller = NONE
    if owner is not None:
        group = word(owner, "apiVersion").rpartition("/")[0]
        kind = word(owner, "kind").lower()
        controller = f"{kind}.{group}/{owner.name}" if group else f"{kind}/{owner.name}"
    return [name(obj), controller, number(obj, "revision"), age(obj, now_ns)]


def pod_template(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PodTemplate."""
    return [
        name(obj),
        *_containers(obj, "template", "spec"),
        labels(obj.at("template", "metadata", "labels")),
    ]


REPLICA_COLUMNS: Final = (
    NAME,
    *integers("Desired", "Current", "Ready"),
    *text("Age"),
    *CONTAINERS_TO_SELECTOR,
)

PRINTERS = {
    ("apps", "Deployment"): Printer(
        (NAME, *text("Ready", "Up-to-date", "Available", "Age"), *CONTAINERS_TO_SELECTOR),
        deployment,
    ),
    ("apps", "ReplicaSet"): Printer(REPLICA_COLUMNS, replica_set),
    ("", "ReplicationController"): Printer(REPLICA_COLUMNS, replication_controller),
    ("apps", "StatefulSet"): Printer(
        (NAME, *text("Ready", "Age"), *CONTAINERS_AND_IMAGES), stateful_set
    ),
    ("apps", "DaemonSet"): Printer(
        (
            NAME,
            *integers("Desired", "Current", "Ready", "Up-to-date", "Available"),
            *text("Node Selector", "Age"),
            *CONTAINERS_TO_SELECTOR,
        ),
        daemon_set,
    ),
    ("batch", "Job"): Printer(
        (NAME, *text("Status", "Completions", "Duration", "Age"), *CONTAINERS_TO_SELECTOR), job
    ),
    ("batch", "CronJob"): Printer(
        (
            NAME,
            *text("Schedule", "Timezone"),
            Column("Suspend", type="boolean"),
            *integers("Active"),
            *text("Last Schedule", "Age"),
            *CONTAINERS_TO_SELECTOR,
        ),
        cron_job,
    ),
    ("apps", "ControllerRevision"): Printer(
        (NAME, *text("Controller", "Revision", "Age")), controller_revision
    ),
    ("", "PodTemplate"): Printer((NAME, *text("Containers", "Images", "Pod Labels")), pod_template),
}
