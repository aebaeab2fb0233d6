"""Defaults of Service: type, ports, affinity and traffic policies."""

from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

AFFINITY_TIMEOUT_S = 10_800
_EXTERNAL_TYPES = ("NodePort", "LoadBalancer")
_ROUTED_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")


def default_service(service: FrozenMap) -> FrozenMap:
    """All defaults of a Service."""
    service = map_child(service, "spec", _default_spec)
    if service.at("spec", "type") != "LoadBalancer":
        return service
    return map_child(service, "status", _default_status)


def _default_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill_empty(spec, {"sessionAffinity": "None", "type": "ClusterIP"})
    if spec["sessionAffinity"] == "None":
        spec = spec.remove("sessionAffinityConfig")
    elif spec["sessionAffinity"] == "ClientIP":
        spec = _default_affinity(spec)
    spec = map_items(spec, "ports", _default_port)
    kind = spec["type"]
    external = kind in _EXTERNAL_TYPES or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if external:
        spec = fill_empty(spec, {"externalTrafficPolicy": "Cluster"})
    if kind in _ROUTED_TYPES:
        spec = fill(spec, {"internalTrafficPolicy": "Cluster"})
    if kind == "LoadBalancer":
        spec = fill(spec, {"allocateLoadBalancerNodePorts": True})
    return spec


def _default_affinity(spec: FrozenMap) -> FrozenMap:
    config = spec.get("sessionAffinityConfig") or EMPTY_MAP
    if config.at("clientIP", "timeoutSeconds") is not None:
        return spec
    client = fill(config.get("clientIP") or EMPTY_MAP, {"timeoutSeconds": AFFINITY_TIMEOUT_S})
    return spec.set(("sessionAffinityConfig", "clientIP"), client)


def _default_port(port: FrozenMap) -> FrozenMap:
    port = fill_empty(port, {"protocol": "TCP"})
    if port["port"] and port.get("targetPort") in (None, 0, ""):
        port = with_fields(port, {"targetPort": port["port"]})
    return port


def _default_status(status: FrozenMap) -> FrozenMap:
    return map_child(status, "loadBalancer", lambda lb: map_items(lb, "ingress", _default_ingress))


def _default_ingress(ingress: FrozenMap) -> FrozenMap:
    return fill(ingress, {"ipMode": "VIP"}) if ingress.get("ip") else ingress
