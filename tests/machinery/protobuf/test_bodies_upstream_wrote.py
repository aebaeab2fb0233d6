"""Bodies that upstream's serializer wrote: ours are the same bytes, and read the same."""

import base64

import pytest

from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.protobuf import decode, encode

EMPTY_POD = (
    "azhzAAoJCgJ2MRIDUG9kEkUKEAoAEgAaACIAKgAyADgAQgASHBoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAaEwoA"
    "GgAiACoAMgBKAFoAcgCIAQAaACIA"
)
SECRET = "azhzAAoMCgJ2MRIGU2VjcmV0EioKEQoBcxIAGgAiACoAMgA4AEIAEgUKAWUSABIGCgFrEgF2GgZPcGFxdWUaACIA"
SERVICE = (
    "azhzAAoNCgJ2MRIHU2VydmljZRJtChEKAXMSABoAIgAqADIAOABCABJUChEKABIAGFAiBwgAEJA/GgAoAAoUCgFuEgAY"
    "USIJCAEQABoDd2ViKAASCAoDYXBwEgF4GgAiADoAQgBSAFoAYABoAHIECgIICpIBCDEwLjAuMC4xGgIKABoAIgA="
)
QUOTA = (
    "azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRKUAQoRCgFxEgAaACIAKgAyADgAQgASXQoRCgpjb3VudC94LmlvEgMKATAK"
    "DgoDY3B1EgcKBTE1MDBtCg8KBm1lbW9yeRIFCgMxR2kKDAoEcG9kcxIECgIxMAoZChByZXF1ZXN0cy5zdG9yYWdlEgUK"
    "AzFlNhogEgoKA2NwdRIDCgEwEhIKBm1lbW9yeRIICgYxNTM2TWkaACIA"
)
NODE = (
    "azhzAAoKCgJ2MRIETm9kZRJrChEKAW4SABoAIgAqADIAOABCABIICgASABoAIAEaTAoLCgNjcHUSBAoCLTEaADIECgII"
    "ADomCgFtEgAaACIAKgAyADoHdjEuMzcuMkIASgVsaW51eFIFYW1kNjRCDQoBYRD//////////38aACIA"
)
CONFIG_MAPS = (
    "azhzAAoTCgJ2MRINQ29uZmlnTWFwTGlzdBJACgwKABIBNxoDYWJjIAUSEwoRCgFhEgAaACIAKgAyADgAQgASGwoRCgFi"
    "EgAaACIAKgAyADgAQgASBgoBaxIBdhoAIgA="
)
DELETE_OPTIONS = "azhzAAoTCgJ2MRINRGVsZXRlT3B0aW9ucxICCAAaACIA"


def ports(*pairs):
    return [
        {"port": port, "targetPort": target, **({"name": name} if name else {})}
        for name, port, target in pairs
    ]


BODIES = {
    "zero values are written": (
        EMPTY_POD,
        {"apiVersion": "v1", "kind": "Pod", "metadata": {}},
        {"spec": {"containers": None}, "status": {}},
    ),
    "bytes": (
        SECRET,
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "s"},
            "data": {"e": "", "k": "dg=="},
            "type": "Opaque",
        },
        {},
    ),
    "ints or strings": (
        SERVICE,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "s"},
            "spec": {
                "clusterIPs": ["10.0.0.1"],
                "ports": ports(("", 80, 8080), ("n", 81, "web")),
                "selector": {"app": "x"},
                "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 10}},
            },
        },
        {"status": {"loadBalancer": {}}},
    ),
    "quantities become canonical": (
        QUOTA,
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "q"},
            "spec": {
                "hard": {
                    "count/x.io": "0",
                    "cpu": "1.5",
                    "memory": "1Gi",
                    "pods": "10",
                    "requests.storage": "1e6",
                }
            },
            "status": {"used": {"cpu": "0", "memory": "1536Mi"}},
        },
        {
            "spec": {
                "hard": {
                    "count/x.io": "0",
                    "cpu": "1500m",
                    "memory": "1Gi",
                    "pods": "10",
                    "requests.storage": "1e6",
                }
            }
        },
    ),
    "large and negative numbers": (
        NODE,
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "n"},
            "spec": {"unschedulable": True},
            "status": {
                "capacity": {"cpu": "-1"},
                "daemonEndpoints": {"kubeletEndpoint": {"Port": 0}},
                "images": [{"names": ["a"], "sizeBytes": 2**63 - 1}],
                "nodeInfo": {
                    "architecture": "amd64",
                    "bootID": "",
                    "containerRuntimeVersion": "",
                    "kernelVersion": "",
                    "kubeProxyVersion": "",
                    "kubeletVersion": "v1.37.2",
                    "machineID": "m",
                    "operatingSystem": "linux",
                    "osImage": "",
                    "systemUUID": "",
                },
            },
        },
        {},
    ),
    "items of lists travel without their kind": (
        CONFIG_MAPS,
        {
            "apiVersion": "v1",
            "kind": "ConfigMapList",
            "metadata": {"continue": "abc", "remainingItemCount": 5, "resourceVersion": "7"},
            "items": [
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
                {"metadata": {"name": "b"}, "data": {"k": "v"}},
            ],
        },
        {"items": [{"metadata": {"name": "a"}}, {"metadata": {"name": "b"}, "data": {"k": "v"}}]},
    ),
    "options of calls": (
        DELETE_OPTIONS,
        {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0},
        {},
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_an_object_is_written_as_upstream_writes_it(name):
    body, given, _ = BODIES[name]

    assert base64.b64encode(encode(freeze(given))).decode() == body


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_read_as_upstream_reads_it(name):
    body, given, read_as = BODIES[name]

    assert thaw(decode(base64.b64decode(body))) == given | read_as
