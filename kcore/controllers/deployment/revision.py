"""Pure: which ReplicaSet belongs to the present template, how a new one looks, which old ones go.

Upstream: pkg/controller/deployment/{sync.go,util/deployment_util.go}.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kcore.controllers.deployment.annotations import (
    max_revision,
    revision_of,
    with_deployment_annotations,
    with_revision,
    with_size,
)
from kcore.controllers.deployment.plan import (
    OLDEST_FIRST,
    max_surge,
    new_replicas,
    replicas_of,
    status_count,
)
from kcore.controllers.deployment.status import NO_LIMIT
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.hashes import pod_template_hash

HASH_LABEL: Final = "pod-template-hash"

# A ReplicaSet's name is a DNS subdomain: 253 characters.
NAME_LENGTH_MAX: Final = 253


@dataclass(frozen=True, slots=True)
class Rollout:
    """The ReplicaSets of a deployment, told apart: `new` has the present template."""

    new: FrozenMap | None
    olds: tuple[FrozenMap, ...]

    @property
    def every(self) -> list[FrozenMap]:
        """Old ones, then the new one."""
        return [*self.olds, *([] if self.new is None else [self.new])]


def tell_apart(deployment: FrozenMap, replica_sets: Sequence[FrozenMap]) -> Rollout:
    """Find the oldest ReplicaSet with the present template. O(ReplicaSets)."""
    template = _comparable(deployment["spec"]["template"])
    for candidate in sorted(replica_sets, key=OLDEST_FIRST):
        if _comparable(candidate["spec"]["template"]) == template:
            uid = candidate["metadata"]["uid"]
            olds = (other for other in replica_sets if other["metadata"]["uid"] != uid)
            return Rollout(candidate, tuple(olds))
    return Rollout(None, tuple(replica_sets))


def same_template(left: FrozenMap, right: FrozenMap) -> bool:
    """Whether two objects have equal templates, the hash label aside."""
    return _comparable(left["spec"]["template"]) == _comparable(right["spec"]["template"])


def _comparable(template: FrozenMap) -> FrozenMap:
    path = ("metadata", "labels", HASH_LABEL)
    if template.at(*path) is not None:
        template = template.remove(path)
    if template.at("metadata", "labels") == EMPTY_MAP:
        template = template.remove(("metadata", "labels"))
    return template


def refreshed_new(
    deployment: FrozenMap, rollout: Rollout, replica_set: FrozenMap
) -> FrozenMap | None:
    """The present new ReplicaSet with what it should know; None when it knows it."""
    annotations = replica_set.at("metadata", "annotations", default=EMPTY_MAP)
    wanted = with_deployment_annotations(annotations, deployment)
    wanted = with_revision(wanted, max_revision(list(rollout.olds)) + 1)
    min_ready_s = deployment.at("spec", "minReadySeconds", default=0)
    same_delay = replica_set.at("spec", "minReadySeconds", default=0) == min_ready_s
    if wanted == annotations and same_delay:
        return None
    replica_set = replica_set.set(("metadata", "annotations"), wanted)
    if same_delay:
        return replica_set
    if min_ready_s == 0:
        return replica_set.remove(("spec", "minReadySeconds"))
    return replica_set.set(("spec", "minReadySeconds"), min_ready_s)


def new_replica_set(deployment: FrozenMap, rollout: Rollout, reference: FrozenMap) -> FrozenMap:
    """The ReplicaSet to create for the present template, sized for the first step."""
    spec, metadata = deployment["spec"], deployment["metadata"]
    collisions = deployment.at("status", "collisionCount")
    hash_text = pod_template_hash(spec["template"], collisions)
    template = spec["template"].set(("metadata", "labels", HASH_LABEL), hash_text)
    draft = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": _name(metadata["name"], hash_text),
            "namespace": metadata["namespace"],
            "labels": template["metadata"]["labels"],
            "ownerReferences": [reference],
        },
        "spec": {
            "replicas": 0,
            "selector": spec["selector"].set(("matchLabels", HASH_LABEL), hash_text),
            "template": template,
        },
    }
    replica_set: FrozenMap = freeze(draft)
    if spec.get("minReadySeconds"):
        replica_set = replica_set.set(("spec", "minReadySeconds"), spec["minReadySeconds"])
    size = new_replicas(deployment, [*rollout.olds, replica_set], replica_set)
    replica_set = replica_set.set(("spec", "replicas"), size)
    annotations = with_deployment_annotations(EMPTY_MAP, deployment)
    annotations = with_revision(annotations, max_revision(list(rollout.olds)) + 1)
    wanted = replicas_of(deployment)
    annotations = with_size(annotations, wanted, wanted + max_surge(deployment))
    return replica_set.set(("metadata", "annotations"), annotations)


def _name(deployment_name: str, hash_text: str) -> str:
    return f"{deployment_name[: NAME_LENGTH_MAX - len(hash_text) - 1]}-{hash_text}"


def expendable(deployment: FrozenMap, olds: Sequence[FrozenMap]) -> list[FrozenMap]:
    """Old ReplicaSets beyond the history limit that nothing runs in, lowest revision first.

    Raises:
        ValueError: a revision annotation is not a number.
    """
    limit: int = deployment.at("spec", "revisionHistoryLimit", default=NO_LIMIT)
    alive = [old for old in olds if old.at("metadata", "deletionTimestamp") is None]
    surplus = len(alive) - limit
    if limit == NO_LIMIT or surplus <= 0:
        return []
    alive.sort(key=lambda old: (_sortable_revision(old), OLDEST_FIRST(old)))
    return [old for old in alive[:surplus] if _is_empty(old)]


def _is_empty(replica_set: FrozenMap) -> bool:
    generation = replica_set.at("metadata", "generation", default=0)
    observed = status_count(replica_set, "observedGeneration")
    idle = status_count(replica_set, "replicas") == 0 and replicas_of(replica_set) == 0
    return idle and generation <= observed


def _sortable_revision(replica_set: FrozenMap) -> int:
    try:
        return revision_of(replica_set)
    except ValueError:
        return 0
