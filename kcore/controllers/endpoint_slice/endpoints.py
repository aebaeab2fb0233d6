"""Pure: one pod as one endpoint.

Upstream: staging/src/k8s.io/endpointslice/utils.go.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from kcore.controllers.pod_condition import is_ready, is_terminating
from kcore.controllers.service_ports import (
    addresses_of,
    container_port,
    has_address,
    hostname_of,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, dumps, freeze
from kcore.machinery.identity_memo import once_per_object, once_per_object_and_aspect

# Versions of pods behind Services, times their Services.
_KNOWN_COUNT_MAX: Final = 20_000

NodeOf = Callable[[str], FrozenMap | None]


@dataclass(frozen=True, slots=True)
class PortGroup:
    """Endpoints that share one list of ports, by identity, in pod order."""

    ports: FrozenList
    endpoints: dict[bytes, FrozenMap]


@dataclass(frozen=True, slots=True)
class Desired:
    """What the slices of one address type should hold."""

    groups: dict[bytes, PortGroup]
    skipped: tuple[str, ...]
    """Pods on nodes nobody knows: the Service has to be looked at again."""


def desired_endpoints(
    service: FrozenMap, pods: Iterable[FrozenMap], address_type: str, node_of: NodeOf
) -> Desired:
    """Group the Service's pods by their ports. O(pods)."""
    groups: dict[bytes, PortGroup] = {}
    skipped = []
    publish = bool(service.at("spec", "publishNotReadyAddresses"))
    name, spec = service["metadata"]["name"], service.get("spec") or EMPTY_MAP
    for pod in pods:
        if not has_address(pod) or not addresses_of(pod, address_type):
            continue
        node_name = pod.at("spec", "nodeName", default="")
        node = node_of(node_name)
        if node is None and not publish:
            skipped.append(pod["metadata"]["name"])
            continue
        zone = "" if node is None else _zone(node)
        place = _place_of(pod, name, spec, address_type, zone)
        if place.ports_key not in groups:
            groups[place.ports_key] = PortGroup(place.ports, {})
        groups[place.ports_key].endpoints[place.identity] = place.endpoint
    return Desired(groups, tuple(skipped))


@dataclass(frozen=True, slots=True)
class _Place:
    """One pod's endpoint, and the group it belongs to."""

    ports: FrozenList
    ports_key: bytes
    identity: bytes
    endpoint: FrozenMap


@once_per_object_and_aspect(_KNOWN_COUNT_MAX)
def _place_of(
    pod: FrozenMap, service_name: str, spec: FrozenMap, address_type: str, zone: str
) -> _Place:
    """Where a version of a pod goes, as long as its Service stays the same."""
    namespace = pod["metadata"]["namespace"]
    service = freeze({"metadata": {"name": service_name, "namespace": namespace}, "spec": spec})
    ports = endpoint_ports(service, pod)
    endpoint = _endpoint(service, pod, address_type, zone)
    return _Place(ports, ports_key(ports), identity(endpoint), endpoint)


def endpoint_ports(service: FrozenMap, pod: FrozenMap) -> FrozenList:
    """The Service's ports as this pod serves them; a name the pod lacks is left out."""
    ports = []
    for service_port in service.at("spec", "ports", default=EMPTY_LIST):
        number = container_port(pod, service_port)
        if number is None:
            continue
        port: dict[str, Any] = {
            "name": service_port.get("name") or "",
            "port": number,
            "protocol": service_port.get("protocol") or "TCP",
        }
        if service_port.get("appProtocol") is not None:
            port["appProtocol"] = service_port["appProtocol"]
        ports.append(port)
    frozen: FrozenList = freeze(ports)
    return frozen


def ports_key(ports: FrozenList) -> bytes:
    """Equal for equal lists of ports, whatever their order."""
    return b"\n".join(sorted(dumps(port) for port in ports))


@once_per_object(_KNOWN_COUNT_MAX)
def identity(endpoint: FrozenMap) -> bytes:
    """What makes an endpoint the same one: addresses, host name and pod."""
    reference = endpoint.get("targetRef")
    parts = {
        "addresses": sorted(endpoint["addresses"]),
        "hostname": endpoint.get("hostname"),
        "uid": None if reference is None else reference.get("uid"),
    }
    text: bytes = dumps(freeze(parts))
    return text


def _endpoint(service: FrozenMap, pod: FrozenMap, address_type: str, zone: str) -> FrozenMap:
    metadata = pod["metadata"]
    serving, terminating = is_ready(pod), is_terminating(pod)
    publish = bool(service.at("spec", "publishNotReadyAddresses"))
    endpoint: dict[str, Any] = {
        "addresses": addresses_of(pod, address_type),
        "conditions": {
            "ready": publish or (serving and not terminating),
            "serving": serving,
            "terminating": terminating,
        },
        "targetRef": {
            "kind": "Pod",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
    }
    node_name = pod.at("spec", "nodeName", default="")
    if node_name:
        endpoint["nodeName"] = node_name
    if zone:
        endpoint["zone"] = zone
    hostname = hostname_of(pod, service)
    if hostname is not None:
        endpoint["hostname"] = hostname
    _add_hints(endpoint, service)
    frozen: FrozenMap = freeze(endpoint)
    return frozen


def _zone(node: FrozenMap) -> str:
    zone: str = node.at("metadata", "labels", "topology.kubernetes.io/zone", default="")
    return zone


def _add_hints(endpoint: dict[str, Any], service: FrozenMap) -> None:
    """Say for whom a ready endpoint is near, if the Service prefers near ones."""
    distribution = service.at("spec", "trafficDistribution")
    if not endpoint["conditions"]["ready"]:
        return
    hints: dict[str, Any] = {}
    near = ("PreferClose", "PreferSameZone", "PreferSameNode")
    if distribution in near and endpoint.get("zone"):
        hints["forZones"] = [{"name": endpoint["zone"]}]
    if distribution == "PreferSameNode" and endpoint.get("nodeName"):
        hints["forNodes"] = [{"name": endpoint["nodeName"]}]
    if hints:
        endpoint["hints"] = hints
