"""Lets deleted claims and volumes go once nobody uses them, and says whether a claim is in use.

A claim is in use while a pod that has a node and has not ended names it; a volume while it is
bound. Until then the finalizer, given at birth, holds them.

Upstream: pkg/controller/volume/pvcprotection, pkg/controller/volume/pvprotection.
"""

from collections.abc import Iterator
from typing import Final

from kcore.controllers.pod_condition import is_terminal
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.resource import NamespacedName
from kcore.machinery.timestamps import format_time
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For, Watches

CLAIMS: Final = "persistentvolumeclaims"
VOLUMES: Final = "persistentvolumes"
CLAIM_FINALIZER: Final = "kubernetes.io/pvc-protection"
VOLUME_FINALIZER: Final = "kubernetes.io/pv-protection"
UNUSED: Final = "Unused"


def build_volume_protection_controller(context: ControllerContext) -> Controller:
    """The protector; its keys are claims (`namespace/name`) and volumes (`/name`)."""
    return Controller(
        "persistentvolumeclaim-protection-controller",
        context,
        VolumeProtection(context),
        [For(CLAIMS), For(VOLUMES), Watches("pods", claims_of)],
    )


def claims_of(pod: FrozenMap) -> tuple[str, ...]:
    """The keys of the claims that a pod names."""
    namespace = pod["metadata"]["namespace"]
    return tuple(f"{namespace}/{name}" for name in _claim_names(pod))


class VolumeProtection(Reconciler):
    """One claim or volume at a time. O(pods of the namespace)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._clock = context.clock
        self._claims = context.lister(CLAIMS)
        self._volumes = context.lister(VOLUMES)
        self._pods = context.lister("pods")

    def reconcile(self, request: NamespacedName) -> Result:
        """Take the finalizer away, or say whether the claim is in use."""
        if not request.namespace:
            volume = self._volumes.get("", request.name)
            if volume is not None and volume.at("status", "phase") != "Bound":
                self._let_go(volume, VOLUME_FINALIZER)
            return DONE
        claim = self._claims.get(request.namespace, request.name)
        if claim is None:
            return DONE
        is_used = any(_uses(pod, request.name) for pod in self._pods.list(request.namespace))
        if claim.at("metadata", "deletionTimestamp") is not None:
            if not is_used:
                self._let_go(claim, CLAIM_FINALIZER)
        elif claim.at("status", "phase") == "Bound":
            self._say(claim, is_used=is_used)
        return DONE

    def _let_go(self, obj: FrozenMap, finalizer: str) -> None:
        finalizers = obj.at("metadata", "finalizers", default=EMPTY_LIST)
        if obj.at("metadata", "deletionTimestamp") is not None and finalizer in finalizers:
            left = [one for one in finalizers if one != finalizer]
            self._client.update(obj.set(("metadata", "finalizers"), left))

    def _say(self, claim: FrozenMap, *, is_used: bool) -> None:
        conditions = claim.at("status", "conditions", default=EMPTY_LIST)
        status = "False" if is_used else "True"
        if any(one["type"] == UNUSED and one["status"] == status for one in conditions):
            return
        condition = {
            "type": UNUSED,
            "status": status,
            "reason": "PodUsingPVC" if is_used else "NoPodsUsingPVC",
            "message": "A pod is currently referencing this PVC"
            if is_used
            else "No pods are currently referencing this PVC",
            "lastProbeTime": None,
            "lastTransitionTime": format_time(self._clock.now_ns()),
        }
        kept = [one for one in conditions if one["type"] != UNUSED]
        self._client.update_status(claim.set(("status", "conditions"), [*kept, condition]))


def _uses(pod: FrozenMap, claim_name: str) -> bool:
    has_node = bool(pod.at("spec", "nodeName"))
    return has_node and not is_terminal(pod) and claim_name in _claim_names(pod)


def _claim_names(pod: FrozenMap) -> Iterator[str]:
    for volume in pod.at("spec", "volumes", default=EMPTY_LIST):
        claim = volume.get("persistentVolumeClaim")
        if claim is not None:
            yield claim["claimName"]
        elif volume.get("ephemeral") is not None:
            yield f"{pod['metadata']['name']}-{volume['name']}"
