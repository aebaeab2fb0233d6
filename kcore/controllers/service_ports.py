"""Pure: which pods stand behind a Service, and under which ports. Shared by both endpoint kinds.

Upstream: staging/src/k8s.io/endpointslice/util and pkg/api/v1/service.
"""

from collections.abc import Iterator
from typing import Final

from kcore.controllers.pod_condition import is_ready, is_terminal
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.identity_memo import once_per_object

# Versions of pods in namespaces with Services; each Service asks.
_KNOWN_COUNT_MAX: Final = 20_000


def is_headless(service: FrozenMap) -> bool:
    """Whether the Service has no address of its own."""
    return service.at("spec", "clusterIP") in (None, "", "None")


@once_per_object(_KNOWN_COUNT_MAX)
def has_address(pod: FrozenMap) -> bool:
    """Whether traffic could reach the pod: it has an address and has not ended."""
    if is_terminal(pod):
        return False
    return bool(pod.at("status", "podIP") or pod.at("status", "podIPs"))


def addresses_of(pod: FrozenMap, address_type: str) -> list[str]:
    """The pod's addresses of type IPv4 or IPv6."""
    listed = [entry.get("ip") or "" for entry in pod.at("status", "podIPs", default=EMPTY_LIST)]
    single = pod.at("status", "podIP", default="")
    every = listed or ([single] if single else [])
    return [ip for ip in every if (":" in ip) == (address_type == "IPv6")]


def hostname_of(pod: FrozenMap, service: FrozenMap) -> str | None:
    """The name under which DNS finds the pod in the Service's subdomain."""
    hostname: str = pod.at("spec", "hostname", default="")
    metadata = service["metadata"]
    in_subdomain = (
        pod.at("spec", "subdomain", default="") == metadata["name"]
        and pod["metadata"]["namespace"] == metadata["namespace"]
    )
    return hostname if hostname and in_subdomain else None


def container_port(pod: FrozenMap, service_port: FrozenMap) -> int | None:
    """The pod's port behind a Service's port; None when it has none of that name."""
    target = service_port.get("targetPort")
    if not isinstance(target, str):
        number: int = target or service_port["port"]
        return number
    protocol = service_port.get("protocol") or "TCP"
    for container in _containers(pod):
        for port in container.get("ports") or EMPTY_LIST:
            if port.get("name") == target and (port.get("protocol") or "TCP") == protocol:
                found: int = port["containerPort"]
                return found
    return None


def _containers(pod: FrozenMap) -> Iterator[FrozenMap]:
    yield from pod.at("spec", "containers", default=EMPTY_LIST)
    for container in pod.at("spec", "initContainers", default=EMPTY_LIST):
        if container.get("restartPolicy") == "Always":
            yield container


def concerns_endpoints(old: FrozenMap, new: FrozenMap) -> bool:
    """Whether a change of a pod can change what a Service says about it."""
    return is_ready(old) != is_ready(new) or any(
        old.at(*path) != new.at(*path)
        for path in (
            ("metadata", "labels"),
            ("metadata", "deletionTimestamp"),
            ("spec", "nodeName"),
            ("spec", "hostname"),
            ("spec", "subdomain"),
            ("status", "phase"),
            ("status", "podIP"),
            ("status", "podIPs"),
        )
    )


def labels_of(obj: FrozenMap) -> FrozenMap:
    """`metadata.labels`, or the empty map."""
    labels: FrozenMap = obj.at("metadata", "labels", default=EMPTY_MAP)
    return labels
