"""Defaults of NetworkPolicy and IngressClass."""

from kcore.api.core_v1.container import default_port
from kcore.api.filling import fill_empty, map_child, map_items
from kcore.machinery.frozen import FrozenMap


def default_network_policy(policy: FrozenMap) -> FrozenMap:
    """TCP; ingress always, egress when it has rules."""
    return map_child(policy, "spec", _spec)


def _spec(spec: FrozenMap) -> FrozenMap:
    for direction in ("ingress", "egress"):
        spec = map_items(spec, direction, lambda rule: map_items(rule, "ports", default_port))
    if spec.get("policyTypes"):
        return spec
    types = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    return spec.set("policyTypes", types)


def default_ingress_class(ingress_class: FrozenMap) -> FrozenMap:
    """Parameters are cluster-wide."""
    return map_child(
        ingress_class,
        "spec",
        lambda spec: map_child(spec, "parameters", lambda p: fill_empty(p, {"scope": "Cluster"})),
    )
