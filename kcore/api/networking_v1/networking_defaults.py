"""Defaults of NetworkPolicy and IngressClass."""

from kcore.api.filling import fill, map_child, map_items
from kcore.machinery.frozen import FrozenMap


def default_network_policy(policy: FrozenMap) -> FrozenMap:
    """TCP; ingress always, egress when it has rules."""
    return map_child(policy, "spec", _spec)


def _spec(spec: FrozenMap) -> FrozenMap:
    for direction in ("ingress", "egress"):
        spec = map_items(spec, direction, lambda rule: map_items(rule, "ports", _port))
    if spec.get("policyTypes"):
        return spec
    types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return spec.set("policyTypes", types)


def _port(port: FrozenMap) -> FrozenMap:
    return fill(port, {"protocol": "TCP"})


def default_ingress_class(ingress_class: FrozenMap) -> FrozenMap:
    """Parameters are cluster-wide."""
    return map_child(
        ingress_class,
        "spec",
        lambda spec: map_child(spec, "parameters", lambda p: fill(p, {"scope": "Cluster"})),
    )
