"""What the generic handlers need to know of each resource, as data.

Facts of upstream's strategies: who may be created by an update, who may be updated without a
resourceVersion, what deletion does by default, which metadata a status update may touch.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

GarbageCollection = Literal["", "Background", "Orphan", "Unsupported"]
StatusMetadata = Literal["new", "old"]


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one resource.

    `garbage_collection`: what becomes of dependents when a delete does not say; empty where
    upstream says nothing, which means Background. `returns_deleted`: a delete answers with the
    object instead of a Status. `status_metadata`: whose metadata a status update keeps.
    `status_keeps`: metadata fields that a status update takes from the stored object all the
    same. `defaults_status`: a status update runs the kind's defaults (pods have none in their
    status, and their status is written most of all).
    """

    create_on_update: bool = False
    unconditional_update: bool = True
    graceful: bool = False
    garbage_collection: GarbageCollection = ""
    returns_deleted: bool = False
    status_metadata: StatusMetadata = "new"
    status_keeps: tuple[str, ...] = ()
    keeps_status_on_create: bool = False
    defaults_status: bool = True


BUILT_IN: Final = Traits()
CUSTOM: Final = Traits(unconditional_update=False, status_metadata="old")

_CREATE_ON_UPDATE: Final = (
    "services",
    "limitranges",
    "endpoints",
    "events",
    "events.events.k8s.io",
    "roles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io",
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
    "leases.coordination.k8s.io",
    "runtimeclasses.node.k8s.io",
)
_NEEDS_RESOURCE_VERSION: Final = (
    "poddisruptionbudgets.policy",
    "csistoragecapacities.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "csidrivers.storage.k8s.io",
    "csinodes.storage.k8s.io",
    "podcertificaterequests.certificates.k8s.io",
    "clustertrustbundles.certificates.k8s.io",
    "validatingwebhookconfigurations.admissionregistration.k8s.io",
    "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "validatingadmissionpolicybindings.admissionregistration.k8s.io",
    "mutatingadmissionpolicies.admissionregistration.k8s.io",
    "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
    "devicetaintrules.resource.k8s.io",
    "storageversionmigrations.storagemigration.k8s.io",
    "customresourcedefinitions.apiextensions.k8s.io",
    "apiservices.apiregistration.k8s.io",
    "leases.coordination.k8s.io",
    "runtimeclasses.node.k8s.io",
)
_RETURNS_DELETED: Final = (
    "pods",
    "services",
    "serviceaccounts",
    "podtemplates",
    "resourcequotas",
    "persistentvolumes",
    "persistentvolumeclaims",
    "storageclasses.storage.k8s.io",
    "csinodes.storage.k8s.io",
    "csidrivers.storage.k8s.io",
    "volumeattachments.storage.k8s.io",
    "volumeattributesclasses.storage.k8s.io",
    "resourceclaims.resource.k8s.io",
    "resourceclaimtemplates.resource.k8s.io",
    "resourceslices.resource.k8s.io",
    "deviceclasses.resource.k8s.io",
)
_STATUS_KEEPS_OLD_METADATA: Final = (
    "servicecidrs.networking.k8s.io",
    "volumeattachments.storage.k8s.io",
    "validatingadmissionpolicies.admissionregistration.k8s.io",
    "flowschemas.flowcontrol.apiserver.k8s.io",
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
    "resourceclaims.resource.k8s.io",
    "devicetaintrules.resource.k8s.io",
    "storageversionmigrations.storagemigration.k8s.io",
    "apiservices.apiregistration.k8s.io",
)
_COLLECTS: Final = (
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "cronjobs.batch",
)
_ORPHANS: Final = ("replicationcontrollers", "jobs.batch")
_UNCOLLECTED: Final = ("events", "events.events.k8s.io")


@dataclass(frozen=True, slots=True)
class _Table:
    rows: dict[str, Traits] = field(default_factory=dict)

    def change(self, buckets: tuple[str, ...], **facts: object) -> None:
        for bucket in buckets:
            row = self.rows.get(bucket, BUILT_IN)
            self.rows[bucket] = replace(row, **facts)  # type: ignore[arg-type]


def _build() -> dict[str, Traits]:
    table = _Table()
    table.change(_CREATE_ON_UPDATE, create_on_update=True)
    table.change(_NEEDS_RESOURCE_VERSION, unconditional_update=False)
    table.change(_RETURNS_DELETED, returns_deleted=True)
    table.change(_STATUS_KEEPS_OLD_METADATA, status_metadata="old")
    table.change(_COLLECTS, garbage_collection="Background")
    table.change(_ORPHANS, garbage_collection="Orphan")
    table.change(_UNCOLLECTED, garbage_collection="Unsupported")
    table.change(("pods",), graceful=True, defaults_status=False)
    table.change(("pods",), status_keeps=("deletionTimestamp", "ownerReferences"))
    table.change(("deployments.apps",), status_keeps=("labels",))
    table.change(("nodes",), keeps_status_on_create=True)
    return table.rows


_ROWS: Final = _build()


def traits_of(bucket: str, built_in: bool) -> Traits:
    """The facts of `bucket` (such as `deployments.apps`); O(1)."""
    return _ROWS.get(bucket, BUILT_IN if built_in else CUSTOM)
