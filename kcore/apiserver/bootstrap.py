"""The objects that a fresh API server holds by itself.

Namespaces, the two system priority classes, and the service `kubernetes`. Not among them: the
`default` ServiceAccount of each namespace, which a controller makes; and the RBAC, flow control
and API service objects of a real server, which nothing here reads yet.
"""

from typing import Any, Final

from kcore.apiserver.server import APIServer
from kcore.machinery.frozen import freeze
from kcore.machinery.request import Request

KUBERNETES_SERVICE_IP: Final = "10.96.0.1"

_NAMESPACES: Final = ("kube-system", "kube-public", "kube-node-lease", "default")
_PRIORITY_CLASSES: Final = (
    (
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    (
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another "
        "node if necessary.",
    ),
)


def bootstrap(server: APIServer) -> None:
    """Create what is not there yet, through the server's own door."""
    for name in _NAMESPACES:
        _create(server, "namespaces", {"apiVersion": "v1", "kind": "Namespace"}, name)
    for name, value, description in _PRIORITY_CLASSES:
        priority_class = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "value": value,
            "description": description,
        }
        _create(server, "priorityclasses", priority_class, name, group="scheduling.k8s.io")
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"labels": {"component": "apiserver", "provider": "kubernetes"}},
        "spec": {
            "clusterIP": KUBERNETES_SERVICE_IP,
            "ports": [{"name": "https", "port": 443, "targetPort": 6443}],
        },
    }
    _create(server, "services", service, "kubernetes", namespace="default")


def _create(
    server: APIServer,
    resource: str,
    obj: dict[str, Any],
    name: str,
    *,
    namespace: str = "",
    group: str = "",
) -> None:
    bucket = f"{resource}.{group}" if group else resource
    if server.context.storage.get(bucket, namespace, name) is not None:
        return
    metadata = {**obj.get("metadata", {}), "name": name}
    server.handle(
        Request(
            verb="create",
            resource=resource,
            group=group,
            namespace=namespace,
            name=name,
            body=freeze({**obj, "metadata": metadata}),
            user="system:apiserver",
        )
    )
