"""Kinds that set a cluster up, storage and admission among them: one rule each."""

import pytest

from tests.api.answers import new_object, problems, update_problems

ADMISSION = "admissionregistration.k8s.io/v1"
FLOWS = "flowcontrol.apiserver.k8s.io/v1"
DELETED_PODS = {
    "operations": ["DELETE"],
    "apiGroups": [""],
    "apiVersions": ["v1"],
    "resources": ["pods"],
}
HOOK = {"name": "a.b.c", "sideEffects": "None", "admissionReviewVersions": ["v1"]}


def of_cluster(api_version, kind, **fields):
    return new_object(api_version, kind, namespace="", **fields)


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (
            of_cluster("storage.k8s.io/v1", "StorageClass", provisioner="p", reclaimPolicy="Keep"),
            'reclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Retain"',
        ),
        (
            of_cluster("storage.k8s.io/v1", "VolumeAttributesClass", driverName="d"),
            "parameters: Required value: must contain at least one key/value pair",
        ),
        (
            of_cluster("storage.k8s.io/v1", "CSIDriver", spec={"fsGroupPolicy": "Any"}),
            'spec.fsGroupPolicy: Unsupported value: "Any": supported values: "File", "None", '
            '"ReadWriteOnceWithFSType"',
        ),
        (
            of_cluster("storage.k8s.io/v1", "CSINode", spec={"drivers": [{"name": "d"}]}),
            "spec.drivers[0].nodeID: Required value",
        ),
        (
            of_cluster(
                "storage.k8s.io/v1", "VolumeAttachment", spec={"attacher": "a", "nodeName": "n"}
            ),
            "spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
            "persistentVolumeName",
        ),
        (
            of_cluster(
                ADMISSION,
                "ValidatingWebhookConfiguration",
                webhooks=[{**HOOK, "clientConfig": {"url": "http://x/y"}}],
            ),
            "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed "
            "URL scheme; desired format: https://host[/path]",
        ),
        (
            of_cluster(
                ADMISSION,
                "MutatingAdmissionPolicy",
                spec={
                    "reinvocationPolicy": "Never",
                    "matchConstraints": {"resourceRules": [DELETED_PODS]},
                    "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": "[]"}}],
                },
            ),
            'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": '
            'supported values: "*", "CONNECT", "CREATE", "UPDATE"',
        ),
        (
            of_cluster(
                ADMISSION, "ValidatingAdmissionPolicyBinding", spec={"validationActions": ["Deny"]}
            ),
            "spec.policyName: Required value",
        ),
        (
            of_cluster(
                FLOWS,
                "FlowSchema",
                spec={"matchingPrecedence": 1, "priorityLevelConfiguration": {"name": "p"}},
            ),
            "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have "
            "matchingPrecedence 1",
        ),
        (
            of_cluster(FLOWS, "PriorityLevelConfiguration", spec={"type": "Exempt"}),
            "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is "
            "'exempt'",
        ),
        (
            of_cluster(
                "apiregistration.k8s.io/v1",
                "APIService",
                spec={
                    "group": "g",
                    "version": "v1",
                    "groupPriorityMinimum": 1,
                    "versionPriority": 1,
                },
            ),
            'metadata.name: Invalid value: "a": must be `spec.version+"."+spec.group`: "v1.g"',
        ),
        (
            of_cluster(
                "certificates.k8s.io/v1",
                "CertificateSigningRequest",
                spec={"request": "eA==", "signerName": "a.b/c", "usages": ["any"]},
            ),
            'spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST',
        ),
        (
            of_cluster("certificates.k8s.io/v1beta1", "ClusterTrustBundle", spec={}),
            'spec.trustBundle: Invalid value: "<value omitted>": at least one trust anchor must be '
            "provided",
        ),
        (
            of_cluster("storagemigration.k8s.io/v1", "StorageVersionMigration", spec={}),
            "spec.resource.resource: Required value: resource is required to be set",
        ),
    ],
)
def test_what_is_wrong_is_said_where_it_is(wrong, expected):
    assert problems(wrong) == [expected]


def test_a_webhook_keeps_a_fault_that_it_had():
    hook = {**HOOK, "clientConfig": {"url": "https://x"}, "sideEffects": "Some"}
    old = of_cluster(ADMISSION, "MutatingWebhookConfiguration", webhooks=[hook])

    assert len(problems(old)) == 1
    assert update_problems(old, old) == []


def test_a_storage_class_keeps_its_provisioner():
    old = of_cluster("storage.k8s.io/v1", "StorageClass", provisioner="a")
    new = of_cluster("storage.k8s.io/v1", "StorageClass", provisioner="b")

    assert update_problems(new, old) == ["provisioner: Invalid value: null: field is immutable"]


def test_the_level_that_is_always_there_stays_as_it_is():
    spec = {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}
    level = new_object(
        FLOWS, "PriorityLevelConfiguration", name="catch-all", namespace="", spec=spec
    )

    (problem,) = problems(level)

    assert problem.endswith("spec of 'catch-all' must equal the fixed value")
