"""Objects with honest defaults, for tests: what a person would write in a short manifest."""

from collections.abc import Mapping
from typing import Any

from kcore.machinery.frozen import FrozenMap, freeze


def pod(
    name: str,
    *,
    namespace: str = "default",
    image: str = "",
    requests: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> FrozenMap:
    """A Pod with one container; `spec` adds or replaces fields of `spec` (camelCase)."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels or {"app": name}},
            "spec": {"containers": [_container(name, image, requests)], **spec},
        }
    )
    return value


def deployment(
    name: str,
    *,
    replicas: int = 3,
    namespace: str = "default",
    image: str = "",
    requests: Mapping[str, str] | None = None,
    **pod_spec: Any,
) -> FrozenMap:
    """A Deployment labelled `app: name`; `pod_spec` adds fields to its pods' `spec`."""
    labels = {"app": name}
    value: FrozenMap = freeze(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {"containers": [_container(name, image, requests)], **pod_spec},
                },
            },
        }
    )
    return value


def service(name: str, *, namespace: str = "default", port: int = 80) -> FrozenMap:
    """A Service that selects `app: name`."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": name}, "ports": [{"port": port}]},
        }
    )
    return value


def _container(name: str, image: str, requests: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "name": name,
        "image": image or f"registry.example/{name}:1",
        "resources": {"requests": dict(requests or {"cpu": "100m", "memory": "64Mi"})},
    }
