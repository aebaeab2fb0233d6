"""Which fields a write through one endpoint never owns, because the server resets them.

Facts of upstream's strategies as data: most endpoints with a status reset the status at the main
endpoint and the spec at `status`; the exceptions stand in tables. Upstream keeps one set for each
version that it once converted, so the versions are a table too.
"""

from collections.abc import Mapping
from typing import Final

from kcore.apiserver.endpoint import Endpoint
from kcore.machinery.apply.field_path import Path
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet

_STATUS: Final[Path] = ("status",)
_SPEC: Final[Path] = ("spec",)
_METADATA: Final[Path] = ("metadata",)
_WITH_METADATA: Final = (_METADATA, _SPEC)

_RESETS: Final[Mapping[tuple[str, str], tuple[Path, ...]]] = {
    ("apiservices.apiregistration.k8s.io", "status"): _WITH_METADATA,
    ("certificatesigningrequests.certificates.k8s.io", ""): (_SPEC, _STATUS),
    ("certificatesigningrequests.certificates.k8s.io", "approval"): (
        _SPEC,
        ("status", "certificate"),
    ),
    ("certificatesigningrequests.certificates.k8s.io", "status"): (
        _SPEC,
        ("status", "conditions"),
    ),
    ("csinodes.storage.k8s.io", ""): (_STATUS,),
    ("deployments.apps", "status"): (_SPEC, ("metadata", "labels")),
    ("devicetaintrules.resource.k8s.io", "status"): _WITH_METADATA,
    ("flowschemas.flowcontrol.apiserver.k8s.io", "status"): _WITH_METADATA,
    ("namespaces", "finalize"): (_STATUS,),
    ("pods", "ephemeralcontainers"): (_STATUS,),
    ("pods", "resize"): (_STATUS,),
    ("pods", "status"): (
        _SPEC,
        ("metadata", "deletionTimestamp"),
        ("metadata", "ownerReferences"),
    ),
    ("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", "status"): _WITH_METADATA,
    ("resourceclaims.resource.k8s.io", "status"): _WITH_METADATA,
    ("servicecidrs.networking.k8s.io", "status"): _WITH_METADATA,
    ("storageversionmigrations.storagemigration.k8s.io", "status"): _WITH_METADATA,
    ("validatingadmissionpolicies.admissionregistration.k8s.io", "status"): _WITH_METADATA,
    ("volumeattachments.storage.k8s.io", "status"): _WITH_METADATA,
}
# Beyond the version that is served.
_VERSIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "apiservices.apiregistration.k8s.io": ("v1beta1",),
    "certificatesigningrequests.certificates.k8s.io": ("v1beta1",),
    "cronjobs.batch": ("v1beta1",),
    "customresourcedefinitions.apiextensions.k8s.io": ("v1beta1",),
    "devicetaintrules.resource.k8s.io": ("v1alpha3", "v1beta2"),
    "flowschemas.flowcontrol.apiserver.k8s.io": ("v1beta1", "v1beta2", "v1beta3"),
    "horizontalpodautoscalers.autoscaling": ("v1", "v2"),
    "ingresses.networking.k8s.io": ("extensions/v1beta1", "v1beta1"),
    "podcertificaterequests.certificates.k8s.io": ("v1beta1",),
    "poddisruptionbudgets.policy": ("v1beta1",),
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": ("v1beta1", "v1beta2", "v1beta3"),
    "resourceclaims.resource.k8s.io": ("v1alpha3", "v1beta1", "v1beta2"),
    "servicecidrs.networking.k8s.io": ("v1beta1",),
    "storageversionmigrations.storagemigration.k8s.io": ("v1beta1",),
    "validatingadmissionpolicies.admissionregistration.k8s.io": ("v1alpha1", "v1beta1"),
}
# Their stores serve these subresources without the main strategy's set.
_OWNS_ALL: Final = frozenset({("pods", "ephemeralcontainers"), ("pods", "resize")})


def reset_paths(bucket: str, subresource: str, has_status: bool) -> tuple[Path, ...]:
    """The fields that the strategy of an endpoint resets; empty when it resets none."""
    listed = _RESETS.get((bucket, subresource))
    if listed is not None:
        return listed
    if not has_status:
        return ()
    return {"": (_STATUS,), "status": (_SPEC,)}.get(subresource, ())


def reset_versions(endpoint: Endpoint) -> tuple[str, ...]:
    """The `apiVersion`s for which upstream's strategy lists its set, sorted."""
    group = endpoint.info.gvk.group
    older = _VERSIONS.get(endpoint.bucket, ())
    named = {version if "/" in version else f"{group}/{version}" for version in older}
    return tuple(sorted({endpoint.api_version, *named}))


def reset_fields(endpoint: Endpoint, subresource: str) -> FieldSet:
    """The fields that writes through `subresource` (empty: the main endpoint) never own."""
    if (endpoint.bucket, subresource) in _OWNS_ALL:
        return EMPTY_SET
    has_status = "status" in endpoint.info.subresources
    paths = reset_paths(endpoint.bucket, subresource, has_status)
    return FieldSet.of(*paths) if paths else EMPTY_SET
