"""Binds claims to volumes that exist: the static half of upstream's persistent volume controller.

A claim gets the smallest free volume of its class that holds enough, offers its access modes and
volume mode, and matches its selector; a volume reserved for it (`claimRef`) comes first, a volume
it asks for (`volumeName`) is the only one. Claims of a class that waits for the first consumer are
left to the scheduler. Nothing is provisioned, recycled or deleted here.

Upstream: pkg/controller/volume/persistentvolume (pv_controller.go, index.go).
"""

from typing import Any, Final

from kcore.controllers.volume_match import best_volume, is_bound_to, mismatch
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For, Watches

BIND_COMPLETED: Final = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER: Final = "pv.kubernetes.io/bound-by-controller"
SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
CLAIMS: Final = "persistentvolumeclaims"
VOLUMES: Final = "persistentvolumes"
CLASSES: Final = "storageclasses.storage.k8s.io"

NAME: Final = "persistentvolume-binder-controller"


def build_volume_binder(context: ControllerContext) -> Controller:
    """The binder; its keys are claims (`namespace/name`) and volumes (`/name`)."""
    return Controller(
        NAME,
        context,
        VolumeBinder(context),
        [For(VOLUMES), For(CLAIMS), Watches(VOLUMES, claim_of), Watches(CLAIMS, volume_of)],
        reads=[CLASSES],
    )


def claim_of(volume: FrozenMap) -> tuple[str, ...]:
    """The claim a volume is reserved for or bound to."""
    reference = volume.at("spec", "claimRef")
    return () if reference is None else (f"{reference['namespace']}/{reference['name']}",)


def volume_of(claim: FrozenMap) -> tuple[str, ...]:
    """The volume a claim names."""
    name = claim.at("spec", "volumeName", default="")
    return (f"/{name}",) if name else ()


class VolumeBinder(Reconciler):
    """Level-triggered, one claim or volume at a time; a claim without volume costs O(volumes)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._claims = context.lister(CLAIMS)
        self._volumes = context.lister(VOLUMES)
        self._classes = context.lister(CLASSES)

    def reconcile(self, request: NamespacedName) -> Result:
        """One claim, or one volume."""
        if request.namespace:
            claim = self._claims.get(request.namespace, request.name)
            if claim is not None:
                self._sync_claim(claim)
            return DONE
        volume = self._volumes.get("", request.name)
        if volume is not None:
            self._sync_volume(volume)
        return DONE

    # --- claims ---

    def _sync_claim(self, claim: FrozenMap) -> None:
        name = claim.at("spec", "volumeName", default="")
        volume = self._volumes.get("", name) if name else None
        if _annotation(claim, BIND_COMPLETED) is not None:
            self._sync_bound(claim, volume)
        elif not name:
            found = best_volume(claim, self._volumes.list(), delayed=self._is_delayed(claim))
            if found is None:
                self._set_claim_status(claim, {"phase": "Pending"})
            else:
                self._bind(found, claim)
        elif volume is not None and self._may_have(volume, claim):
            self._bind(volume, claim)
        else:
            self._set_claim_status(claim, {"phase": "Pending"})

    def _sync_bound(self, claim: FrozenMap, volume: FrozenMap | None) -> None:
        if volume is None:
            self._set_claim_status(claim, {"phase": "Lost"})
        elif volume.at("spec", "claimRef") is None or is_bound_to(volume, claim):
            self._bind(volume, claim)
        else:
            self._set_claim_status(claim, {"phase": "Lost"})

    @staticmethod
    def _may_have(volume: FrozenMap, claim: FrozenMap) -> bool:
        if volume.at("spec", "claimRef") is None:
            return not mismatch(volume, claim)
        return is_bound_to(volume, claim)

    def _is_delayed(self, claim: FrozenMap) -> bool:
        if _annotation(claim, SELECTED_NODE) is not None:
            return False
        name = claim.at("spec", "storageClassName", default="")
        found = self._classes.get("", name) if name else None
        return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"

    # --- volumes ---

    def _sync_volume(self, volume: FrozenMap) -> None:
        reference = volume.at("spec", "claimRef")
        if reference is None or not reference.get("uid"):
            self._set_phase(volume, "Available")
            self._offer(volume)
            return
        claim = self._claims.get(reference["namespace"], reference["name"])
        if claim is None or claim["metadata"]["uid"] != reference["uid"]:
            self._set_phase(volume, "Released")
        elif claim.at("spec", "volumeName") == volume["metadata"]["name"]:
            self._set_phase(volume, "Bound")

    def _offer(self, volume: FrozenMap) -> None:
        """Look again at claims that wait; upstream does so every few seconds."""
        waiting = (
            claim
            for claim in self._claims.list()
            if not claim.at("spec", "volumeName")
            and best_volume(claim, (volume,), delayed=self._is_delayed(claim)) is not None
        )
        first = min(waiting, key=_age, default=None)
        if first is not None:
            self._sync_claim(first)

    # --- writes ---

    def _bind(self, volume: FrozenMap, claim: FrozenMap) -> None:
        """Volume first, then claim; whatever was interrupted is taken up again from there."""
        volume = self._reserve(volume, claim)
        self._set_phase(volume, "Bound")
        claim = self._point(claim, volume)
        status = {
            "phase": "Bound",
            "accessModes": volume["spec"]["accessModes"],
            "capacity": volume["spec"]["capacity"],
        }
        self._set_claim_status(claim, status)

    def _reserve(self, volume: FrozenMap, claim: FrozenMap) -> FrozenMap:
        metadata = claim["metadata"]
        reference = volume.at("spec", "claimRef", default=EMPTY_MAP)
        if reference.get("uid") == metadata["uid"]:
            return volume
        if not is_bound_to(volume, claim):
            volume = volume.set(("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
        reference = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "resourceVersion": metadata["resourceVersion"],
        }
        return self._client.update(volume.set(("spec", "claimRef"), reference))

    def _point(self, claim: FrozenMap, volume: FrozenMap) -> FrozenMap:
        fresh, name = claim, volume["metadata"]["name"]
        if claim.at("spec", "volumeName") != name:
            fresh = fresh.set(("spec", "volumeName"), name)
            fresh = fresh.set(("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
        if _annotation(claim, BIND_COMPLETED) is None:
            fresh = fresh.set(("metadata", "annotations", BIND_COMPLETED), "yes")
        return claim if fresh is claim else self._client.update(fresh)

    def _set_phase(self, volume: FrozenMap, phase: str) -> None:
        if volume.at("status", "phase") != phase:
            self._client.update_status(volume.set(("status", "phase"), phase))

    def _set_claim_status(self, claim: FrozenMap, fields: dict[str, Any]) -> None:
        fresh = claim
        for field, value in fields.items():
            if claim.at("status", field) != value:
                fresh = fresh.set(("status", field), value)
        if fresh is not claim:
            self._client.update_status(fresh)


def _annotation(obj: FrozenMap, name: str) -> Any:
    return obj.at("metadata", "annotations", name)


def _age(claim: FrozenMap) -> tuple[str, str, str]:
    metadata = claim["metadata"]
    return metadata.get("creationTimestamp") or "", metadata["namespace"], metadata["name"]
