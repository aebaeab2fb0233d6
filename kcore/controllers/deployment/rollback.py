"""Pure: back to an earlier revision, as `kubectl rollout undo` does it.

There is no rollback in the API: the template of the old ReplicaSet is patched into the Deployment,
which then rolls out like any other change, under a new revision.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kcore.controllers.deployment.annotations import annotations_of, is_copied, revision_of
from kcore.controllers.deployment.revision import HASH_LABEL, same_template
from kcore.errors import KcoreError
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap


class RollbackError(KcoreError):
    """There is nothing to go back to; the message is kubectl's."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """A JSON patch for the Deployment; no operations when it has that template already."""

    revision: int
    operations: tuple[dict[str, Any], ...]

    @property
    def message(self) -> str:
        """What kubectl prints after the resource's name."""
        if self.operations:
            return "rolled back"
        return f"skipped rollback (current template already matches revision {self.revision})"


def plan_rollback(
    deployment: FrozenMap, replica_sets: Sequence[FrozenMap], to_revision: int = 0
) -> Rollback:
    """The way back to `to_revision`; 0 means the revision before the present one.

    `replica_sets` are those the deployment controls.

    Raises:
        RollbackError: paused, no history, or no such revision.
    """
    if deployment.at("spec", "paused"):
        raise RollbackError(
            "you cannot rollback a paused deployment; resume it first with "
            "'kubectl rollout resume' and try again"
        )
    target = _target(deployment, replica_sets, to_revision)
    if same_template(deployment, target):
        return Rollback(revision_of(target), ())
    template = target["spec"]["template"]
    if template.at("metadata", "labels", HASH_LABEL) is not None:
        template = template.remove(("metadata", "labels", HASH_LABEL))
    return Rollback(
        revision_of(target),
        (
            {"op": "replace", "path": "/spec/template", "value": template},
            {
                "op": "replace" if deployment.at("metadata", "annotations") else "add",
                "path": "/metadata/annotations",
                "value": _annotations(deployment, target),
            },
        ),
    )


def _target(
    deployment: FrozenMap, replica_sets: Sequence[FrozenMap], to_revision: int
) -> FrozenMap:
    if to_revision < 0:
        raise RollbackError(f"unable to find specified revision {to_revision} in history")
    by_revision = _by_revision(replica_sets)
    if to_revision:
        if to_revision not in by_revision:
            raise RollbackError(f"unable to find specified revision {to_revision} in history")
        return by_revision[to_revision]
    if len(by_revision) < 2:
        name = deployment["metadata"]["name"]
        raise RollbackError(f'no rollout history found for deployment "{name}"')
    return by_revision[sorted(by_revision)[-2]]


def _by_revision(replica_sets: Sequence[FrozenMap]) -> dict[int, FrozenMap]:
    found = {}
    for replica_set in replica_sets:
        try:
            found[revision_of(replica_set)] = replica_set
        except ValueError:
            continue  # somebody else's annotation; kubectl skips it too
    return found


def _annotations(deployment: FrozenMap, target: FrozenMap) -> FrozenMap:
    """The deployment's own bookkeeping, everything else from the ReplicaSet."""
    annotations = EMPTY_MAP
    for source, wanted in ((deployment, False), (target, True)):
        found = annotations_of(source)
        for name in found:
            if is_copied(name) is wanted:
                annotations = annotations.set((name,), found[name])
    return annotations
