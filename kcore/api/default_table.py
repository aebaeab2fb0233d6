"""Which function fills in the defaults of which kind."""

from collections.abc import Mapping
from typing import Final

from kcore.api.admissionregistration_v1.admission_defaults import (
    default_mutating_webhooks,
    default_policy,
    default_policy_binding,
    default_validating_webhooks,
)
from kcore.api.apiextensions_v1.definition_defaults import default_definition
from kcore.api.apiregistration_v1.service_defaults import default_api_service
from kcore.api.apps_v1.workload_defaults import (
    default_daemon_set,
    default_deployment,
    default_replica_set,
    default_stateful_set,
)
from kcore.api.autoscaling_v2.autoscaler_defaults import default_autoscaler
from kcore.api.batch_v1.job_defaults import default_cron_job, default_job
from kcore.api.certificates_v1.request_defaults import default_certificate_request
from kcore.api.core_v1.pod_defaults import default_pod
from kcore.api.core_v1.service_defaults import default_service
from kcore.api.core_v1.small_defaults import (
    default_endpoints,
    default_limit_range,
    default_namespace,
    default_node,
    default_pod_template,
    default_replication_controller,
    default_secret,
)
from kcore.api.core_v1.storage_defaults import default_claim, default_volume_object
from kcore.api.discovery_v1.endpoint_slice_defaults import default_endpoint_slice
from kcore.api.flowcontrol_v1.flow_defaults import default_flow_schema, default_priority_level
from kcore.api.kind_rules import Default
from kcore.api.networking_v1.networking_defaults import (
    default_ingress_class,
    default_network_policy,
)
from kcore.api.rbac_v1.binding_defaults import default_binding
from kcore.api.resource_v1.claim_defaults import default_claim as default_resource_claim
from kcore.api.resource_v1.claim_defaults import default_claim_template
from kcore.api.scheduling_v1.priority_class import default_priority_class
from kcore.api.storage_v1.storage_defaults import (
    default_attachment,
    default_csi_driver,
    default_storage_class,
)

_ADMISSION: Final = "admissionregistration.k8s.io"
_FLOW: Final = "flowcontrol.apiserver.k8s.io"
_RBAC: Final = "rbac.authorization.k8s.io"

DEFAULTS: Final[Mapping[tuple[str, str], Default]] = {
    ("", "Endpoints"): default_endpoints,
    ("", "LimitRange"): default_limit_range,
    ("", "Namespace"): default_namespace,
    ("", "Node"): default_node,
    ("", "PersistentVolume"): default_volume_object,
    ("", "PersistentVolumeClaim"): default_claim,
    ("", "Pod"): default_pod,
    ("", "PodTemplate"): default_pod_template,
    ("", "ReplicationController"): default_replication_controller,
    ("", "Secret"): default_secret,
    ("", "Service"): default_service,
    (_ADMISSION, "MutatingAdmissionPolicy"): default_policy,
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): default_policy_binding,
    (_ADMISSION, "MutatingWebhookConfiguration"): default_mutating_webhooks,
    (_ADMISSION, "ValidatingAdmissionPolicy"): default_policy,
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): default_policy_binding,
    (_ADMISSION, "ValidatingWebhookConfiguration"): default_validating_webhooks,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): default_definition,
    ("apiregistration.k8s.io", "APIService"): default_api_service,
    ("apps", "DaemonSet"): default_daemon_set,
    ("apps", "Deployment"): default_deployment,
    ("apps", "ReplicaSet"): default_replica_set,
    ("apps", "StatefulSet"): default_stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): default_autoscaler,
    ("batch", "CronJob"): default_cron_job,
    ("batch", "Job"): default_job,
    ("certificates.k8s.io", "PodCertificateRequest"): default_certificate_request,
    ("discovery.k8s.io", "EndpointSlice"): default_endpoint_slice,
    (_FLOW, "FlowSchema"): default_flow_schema,
    (_FLOW, "PriorityLevelConfiguration"): default_priority_level,
    ("networking.k8s.io", "IngressClass"): default_ingress_class,
    ("networking.k8s.io", "NetworkPolicy"): default_network_policy,
    (_RBAC, "ClusterRoleBinding"): default_binding,
    (_RBAC, "RoleBinding"): default_binding,
    ("resource.k8s.io", "ResourceClaim"): default_resource_claim,
    ("resource.k8s.io", "ResourceClaimTemplate"): default_claim_template,
    ("scheduling.k8s.io", "PriorityClass"): default_priority_class,
    ("storage.k8s.io", "CSIDriver"): default_csi_driver,
    ("storage.k8s.io", "StorageClass"): default_storage_class,
    ("storage.k8s.io", "VolumeAttachment"): default_attachment,
}
