"""The rules of a built-in kind in one value: `rules_for(group, kind)`.

Tables say which function belongs to which kind; a kind without a function of its own gets the
generic one, which knows metadata only. Custom resources get generic rules throughout.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final

from kcore.api.catalog import default_scheme
from kcore.api.default_table import DEFAULTS
from kcore.api.field_labels import FIELD_LABELS
from kcore.api.kind_rules import NO_FIELD_LABELS, KindRules, NameFormat, unchanged
from kcore.api.networking_v1.address_rules import address_name
from kcore.api.object_rules import (
    FramedRules,
    MetaRules,
    Validation,
    no_rules,
    no_update_rules,
)
from kcore.api.validation_table import VALIDATIONS
from kcore.machinery.names import (
    NameRule,
    label_1035_name,
    label_name,
    path_segment,
    subdomain_name,
)

NAME_RULES: Final[Mapping[NameFormat, NameRule]] = {
    "dns_subdomain": subdomain_name,
    "dns_label": label_name,
    "dns1035_label": label_1035_name,
    "path_segment": path_segment,
}

_NAME_FORMATS: Final[Mapping[tuple[str, str], NameFormat]] = {
    ("", "Event"): "path_segment",
    ("", "Namespace"): "dns_label",
    ("", "Service"): "dns_label",
    ("apiregistration.k8s.io", "APIService"): "path_segment",
    ("apps", "StatefulSet"): "dns_label",
    ("certificates.k8s.io", "CertificateSigningRequest"): "path_segment",
    ("certificates.k8s.io", "ClusterTrustBundle"): "path_segment",
    ("events.k8s.io", "Event"): "path_segment",
    ("policy", "PodDisruptionBudget"): "path_segment",
    ("rbac.authorization.k8s.io", "ClusterRole"): "path_segment",
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): "path_segment",
    ("rbac.authorization.k8s.io", "Role"): "path_segment",
    ("rbac.authorization.k8s.io", "RoleBinding"): "path_segment",
}

_NAME_RULES_OF_KIND: Final[Mapping[tuple[str, str], NameRule]] = {
    ("networking.k8s.io", "IPAddress"): address_name,
}
_GENERIC: Final = Validation(no_rules, no_update_rules)

# Kinds whose strategy sets and counts `metadata.generation`.
_WITH_GENERATION: Final = frozenset(
    {
        ("", "Pod"),
        ("", "PodTemplate"),
        ("", "ReplicationController"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
        ("apps", "StatefulSet"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("batch", "CronJob"),
        ("batch", "Job"),
        ("discovery.k8s.io", "EndpointSlice"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "DeviceTaintRule"),
        ("resource.k8s.io", "ResourceSlice"),
        ("scheduling.k8s.io", "PriorityClass"),
    }
)


# Kinds that take any finalizer name with a legal form.
_ANY_FINALIZER: Final = frozenset(
    {
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "coordination.k8s.io",
        "node.k8s.io",
    }
)


@cache
def rules_for(group: str, kind: str) -> KindRules:
    """The rules of `kind` in `group`; generic ones for a kind that is not built in. O(1)."""
    key = (group, kind)
    info = default_scheme().by_group_kind(group, kind)
    name_format = _NAME_FORMATS.get(key, "dns_subdomain")
    meta = MetaRules(
        namespaced=None if info is None else info.namespaced,
        name_rule=_NAME_RULES_OF_KIND.get(key, NAME_RULES[name_format]),
        known_finalizers=info is not None and group not in _ANY_FINALIZER,
    )
    framed = FramedRules(meta, VALIDATIONS.get(key, _GENERIC))
    return KindRules(
        default=DEFAULTS.get(key, unchanged),
        validate=framed.validate,
        validate_update=framed.validate_update,
        validate_metadata=framed.validate_metadata,
        validate_status=framed.validate_status,
        field_labels=FIELD_LABELS.get(key, NO_FIELD_LABELS),
        has_status=info is not None and "status" in info.subresources,
        has_generation=info is None or key in _WITH_GENERATION,
        name_format=name_format,
    )
