"""Pure: what a Deployment writes on its ReplicaSets, and how it is read back.

The revision counts rollouts. The wanted and maximal size are what the deployment had when it last
touched the ReplicaSet: a difference tells a scaling apart from a rollout.
"""

from typing import Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

REVISION: Final = "deployment.kubernetes.io/revision"
REVISION_HISTORY: Final = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS: Final = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS: Final = "deployment.kubernetes.io/max-replicas"
ROLLBACK_TO: Final = "deprecated.deployment.rollback.to"
LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

# Upstream's maxRevHistoryLengthInChars.
REVISION_HISTORY_LENGTH_MAX: Final = 2000

_NOT_COPIED: Final = (
    LAST_APPLIED,
    REVISION,
    REVISION_HISTORY,
    DESIRED_REPLICAS,
    MAX_REPLICAS,
    ROLLBACK_TO,
)


def annotations_of(obj: FrozenMap) -> FrozenMap:
    """`metadata.annotations`, or the empty map."""
    annotations: FrozenMap = obj.at("metadata", "annotations", default=EMPTY_MAP)
    return annotations


def revision_of(obj: FrozenMap) -> int:
    """The revision, 0 when absent.

    Raises:
        ValueError: somebody wrote something else than a number.
    """
    return int(annotations_of(obj).get(REVISION) or 0)


def max_revision(replica_sets: list[FrozenMap]) -> int:
    """The highest readable revision, 0 when there is none."""
    return max((_readable_revision(replica_set) for replica_set in replica_sets), default=0)


def wanted_size_of(replica_set: FrozenMap) -> int | None:
    """How many replicas its deployment wanted when it last touched it; None when unknown."""
    return _number(annotations_of(replica_set).get(DESIRED_REPLICAS))


def max_replicas_of(replica_set: FrozenMap) -> int | None:
    """How many replicas its deployment then allowed in all; None when unknown."""
    return _number(annotations_of(replica_set).get(MAX_REPLICAS))


def with_size(annotations: FrozenMap, wanted: int, most: int) -> FrozenMap:
    """Annotations that tell the present size of the rollout."""
    return annotations.set((DESIRED_REPLICAS,), str(wanted)).set((MAX_REPLICAS,), str(most))


def with_deployment_annotations(annotations: FrozenMap, deployment: FrozenMap) -> FrozenMap:
    """A ReplicaSet's annotations with those of its deployment over them."""
    source = annotations_of(deployment)
    for name in source:
        if name not in _NOT_COPIED:
            annotations = annotations.set((name,), source[name])
    return annotations


def is_copied(name: str) -> bool:
    """Whether an annotation travels between a deployment and its ReplicaSets."""
    return name not in _NOT_COPIED


def with_revision(annotations: FrozenMap, revision: int) -> FrozenMap:
    """Annotations with at least this revision; an older one joins the history.

    A revision that is not a number is left alone, as upstream does.
    """
    present = annotations.get(REVISION) or ""
    number = _number(present) if present else 0
    if number is None or number >= revision:
        return annotations
    if REVISION in annotations:
        history = _history(annotations.get(REVISION_HISTORY) or "", present)
        if history is not None:
            annotations = annotations.set((REVISION_HISTORY,), history)
    return annotations.set((REVISION,), str(revision))


def _history(history: str, revision: str) -> str | None:
    """The history with one more revision, the oldest dropped when it grows too long."""
    if not history:
        return revision
    past = history.split(",")
    length = len(history) + len(revision) + 1
    start = 0
    while length > REVISION_HISTORY_LENGTH_MAX and start < len(past):
        length -= len(past[start]) + 1
        start += 1
    if length > REVISION_HISTORY_LENGTH_MAX:
        return None
    return ",".join([*past[start:], revision])


def _readable_revision(replica_set: FrozenMap) -> int:
    return _number(annotations_of(replica_set).get(REVISION)) or 0


def _number(text: str | None) -> int | None:
    """A decimal number as Go's ParseInt reads it, or None."""
    if not text:
        return None
    digits = text[1:] if text[0] in "+-" else text
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(text)
