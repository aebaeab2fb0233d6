"""Claims that a volume names are completed: all that upstream's harness has of a volume controller.

Upstream runs the real one neither (`StartFakePVController` in test/integration/util). The scheduler
promises a volume to a claim; here the claim is told, and the pod goes on. Claims that the benchmark
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
    return Controller(NAME, context, ClaimCompleter(context), [For(VOLUMES, claim_changed)])


def claim_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Whether a volume names another claim than before."""
    if new is None or new.at("spec", "claimRef") is None:
        return False
    return old is None or old.at("spec", "claimRef") != new.at("spec", "claimRef")


class ClaimCompleter(Reconciler):
    """One volume at a time. O(log n)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._volumes = context.lister(VOLUMES)

    def reconcile(self, request: NamespacedName) -> Result:
        """Let the claim name the volume, unless it names one already or is not there."""
        volume = self._volumes.get("", request.name)
        reference = None if volume is None else volume.at("spec", "claimRef")
        if reference is None:
            return DONE
        try:
            claim = self._client.get(CLAIMS, reference["name"], reference["namespace"])
        except ApiError as error:
            if error.code != 404:
                raise
            return DONE
        if not claim.at("spec", "volumeName"):
            bound = claim.set(("spec", "volumeName"), request.name)
            self._client.update(bound.set(("metadata", "annotations", BIND_COMPLETED), "yes"))
        return DONE
