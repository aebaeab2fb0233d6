"""Defaults of pods and of the pod templates of workloads.

A template gets the defaults of its spec; a pod additionally the defaults that depend on its being
a pod (requests from limits, service links, host ports).
"""

from typing import Any, Final

from kcore.api.core_v1.container import default_container
from kcore.api.core_v1.volume import default_volume
from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity

_SPEC: Final = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
}
CONTAINER_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")
HUGE_PAGES: Final = "hugepages-"
_AGGREGATED: Final = ("cpu", "memory")


def default_pod(pod: FrozenMap) -> FrozenMap:
    """All defaults of a Pod."""
    return map_child(pod, "spec", _default_pod_spec)


def default_template(template: FrozenMap) -> FrozenMap:
    """All defaults of a PodTemplateSpec."""
    return map_child(template, "spec", default_spec)


def default_spec(spec: FrozenMap) -> FrozenMap:
    """The defaults that a template's spec shares with a pod's."""
    spec = fill_empty(spec, _SPEC)
    spec = fill(spec, {"securityContext": EMPTY_MAP, "terminationGracePeriodSeconds": 30})
    for name in CONTAINER_LISTS:
        spec = map_items(spec, name, default_container)
    return map_items(spec, "volumes", default_volume)


def _default_pod_spec(spec: FrozenMap) -> FrozenMap:
    spec = default_spec(spec)
    for name in ("containers", "initContainers"):
        spec = map_items(spec, name, _requests_from_limits)
    spec = fill(spec, {"enableServiceLinks": True})
    if spec.get("hostNetwork"):
        for name in ("containers", "initContainers"):
            spec = map_items(spec, name, _host_ports)
    return spec if spec.get("resources") is None else _default_pod_resources(spec)


def _requests_from_limits(container: FrozenMap) -> FrozenMap:
    limits = container.at("resources", "limits")
    if not limits:
        return container
    requests = container.at("resources", "requests", default=EMPTY_MAP)
    merged = fill(requests, limits)
    if merged is requests:
        return container
    return container.set(("resources", "requests"), merged)


def _host_ports(container: FrozenMap) -> FrozenMap:
    return map_items(
        container,
        "ports",
        lambda port: (
            port if port.get("hostPort") else with_fields(port, {"hostPort": port["containerPort"]})
        ),
    )


def _default_pod_resources(spec: FrozenMap) -> FrozenMap:
    """Pod-level requests follow the containers' sums, then the pod's own limits."""
    limits = spec.at("resources", "limits", default=EMPTY_MAP)
    requests = spec.at("resources", "requests", default=EMPTY_MAP)
    added: dict[str, Any] = {}
    for name, limit in limits.items():
        if requests.get(name) is None:
            added[name] = _aggregate(spec, name) or limit
    huge = _missing_huge_page_limits(spec, {**requests, **added}, limits)
    if huge:
        spec = spec.set(("resources", "limits"), with_fields(limits, huge))
    if added:
        spec = spec.set(("resources", "requests"), with_fields(requests, added))
    return spec


def _missing_huge_page_limits(
    spec: FrozenMap, requests: dict[str, Any], limits: FrozenMap
) -> dict[str, Any]:
    return {
        name: quantity
        for name, quantity in requests.items()
        if name.startswith(HUGE_PAGES) and limits.get(name) is None
    }


def _aggregate(spec: FrozenMap, name: str) -> str:
    """The containers' requests of one resource as upstream sums them; empty if none asks."""
    if name not in _AGGREGATED and not name.startswith(HUGE_PAGES):
        return ""
    total: Quantity | None = None
    for container in spec.get("containers") or ():
        request = container.at("resources", "requests", name)
        if request is not None:
            quantity = Quantity.parse(request)
            total = quantity if total is None else total + quantity
    return "" if total is None else str(total)
