"""Defaults of the small core kinds: Namespace, Node, Secret, Endpoints, LimitRange and others."""

from base64 import b64encode
from typing import Final

from kcore.api.core_v1.container import default_port
from kcore.api.core_v1.pod_defaults import default_template
from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

NAME_LABEL: Final = "kubernetes.io/metadata.name"


def default_namespace(namespace: FrozenMap) -> FrozenMap:
    """Active, with its name as a label."""
    namespace = map_child(namespace, "status", lambda s: fill_empty(s, {"phase": "Active"}))
    name = namespace.at("metadata", "name", default="")
    if not name or namespace.at("metadata", "labels", NAME_LABEL) == name:
        return namespace
    return namespace.set(("metadata", "labels", NAME_LABEL), name)


def default_node(node: FrozenMap) -> FrozenMap:
    """All of the capacity is allocatable; `podCIDR` is the first of `podCIDRs`."""
    node = map_child(node, "spec", _one_pod_network)
    capacity = node.at("status", "capacity")
    if capacity is None or node.at("status", "allocatable") is not None:
        return node
    return node.set(("status", "allocatable"), capacity)


def _one_pod_network(spec: FrozenMap) -> FrozenMap:
    """The old field `podCIDR` wins where the two disagree."""
    first, networks = spec.get("podCIDR"), spec.get("podCIDRs")
    if networks and not first:
        return spec.set("podCIDR", networks[0])
    if first and (not networks or networks[0] != first):
        return spec.set("podCIDRs", [first])
    return spec


def default_secret(secret: FrozenMap) -> FrozenMap:
    """Opaque; `stringData` goes into `data`."""
    secret = fill_empty(secret, {"type": "Opaque"})
    texts = secret.get("stringData")
    if texts is None:
        return secret
    encoded = {key: b64encode(text.encode()).decode() for key, text in texts.items()}
    data = with_fields(secret.get("data") or EMPTY_MAP, encoded)
    return with_fields(secret.remove("stringData"), {"data": data} if data else {})


def default_pod_template(template: FrozenMap) -> FrozenMap:
    """The defaults of the template it holds."""
    return map_child(template, "template", default_template)


def default_replication_controller(controller: FrozenMap) -> FrozenMap:
    """One replica; labels and selector from the template."""
    controller = map_child(controller, "spec", _default_controller_spec)
    labels = controller.at("spec", "template", "metadata", "labels")
    if not labels:
        return controller
    if not controller.at("spec", "selector"):
        controller = controller.set(("spec", "selector"), labels)
    if not controller.at("metadata", "labels"):
        controller = controller.set(("metadata", "labels"), labels)
    return controller


def _default_controller_spec(spec: FrozenMap) -> FrozenMap:
    return map_child(fill(spec, {"replicas": 1}), "template", default_template)


def default_endpoints(endpoints: FrozenMap) -> FrozenMap:
    """TCP."""
    return map_items(endpoints, "subsets", lambda subset: map_items(subset, "ports", default_port))


def default_limit_range(limits: FrozenMap) -> FrozenMap:
    """Container limits default from `max`, requests from limits, then from `min`."""
    return map_child(limits, "spec", lambda spec: map_items(spec, "limits", _default_limit))


def _default_limit(item: FrozenMap) -> FrozenMap:
    if item.get("type") != "Container":
        return item
    limit = fill(item.get("default") or EMPTY_MAP, item.get("max") or EMPTY_MAP)
    request = fill(item.get("defaultRequest") or EMPTY_MAP, limit)
    request = fill(request, item.get("min") or EMPTY_MAP)
    filled = {"default": limit, "defaultRequest": request}
    return with_fields(item, {k: v for k, v in filled.items() if v and v != item.get(k)})
