"""Claims that a volume names are completed: all that upstream's harness has of a volume controller.

Upstream runs the real one neither (`StartFakePVController` in test/integration/util). The scheduler
promises a volume to a claim; here the claim is told, and the pod goes on. A volume that names no
claim is there to be taken, which upstream's harness writes itself. Claims that the benchmark
creates are bound from the start, so for them one look is all there is to it.
"""

from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For

BIND_COMPLETED: Final = "pv.kubernetes.io/bind-completed"
VOLUMES: Final = "persistentvolumes"
CLAIMS: Final = "persistentvolumeclaims"
NAME: Final = "claim-completer"


def build_claim_completer(context: ControllerContext) -> Controller:
    """The completer; its keys are volumes (`/name`)."""
    return Controller(
        NAME, context, ClaimCompleter(context), [For(VOLUMES, claim_changed)], reads=[CLAIMS]
    )


def claim_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Whether a volume names another claim than before."""
    if old is None or new is None:
        return new is not None
    return bool(old.at("spec", "claimRef") != new.at("spec", "claimRef"))


class ClaimCompleter(Reconciler):
    """One volume at a time. O(log n)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._volumes = context.lister(VOLUMES)
        self._claims = context.lister(CLAIMS)

    def reconcile(self, request: NamespacedName) -> Result:
        """Let the claim name the volume, unless it names one already or is not there.

        Raises:
            ApiError: the API refuses a write, or the question for the claim.
        """
        volume = self._volumes.get("", request.name)
        if volume is None:
            return DONE
        reference = volume.at("spec", "claimRef")
        if reference is None:
            if volume.at("status", "phase") != "Available":
                self._client.update_status(volume.set(("status", "phase"), "Available"))
        else:
            self._complete(request.name, reference)
        return DONE

    def _complete(self, volume_name: str, reference: FrozenMap) -> None:
        name, namespace = reference["name"], reference["namespace"]
        claim = self._claims.get(namespace, name)
        if claim is not None and claim.at("spec", "volumeName"):
            return  # It names one for good.
        try:
            claim = self._client.get(CLAIMS, name, namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            return
        if not claim.at("spec", "volumeName"):
            bound = claim.set(("spec", "volumeName"), volume_name)
            self._client.update(bound.set(("metadata", "annotations", BIND_COMPLETED), "yes"))
