"""Services at an update: what an unset field keeps, and what a change of type lets go.

Pure functions. Clients that send a service without the fields the server filled in do not mean to
give them up; clients that change the type without clearing what only the old type used do.
"""

from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_IP_FIELDS: Final = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")


def carried_service(new: FrozenMap, old: FrozenMap) -> FrozenMap:
    """The new service with the old one's allocated values where it is silent."""
    spec, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    spec = _normalised_ips(spec, before)
    if _has_cluster_ip(spec) and _has_cluster_ip(before):
        for field in _IP_FIELDS:
            if not spec.get(field) and before.get(field):
                spec = spec.set(field, before[field])
    if _has_node_ports(spec) and _has_node_ports(before):
        spec = _with_old_node_ports(spec, before)
    return new.set("spec", _without_old_types_fields(spec, before))


def _has_cluster_ip(spec: FrozenMap) -> bool:
    return spec.get("type") != "ExternalName"


def _has_node_ports(spec: FrozenMap) -> bool:
    return spec.get("type") in ("NodePort", "LoadBalancer")


def _normalised_ips(spec: FrozenMap, before: FrozenMap) -> FrozenMap:
    """`clusterIP` and `clusterIPs` name the same; a client may have changed only the first."""
    address, addresses = spec.get("clusterIP") or "", spec.get("clusterIPs") or EMPTY_LIST
    if address == (before.get("clusterIP") or ""):
        return spec
    if addresses and addresses != before.get("clusterIPs"):
        return spec
    return spec.set("clusterIPs", [address]) if address else spec.remove("clusterIPs")


def _with_old_node_ports(spec: FrozenMap, before: FrozenMap) -> FrozenMap:
    # A port is known by its name; two of one name get one number, and are refused for it.
    held = {
        port.get("name") or "": port.get("nodePort") for port in before.get("ports") or EMPTY_LIST
    }
    used = _node_ports(before) & _node_ports(spec)
    ports = []
    for port in spec.get("ports") or EMPTY_LIST:
        kept = held.get(port.get("name") or "")
        if not port.get("nodePort") and kept and kept not in used:
            ports.append(port.set("nodePort", kept))
        else:
            ports.append(port)
    if ports:
        spec = spec.set("ports", ports)
    health = before.get("healthCheckNodePort")
    if health and not spec.get("healthCheckNodePort") and _is_local_balancer(spec):
        spec = spec.set("healthCheckNodePort", health)
    return spec


def _is_local_balancer(spec: FrozenMap) -> bool:
    return spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"


def _without_old_types_fields(spec: FrozenMap, before: FrozenMap) -> FrozenMap:
    if _has_cluster_ip(before) and not _has_cluster_ip(spec):
        spec = _without_same(spec, before, *_IP_FIELDS, "internalTrafficPolicy")
    # Ports may come and go, as long as none asks for a new port on the nodes.
    leaves_nodes = _has_node_ports(before) and not _has_node_ports(spec)
    if leaves_nodes and spec.get("ports") and _node_ports(spec) <= _node_ports(before):
        spec = spec.set("ports", [port.remove("nodePort") for port in spec["ports"]])
    if _is_reached_from_outside(before) and not _is_reached_from_outside(spec):
        spec = _without_same(spec, before, "externalTrafficPolicy")
    if _is_local_balancer(before) and not _is_local_balancer(spec):
        spec = _without_same(spec, before, "healthCheckNodePort")
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        spec = _without_same(spec, before, "allocateLoadBalancerNodePorts", "loadBalancerClass")
    return spec


def _node_ports(spec: FrozenMap) -> set[int]:
    ports = spec.get("ports") or EMPTY_LIST
    return {port["nodePort"] for port in ports if port.get("nodePort")}


def _is_reached_from_outside(spec: FrozenMap) -> bool:
    is_inner = spec.get("type") == "ClusterIP" and bool(spec.get("externalIPs"))
    return is_inner or _has_node_ports(spec)


def _without_same(spec: FrozenMap, before: FrozenMap, *fields: str) -> FrozenMap:
    for field in fields:
        if field in spec and spec[field] == before.get(field):
            spec = spec.remove(field)
    return spec
