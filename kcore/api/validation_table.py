"""Which rules a new object and a change of which kind must pass, metadata apart."""

from collections.abc import Mapping
from typing import Final

from kcore.api.admissionregistration_v1.policy_rules import (
    MUTATING_BINDING,
    MUTATING_POLICY,
    VALIDATING_BINDING,
    VALIDATING_POLICY,
)
from kcore.api.admissionregistration_v1.webhook_rules import WEBHOOKS
from kcore.api.apiregistration_v1.service_rules import API_SERVICE
from kcore.api.apps_v1.daemon_set_rules import CONTROLLER_REVISION, DAEMON_SET
from kcore.api.apps_v1.stateful_set_rules import STATEFUL_SET
from kcore.api.apps_v1.workload_rules import DEPLOYMENT, REPLICA_SET, REPLICATION_CONTROLLER
from kcore.api.autoscaling_v2.autoscaler_rules import AUTOSCALER
from kcore.api.batch_v1.cron_job_rules import CRON_JOB
from kcore.api.batch_v1.job_rules import JOB
from kcore.api.certificates_v1.bundle_rules import TRUST_BUNDLE
from kcore.api.certificates_v1.request_rules import SIGNING_REQUEST
from kcore.api.coordination_v1.lease import LEASE
from kcore.api.core_v1.claim_rules import CLAIM
from kcore.api.core_v1.config_data import CONFIG_MAP, SECRET
from kcore.api.core_v1.endpoints_rules import ENDPOINTS
from kcore.api.core_v1.event import EVENT
from kcore.api.core_v1.limit_range_rules import LIMIT_RANGE
from kcore.api.core_v1.namespace import NAMESPACE
from kcore.api.core_v1.node import NODE
from kcore.api.core_v1.persistent_volume_rules import VOLUME
from kcore.api.core_v1.pod import POD
from kcore.api.core_v1.quota_rules import QUOTA
from kcore.api.core_v1.service import SERVICE
from kcore.api.core_v1.template_rules import POD_TEMPLATE
from kcore.api.discovery_v1.endpoint_slice import ENDPOINT_SLICE
from kcore.api.flowcontrol_v1.flow_rules import FLOW_SCHEMA
from kcore.api.flowcontrol_v1.level_rules import PRIORITY_LEVEL
from kcore.api.networking_v1.address_rules import IP_ADDRESS, SERVICE_CIDR
from kcore.api.networking_v1.ingress_rules import INGRESS, INGRESS_CLASS
from kcore.api.networking_v1.policy_rules import NETWORK_POLICY
from kcore.api.node_v1.runtime_class_rules import RUNTIME_CLASS
from kcore.api.object_rules import Validation
from kcore.api.policy_v1.budget_rules import DISRUPTION_BUDGET
from kcore.api.rbac_v1.role_rules import CLUSTER_BINDING, CLUSTER_ROLE, ROLE, ROLE_BINDING
from kcore.api.scheduling_v1.priority_class import PRIORITY_CLASS
from kcore.api.storage_v1.attachment_rules import ATTACHMENT
from kcore.api.storage_v1.class_rules import ATTRIBUTES_CLASS, STORAGE_CLASS
from kcore.api.storage_v1.driver_rules import CAPACITY, CSI_NODE, DRIVER
from kcore.api.storagemigration_v1.migration_rules import MIGRATION

_ADMISSION: Final = "admissionregistration.k8s.io"
_FLOWS: Final = "flowcontrol.apiserver.k8s.io"
_RBAC: Final = "rbac.authorization.k8s.io"

VALIDATIONS: Final[Mapping[tuple[str, str], Validation]] = {
    ("", "ConfigMap"): CONFIG_MAP,
    ("", "Endpoints"): ENDPOINTS,
    ("", "Event"): EVENT,
    ("", "LimitRange"): LIMIT_RANGE,
    ("", "Namespace"): NAMESPACE,
    ("", "Node"): NODE,
    ("", "PersistentVolume"): VOLUME,
    ("", "PersistentVolumeClaim"): CLAIM,
    ("", "Pod"): POD,
    ("", "PodTemplate"): POD_TEMPLATE,
    ("", "ReplicationController"): REPLICATION_CONTROLLER,
    ("", "ResourceQuota"): QUOTA,
    ("", "Secret"): SECRET,
    ("", "Service"): SERVICE,
    (_ADMISSION, "MutatingAdmissionPolicy"): MUTATING_POLICY,
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): MUTATING_BINDING,
    (_ADMISSION, "MutatingWebhookConfiguration"): WEBHOOKS,
    (_ADMISSION, "ValidatingAdmissionPolicy"): VALIDATING_POLICY,
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): VALIDATING_BINDING,
    (_ADMISSION, "ValidatingWebhookConfiguration"): WEBHOOKS,
    ("apiregistration.k8s.io", "APIService"): API_SERVICE,
    ("apps", "ControllerRevision"): CONTROLLER_REVISION,
    ("apps", "DaemonSet"): DAEMON_SET,
    ("apps", "Deployment"): DEPLOYMENT,
    ("apps", "ReplicaSet"): REPLICA_SET,
    ("apps", "StatefulSet"): STATEFUL_SET,
    ("autoscaling", "HorizontalPodAutoscaler"): AUTOSCALER,
    ("batch", "CronJob"): CRON_JOB,
    ("batch", "Job"): JOB,
    ("certificates.k8s.io", "CertificateSigningRequest"): SIGNING_REQUEST,
    ("certificates.k8s.io", "ClusterTrustBundle"): TRUST_BUNDLE,
    ("coordination.k8s.io", "Lease"): LEASE,
    ("discovery.k8s.io", "EndpointSlice"): ENDPOINT_SLICE,
    ("events.k8s.io", "Event"): EVENT,
    (_FLOWS, "FlowSchema"): FLOW_SCHEMA,
    (_FLOWS, "PriorityLevelConfiguration"): PRIORITY_LEVEL,
    ("networking.k8s.io", "IPAddress"): IP_ADDRESS,
    ("networking.k8s.io", "Ingress"): INGRESS,
    ("networking.k8s.io", "IngressClass"): INGRESS_CLASS,
    ("networking.k8s.io", "NetworkPolicy"): NETWORK_POLICY,
    ("networking.k8s.io", "ServiceCIDR"): SERVICE_CIDR,
    ("node.k8s.io", "RuntimeClass"): RUNTIME_CLASS,
    ("policy", "PodDisruptionBudget"): DISRUPTION_BUDGET,
    (_RBAC, "ClusterRole"): CLUSTER_ROLE,
    (_RBAC, "ClusterRoleBinding"): CLUSTER_BINDING,
    (_RBAC, "Role"): ROLE,
    (_RBAC, "RoleBinding"): ROLE_BINDING,
    ("scheduling.k8s.io", "PriorityClass"): PRIORITY_CLASS,
    ("storage.k8s.io", "CSIDriver"): DRIVER,
    ("storage.k8s.io", "CSINode"): CSI_NODE,
    ("storage.k8s.io", "CSIStorageCapacity"): CAPACITY,
    ("storage.k8s.io", "StorageClass"): STORAGE_CLASS,
    ("storage.k8s.io", "VolumeAttachment"): ATTACHMENT,
    ("storage.k8s.io", "VolumeAttributesClass"): ATTRIBUTES_CLASS,
    ("storagemigration.k8s.io", "StorageVersionMigration"): MIGRATION,
}
