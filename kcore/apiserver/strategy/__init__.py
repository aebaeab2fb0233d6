"""From a resource to its strategy: what create and update do to an object before it is kept."""

from collections.abc import Mapping
from typing import Final

from kcore.api.kind_rules import KindRules
from kcore.apiserver.strategy.base import NO_HOOKS, Hooks, Strategy
from kcore.apiserver.strategy.cluster_scoped import (
    CSI_DRIVER,
    NAMESPACE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    SIGNING_REQUEST,
)
from kcore.apiserver.strategy.device_taints import DEVICE_TAINT_RULES, RESOURCE_SLICES
from kcore.apiserver.strategy.endpoint_slice import ENDPOINT_SLICE
from kcore.apiserver.strategy.lease import LEASE
from kcore.apiserver.strategy.networking import SERVICE
from kcore.apiserver.strategy.pod import POD
from kcore.apiserver.strategy.service_account import SERVICE_ACCOUNT
from kcore.apiserver.strategy.traits import Traits
from kcore.apiserver.strategy.workloads import DAEMON_SET, DEPLOYMENT, JOB, PRIORITY_CLASS
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.schema import zero_object
from kcore.machinery.scheme import ResourceInfo

_HOOKS: Final[Mapping[str, Hooks]] = {
    "certificatesigningrequests.certificates.k8s.io": SIGNING_REQUEST,
    "csidrivers.storage.k8s.io": CSI_DRIVER,
    "daemonsets.apps": DAEMON_SET,
    "deployments.apps": DEPLOYMENT,
    "devicetaintrules.resource.k8s.io": DEVICE_TAINT_RULES,
    "endpointslices.discovery.k8s.io": ENDPOINT_SLICE,
    "jobs.batch": JOB,
    "leases.coordination.k8s.io": LEASE,
    "namespaces": NAMESPACE,
    "persistentvolumeclaims": PERSISTENT_VOLUME_CLAIM,
    "persistentvolumes": PERSISTENT_VOLUME,
    "pods": POD,
    "priorityclasses.scheduling.k8s.io": PRIORITY_CLASS,
    "resourceslices.resource.k8s.io": RESOURCE_SLICES,
    "serviceaccounts": SERVICE_ACCOUNT,
    "services": SERVICE,
}


def strategy_of(info: ResourceInfo, rules: KindRules, traits: Traits) -> Strategy:
    """The strategy of one resource; built once per endpoint."""
    born_status: FrozenMap | None = None
    if rules.has_status or "status" in info.subresources:
        zero = zero_object(info.gvk.api_version, info.gvk.kind)
        born_status = zero.get("status", EMPTY_MAP)
    return Strategy(
        traits=traits,
        has_generation=rules.has_generation,
        born_status=born_status,
        hooks=_HOOKS.get(str(info.group_resource), NO_HOOKS),
    )
