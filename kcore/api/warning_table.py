"""Warnings about objects, kind by kind: `warnings_of(group, kind)(new, old)`.

A warning goes along with a successful create or update; upstream asks for them when validation
has passed. What is said of a change may depend on the object as it was.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Final

from kcore.api.core_v1.pod_warnings import (
    OLD_LABELS,
    fractional,
    pod_warnings,
    template_warnings,
)
from kcore.machinery.field_errors import child, index, key
from kcore.machinery.formats import dns1123_label
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import quote
from kcore.machinery.meta import metadata_of
from kcore.machinery.quantity import quantity_of

Warn = Callable[[FrozenMap, FrozenMap | None], list[str]]

_ENFORCE_SECRETS: Final = "kubernetes.io/enforce-mountable-secrets"
_PEM: Final = re.compile(rb"^-----BEGIN ([^\n]*)-----[ \t\r]*\n.*^-----END \1-----", re.M | re.S)
_OLD_VOLUME_ANNOTATIONS: Final = {
    "volume.beta.kubernetes.io/storage-class": (
        'deprecated since v1.8; use "storageClassName" attribute instead'
    ),
    "volume.beta.kubernetes.io/mount-options": (
        'deprecated since v1.31; use "mountOptions" attribute instead'
    ),
}
# A source that no longer works: the field that upstream names, and since when.
_OLD_VOLUMES: Final = {
    "cephfs": ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    "photonPersistentDisk": (
        "photonPersistentDisk",
        "deprecated in v1.11, non-functional in v1.16+",
    ),
    "scaleIO": ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    "storageos": ("storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    "glusterfs": ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    "rbd": ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
}


def no_warnings(_new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    """A kind that nobody is warned about."""
    return []


def _of_pod(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    if old is not None and new.get("spec") == old.get("spec"):
        return []
    return [*([] if old is not None else _of_name(new, "the Pod's hostname")), *pod_warnings(new)]


def _of_name(obj: FrozenMap, use: str) -> list[str]:
    problems = dns1123_label(metadata_of(obj).get("name") or "")
    if not problems:
        return []
    return [
        f"metadata.name: this is used in {use}, which can result in surprising behavior; "
        f"a DNS label is recommended: [{' '.join(problems)}]"
    ]


def _of_workload(*place: str, names: bool = True) -> Warn:
    """The warnings about the template of a workload: of new ones, and of changed content."""
    path = ".".join(place)

    def warn(new: FrozenMap, old: FrozenMap | None) -> list[str]:
        if old is not None and _generation(new) == _generation(old):
            return []
        named = _of_name(new, "Pod names and hostnames") if names and old is None else []
        return [*named, *template_warnings(new.at(*place), path)]

    return warn


def _generation(obj: FrozenMap) -> int:
    return metadata_of(obj).get("generation") or 0


def _of_service(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    spec, found = new.get("spec") or EMPTY_MAP, []
    if spec.get("externalIPs"):
        found.append(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
        )
    if spec.get("externalName") and spec.get("type") != "ExternalName":
        found.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        found.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found


def _of_service_account(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    after, before = (
        EMPTY_MAP if side is None else metadata_of(side).get("annotations") or EMPTY_MAP
        for side in (new, old)
    )
    if _ENFORCE_SECRETS not in after or _ENFORCE_SECRETS in before:
        return []
    where = key("metadata.annotations", _ENFORCE_SECRETS)
    return [
        f"{where}: deprecated in v1.32+; prefer separate namespaces to isolate access to "
        "mounted secrets"
    ]


def _of_endpoint_slice(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    if old is None and new.get("addressType") == "FQDN":
        return ["spec.addressType: FQDN endpoints are deprecated"]
    return []


def _of_volume(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    annotations = metadata_of(new).get("annotations") or EMPTY_MAP
    found = [
        f"{key('metadata.annotations', name)}: {text}"
        for name, text in _OLD_VOLUME_ANNOTATIONS.items()
        if name in annotations
    ]
    spec = new.get("spec") or EMPTY_MAP
    if spec.get("persistentVolumeReclaimPolicy") == "Recycle":
        found.append(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. "
            "Instead, the recommended approach is to use dynamic provisioning."
        )
    terms = spec.at("nodeAffinity", "required", "nodeSelectorTerms") or EMPTY_LIST
    for position, term in enumerate(terms):
        where = index("spec.nodeAffinity.required.nodeSelectorTerms", position)
        found.extend(_of_expressions(term, where))
    found.extend(
        f"spec.{field}: {text}"
        for name, (field, text) in _OLD_VOLUMES.items()
        if spec.get(name) is not None
    )
    return found


def _of_expressions(selector: FrozenMap, path: str) -> list[str]:
    """What is said of old labels of nodes in the expressions of a selector."""
    return [
        f"{index(child(path, 'matchExpressions'), position)}.key: {name} is {OLD_LABELS[name]}"
        for position, expression in enumerate(selector.get("matchExpressions") or EMPTY_LIST)
        if (name := expression.get("key") or "") in OLD_LABELS
    ]


def _of_storage_class(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    return [
        f"allowedTopologies[{first}].matchLabelExpressions[{second}].key: {OLD_LABELS[name]}"
        for first, term in enumerate(new.get("allowedTopologies") or EMPTY_LIST)
        for second, expression in enumerate(term.get("matchLabelExpressions") or EMPTY_LIST)
        if (name := expression.get("key") or "") in OLD_LABELS
    ]


def _of_storage_capacity(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    topology = new.get("nodeTopology") or EMPTY_MAP
    labels = topology.get("matchLabels") or EMPTY_MAP
    return [
        *_of_expressions(topology, "nodeTopology"),
        *(
            f"nodeTopology.matchLabels.{name}: {OLD_LABELS[name]}"
            for name in labels
            if name in OLD_LABELS
        ),
    ]


def _of_runtime_class(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    labels = new.at("scheduling", "nodeSelector") or EMPTY_MAP
    return [f"scheduling.nodeSelector: {OLD_LABELS[name]}" for name in labels if name in OLD_LABELS]


def _of_driver(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    spec = new.get("spec") or EMPTY_MAP
    tokens = spec.get("tokenRequests")
    if not tokens or spec.get("serviceAccountTokenInSecrets") is not None:
        return []
    if old is not None and old.at("spec", "tokenRequests") == tokens:
        return []
    return [
        "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true "
        "to prevent possible logging of tokens in volume attributes"
    ]


def _of_secret(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    """A certificate or key that is no PEM; whether the two fit is not looked at."""
    if new.get("type") != "kubernetes.io/tls":
        return []
    data = new.get("data") or EMPTY_MAP
    for name, what in (("tls.crt", "certificate"), ("tls.key", "key")):
        if not _PEM.search(b64decode(data.get(name) or "")):
            return [f"tls: failed to find any PEM data in {what} input"]
    return []


def _of_claim(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    amount = new.at("spec", "resources", "requests", "storage")
    if amount is None or not quantity_of(amount).milli_value() % 1000:
        return []
    return [fractional("spec.resources.requests[storage]", amount)]


def _of_ingress(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    name = "kubernetes.io/ingress.class"
    if old is None and name in (metadata_of(new).get("annotations") or EMPTY_MAP):
        text = f"annotation {quote(name)} is deprecated"
        return [f"{text}, please use 'spec.ingressClassName' instead"]
    return []


def _of_node(new: FrozenMap, _old: FrozenMap | None) -> list[str]:
    if new.at("spec", "externalID"):
        return ["spec.externalID: this field is deprecated, and is unused by Kubernetes"]
    return []


def _of_stateful_set(new: FrozenMap, old: FrozenMap | None) -> list[str]:
    if old is not None and _generation(new) == _generation(old):
        return []
    found = template_warnings(new.at("spec", "template"), "spec.template")
    claims = new.at("spec", "volumeClaimTemplates", default=EMPTY_LIST) or EMPTY_LIST
    for position, claim in enumerate(claims):
        amount = claim.at("spec", "resources", "requests", "storage")
        if amount is not None and quantity_of(amount).milli_value() % 1000:
            where = index("spec.volumeClaimTemplates", position)
            found.append(fractional(f"{where}.resources.requests[storage]", amount))
    limit = new.at("spec", "revisionHistoryLimit")
    if limit is not None and limit < 0:
        found.append(
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; "
            "a value >= 0 is recommended"
        )
    return found


_TABLE: Final[Mapping[tuple[str, str], Warn]] = {
    ("", "Node"): _of_node,
    ("", "PersistentVolume"): _of_volume,
    ("", "PersistentVolumeClaim"): _of_claim,
    ("", "Pod"): _of_pod,
    ("", "PodTemplate"): _of_workload("template", names=False),
    ("", "ReplicationController"): _of_workload("spec", "template"),
    ("", "Secret"): _of_secret,
    ("", "Service"): _of_service,
    ("", "ServiceAccount"): _of_service_account,
    ("apps", "DaemonSet"): _of_workload("spec", "template", names=False),
    ("apps", "Deployment"): _of_workload("spec", "template"),
    ("apps", "ReplicaSet"): _of_workload("spec", "template"),
    ("apps", "StatefulSet"): _of_stateful_set,
    ("batch", "CronJob"): _of_workload("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): _of_workload("spec", "template"),
    ("discovery.k8s.io", "EndpointSlice"): _of_endpoint_slice,
    ("networking.k8s.io", "Ingress"): _of_ingress,
    ("node.k8s.io", "RuntimeClass"): _of_runtime_class,
    ("storage.k8s.io", "CSIDriver"): _of_driver,
    ("storage.k8s.io", "CSIStorageCapacity"): _of_storage_capacity,
    ("storage.k8s.io", "StorageClass"): _of_storage_class,
}


def warnings_of(group: str, kind: str) -> Warn:
    """What a create or update of this kind is answered with besides the object. O(1)."""
    return _TABLE.get((group, kind), no_warnings)
