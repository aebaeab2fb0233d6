"""Pods as API servers return them, and the same as structs: what the suites of values measure with.

`full_pod(number)` is about 6 KB of JSON, `small_pod(number)` about 1 KB. Pods of one number differ
from pods of another as pods of one ReplicaSet do: in names, ids, addresses and the node.
"""

from typing import Any

import msgspec

TIME = "2025-03-01T12:00:00Z"
REPLICA_SET = "shop-frontend-6d4cf56db6"
PULLED = "registry.example/shop@sha256:" + "9f86d081884c7d65" * 4


def full_pod(number: int) -> dict[str, Any]:
    """Two containers with probes, mounts and resources; affinity, tolerations, conditions."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": _full_metadata(number),
        "spec": _full_spec(number),
        "status": _full_status(number),
    }


def _full_metadata(number: int) -> dict[str, Any]:
    labels = {
        f"app.kubernetes.io/{key}": f"frontend-{key}"
        for key in ("name", "instance", "component", "part-of", "managed-by")
    }
    return {
        "name": f"{REPLICA_SET}-{number:05x}",
        "generateName": f"{REPLICA_SET}-",
        "namespace": "shop-production",
        "uid": f"6f1c9f0e-3c52-4a6f-9b1a-{number:012x}",
        "resourceVersion": str(100_000 + number),
        "creationTimestamp": TIME,
        "labels": labels | {"pod-template-hash": "6d4cf56db6"},
        "annotations": {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": "8080",
            "checksum/config": "4f53cda18c2baa0c0354bb5f9a3ecbe5" * 2,
        },
        "ownerReferences": [_owner()],
    }


def _owner() -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "name": REPLICA_SET,
        "uid": "0c1c9d5e-8a0b-4b59-9a66-2f6f61a3c111",
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _full_spec(number: int) -> dict[str, Any]:
    token = {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}}
    root = {
        "configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    }
    zone = "topology.kubernetes.io/zone"
    same = {"labelSelector": {"matchLabels": {"app.kubernetes.io/name": "frontend-name"}}}
    return {
        "volumes": [
            {"name": "config", "configMap": {"name": "frontend-config", "defaultMode": 420}},
            {
                "name": "kube-api-access",
                "projected": {"sources": [token, root], "defaultMode": 420},
            },
        ],
        "containers": [
            _container("app", "registry.example/shop/frontend:v1.42.0", "250m", 8080),
            _container("proxy", "registry.example/mesh/proxy:v1.20.3", "100m", 15090),
        ],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "serviceAccountName": "frontend",
        "serviceAccount": "frontend",
        "nodeName": f"node-{number % 5000:05}",
        "securityContext": {"runAsUser": 1000, "fsGroup": 2000},
        "affinity": {
            "podAntiAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {"weight": 100, "podAffinityTerm": same | {"topologyKey": zone}}
                ]
            }
        },
        "schedulerName": "default-scheduler",
        "tolerations": [
            {
                "key": f"node.kubernetes.io/{condition}",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 300,
            }
            for condition in ("not-ready", "unreachable")
        ],
        "priority": 0,
        "enableServiceLinks": True,
        "preemptionPolicy": "PreemptLowerPriority",
        "topologySpreadConstraints": [
            same | {"maxSkew": 1, "topologyKey": zone, "whenUnsatisfiable": "ScheduleAnyway"}
        ],
    }


def _container(name: str, image: str, cpu: str, port: int) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/healthz", "port": port, "scheme": "HTTP"}, "periodSeconds": 10}
    mounts = {"config": "/etc/app", "kube-api-access": "/var/run/secrets/kubernetes.io/token"}
    pod_name = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "http", "containerPort": port, "protocol": "TCP"}],
        "env": [{"name": "POD", "valueFrom": pod_name}, {"name": "LOG_LEVEL", "value": "info"}],
        "resources": {
            "requests": {"cpu": cpu, "memory": "256Mi"},
            "limits": {"cpu": "1", "memory": "1Gi"},
        },
        "volumeMounts": [
            {"name": volume, "mountPath": path, "readOnly": True} for volume, path in mounts.items()
        ],
        "livenessProbe": probe | {"initialDelaySeconds": 10, "failureThreshold": 3},
        "readinessProbe": probe | {"timeoutSeconds": 1, "successThreshold": 1},
        "startupProbe": probe | {"timeoutSeconds": 1, "failureThreshold": 30},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        },
    }


def _full_status(number: int) -> dict[str, Any]:
    conditions = (
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
    )
    return {
        "phase": "Running",
        "conditions": [
            {"type": kind, "status": "True", "lastTransitionTime": TIME} for kind in conditions
        ],
        "hostIP": "10.0.12.7",
        "hostIPs": [{"ip": "10.0.12.7"}],
        "podIP": _address(number),
        "podIPs": [{"ip": _address(number)}],
        "startTime": TIME,
        "qosClass": "Burstable",
        "containerStatuses": [
            {
                "name": name,
                "state": {"running": {"startedAt": TIME}},
                "lastState": {},
                "ready": True,
                "restartCount": 0,
                "image": f"registry.example/shop/{name}:v1",
                "imageID": PULLED,
                "containerID": f"containerd://{number:064x}",
                "started": True,
            }
            for name in ("app", "proxy")
        ],
    }


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def small_pod(number: int) -> dict[str, Any]:
    """One container, one toleration, three conditions."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{REPLICA_SET}-{number:05x}",
            "namespace": "shop-production",
            "uid": f"6f1c9f0e-3c52-4a6f-9b1a-{number:012x}",
            "resourceVersion": str(100_000 + number),
            "creationTimestamp": TIME,
            "labels": {"app": "frontend", "pod-template-hash": "6d4cf56db6"},
            "ownerReferences": [_owner()],
        },
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": "registry.example/shop/frontend:v1.42.0",
                    "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}},
                }
            ],
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "tolerations": [
                {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
            ],
            "nodeName": f"node-{number % 5000:05}",
        },
        "status": {
            "phase": "Running",
            "conditions": [
                {"type": kind, "status": "True", "lastTransitionTime": TIME}
                for kind in ("Initialized", "Ready", "PodScheduled")
            ],
            "hostIP": "10.0.12.7",
            "podIP": _address(number),
            "startTime": TIME,
        },
    }


MAPS_OF_TEXT = {"labels", "annotations", "matchLabels", "nodeSelector", "requests", "limits"}


def struct_of(samples: list[Any], name: str) -> Any:
    """The msgspec type of all samples: structs with their keys as optional fields."""
    first = samples[0]
    if isinstance(first, list):
        parts = [part for sample in samples for part in sample]
        return list[struct_of(parts, name)] if parts else list[Any]  # type: ignore[misc]
    if not isinstance(first, dict):
        return type(first)
    if name in MAPS_OF_TEXT:
        return dict[str, str]
    values: dict[str, list[Any]] = {}
    for sample in samples:
        for key, value in sample.items():
            values.setdefault(key, []).append(value)
    fields = [
        (key, struct_of(found, key) | msgspec.UnsetType, msgspec.UNSET)
        for key, found in values.items()
    ]
    return msgspec.defstruct(name or "Pod", fields)
