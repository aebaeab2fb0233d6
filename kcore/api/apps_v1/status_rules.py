"""Statuses of workloads: counts that fit together, as tables."""

from dataclasses import dataclass
from typing import Final

from kcore.api.field_rules import validate_positive_field
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

_OF_ALL: Final = "cannot be greater than status.replicas"
_COLLISIONS: Final = "collisionCount"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the status of a kind counts.

    Attributes:
        counts: fields that are never negative, in the order of upstream's checks.
        parts: fields that are at most `replicas`.
        of_ready: how a refusal calls the ready ones, of which the available ones are part.
    """

    counts: tuple[str, ...]
    parts: tuple[str, ...] = ()
    of_ready: str = ""

    def __call__(self, new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
        """Append the problems of a new status. O(counts)."""
        status, before = (side.get("status") or EMPTY_MAP for side in (new, old))
        for name in self.counts:
            validate_positive_field(status, name, errors, "status")
        for name in self.parts:
            self._compare(status, name, "replicas", _OF_ALL, errors)
        if self.of_ready:
            detail = f"cannot be greater than {self.of_ready}"
            self._compare(status, "availableReplicas", "readyReplicas", detail, errors)
        collisions = status.get(_COLLISIONS) or 0
        if collisions < (before.get(_COLLISIONS) or 0):
            errors.invalid(child("status", _COLLISIONS), collisions, "cannot be decremented")

    @staticmethod
    def _compare(
        status: FrozenMap, name: str, limit: str, detail: str, errors: FieldErrors
    ) -> None:
        count = status.get(name) or 0
        if count > (status.get(limit) or 0):
            errors.invalid(child("status", name), count, detail)


OF_REPLICAS: Final = Counts(
    (
        "replicas",
        "fullyLabeledReplicas",
        "readyReplicas",
        "availableReplicas",
        "observedGeneration",
        "terminatingReplicas",
    ),
    ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    "readyReplicas",
)
OF_DEPLOYMENT: Final = Counts(
    (
        "observedGeneration",
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
        "terminatingReplicas",
        _COLLISIONS,
    ),
    ("updatedReplicas", "readyReplicas", "availableReplicas"),
    "readyReplicas",
)
OF_STATEFUL_SET: Final = Counts(
    (
        "replicas",
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "availableReplicas",
        "observedGeneration",
        _COLLISIONS,
    ),
    ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"),
    "status.readyReplicas",
)
OF_DAEMON_SET: Final = Counts(
    (
        "currentNumberScheduled",
        "numberMisscheduled",
        "desiredNumberScheduled",
        "numberReady",
        "observedGeneration",
        "updatedNumberScheduled",
        "numberAvailable",
        "numberUnavailable",
        _COLLISIONS,
    )
)
