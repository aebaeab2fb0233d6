"""Pods with a claim and a volume of their own, bound to each other before the pod comes."""

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze

VOLUME_NAME = "vol"
_BOUND: FrozenMap = freeze({"phase": "Bound"})


def claim_for(template: FrozenMap, namespace: str, index: int, volume: str) -> FrozenMap:
    """The claim number `index`, bound to `volume`."""
    metadata = template.get("metadata") or EMPTY_MAP
    claim: FrozenMap = freeze(
        {
            **template,
            "metadata": {**metadata, "name": f"pvc-{index}", "namespace": namespace},
            "spec": {**template["spec"], "volumeName": volume},
        }
    )
    return claim


def volume_for(template: FrozenMap, claim: FrozenMap, index: int, volume: str) -> FrozenMap:
    """The volume number `index`, bound to `claim`; its disk is its own too."""
    spec = dict(template["spec"])
    metadata = claim["metadata"]
    spec["claimRef"] = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }
    if "csi" in spec:
        spec["csi"] = {**spec["csi"], "volumeHandle": volume}
    if "awsElasticBlockStore" in spec:
        spec["awsElasticBlockStore"] = {**spec["awsElasticBlockStore"], "volumeID": volume}
    own = {**(template.get("metadata") or EMPTY_MAP), "name": volume}
    result: FrozenMap = freeze({**template, "metadata": own, "spec": spec})
    return result


def bound(obj: FrozenMap) -> FrozenMap:
    """The claim or volume as a volume controller would leave it: creates reset the status."""
    return obj.set("status", _BOUND)


def pod_with_claim(pod: FrozenMap, claim_name: str) -> FrozenMap:
    """The pod with the claim as its first volume."""
    volume = {"name": VOLUME_NAME, "persistentVolumeClaim": {"claimName": claim_name}}
    volumes = [volume, *pod.at("spec", "volumes", default=EMPTY_LIST)]
    return pod.set(("spec", "volumes"), volumes)
