"""The long form of Deployments and ReplicaSets: counts, strategy, template, relatives."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import (
    NONE,
    container_images,
    items,
    labels,
    mapping,
    name,
    number,
    selector,
    word,
)
from kcore.printing.describe_pod import add_conditions
from kcore.printing.sections import Sections

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"


def describe_deployment(
    sections: Sections, deployment: FrozenMap, objects: Sequence[FrozenMap]
) -> None:
    """Add everything about a Deployment but its metadata and events."""
    status = mapping(deployment, "status")
    total = number(status, "replicas")
    sections.field("Selector", selector(deployment.at("spec", "selector")))
    sections.field(
        "Replicas",
        f"{number(deployment, 'spec', 'replicas')} desired | "
        f"{number(status, 'updatedReplicas')} updated | {total} total | "
        f"{number(status, 'availableReplicas')} available | "
        f"{number(status, 'unavailableReplicas')} unavailable",
    )
    sections.field("StrategyType", word(deployment, "spec", "strategy", "type"))
    rolling = deployment.at("spec", "strategy", "rollingUpdate")
    if rolling is not None:
        sections.field(
            "RollingUpdate",
            f"{rolling.at('maxUnavailable')} max unavailable, {rolling.at('maxSurge')} max surge",
        )
    _template(sections, deployment)
    add_conditions(sections, deployment, ("type", "status", "reason", "message"))
    _replica_sets(sections, deployment, objects)


def describe_replica_set(
    sections: Sections, replica_set: FrozenMap, objects: Sequence[FrozenMap]
) -> None:
    """Add everything about a ReplicaSet but its metadata and events."""
    sections.field("Selector", selector(replica_set.at("spec", "selector")))
    sections.field(
        "Replicas",
        f"{number(replica_set, 'status', 'replicas')} current / "
        f"{number(replica_set, 'spec', 'replicas')} desired",
    )
    counts: dict[str, int] = {}
    for pod in owned_by(replica_set, "Pod", objects):
        phase = word(pod, "status", "phase", default="Pending")
        counts[phase] = counts.get(phase, 0) + 1
    words = " / ".join(f"{counts[phase]} {phase}" for phase in sorted(counts))
    sections.field("Pods Status", words or NONE)
    _template(sections, replica_set)
    add_conditions(sections, replica_set, ("type", "status", "reason", "message"))


def owned_by(owner: FrozenMap, kind: str, objects: Sequence[FrozenMap]) -> list[FrozenMap]:
    """Objects of `kind` whose owner references name `owner`. O(objects)."""
    uid = owner.at("metadata", "uid")
    return [
        obj
        for obj in objects
        if obj.kind == kind
        and any(reference.uid == uid for reference in items(obj, "metadata", "ownerReferences"))
    ]


def _template(sections: Sections, obj: FrozenMap) -> None:
    sections.heading("Pod Template")
    template = mapping(obj, "spec", "template")
    sections.field("Labels", labels(template.at("metadata", "labels")), 1)
    for title, field in (("Init Containers", "initContainers"), ("Containers", "containers")):
        containers = items(template, "spec", field)
        if containers:
            words = [f"{word(one, 'name')} ({word(one, 'image')})" for one in containers]
            sections.field(title, ", ".join(words), 1)


def _replica_sets(sections: Sections, deployment: FrozenMap, objects: Sequence[FrozenMap]) -> None:
    owned = owned_by(deployment, "ReplicaSet", objects)
    current = mapping(deployment, "metadata", "annotations").get(REVISION_ANNOTATION)
    old: list[str] = []
    new: list[str] = []
    for replica_set in owned:
        revision = mapping(replica_set, "metadata", "annotations").get(REVISION_ANNOTATION)
        text = (
            f"{name(replica_set)} ({number(replica_set, 'status', 'replicas')}/"
            f"{number(replica_set, 'spec', 'replicas')} replicas, "
            f"{container_images(mapping(replica_set, 'spec', 'template', 'spec'))})"
        )
        (new if revision == current else old).append(text)
    sections.field("OldReplicaSets", ", ".join(old) or NONE)
    sections.field("NewReplicaSet", ", ".join(new) or NONE)
