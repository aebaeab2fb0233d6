"""Defaults of pods and of the pod templates of workloads.

A template gets the defaults of its spec; a pod additionally the defaults that depend on its being
a pod (requests from limits, service links, host ports).
"""

from typing import Final

from kcore.api.core_v1.container import default_container
from kcore.api.core_v1.volume import default_volume
from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.identity_memo import once_per_object

_SPEC: Final = {
    "dnsPolicy": "ClusterFirst",
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
}
CONTAINER_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")


def default_pod(pod: FrozenMap) -> FrozenMap:
    """All defaults of a Pod."""
    return map_child(pod, "spec", _default_pod_spec)


def default_template(template: FrozenMap) -> FrozenMap:
    """All defaults of a PodTemplateSpec."""
    return map_child(template, "spec", default_spec)


@once_per_object()
def default_spec(spec: FrozenMap) -> FrozenMap:
    """The defaults that a template's spec shares with a pod's. Once for all pods of a template."""
    spec = fill_empty(spec, _SPEC)
    spec = fill(spec, {"securityContext": EMPTY_MAP, "terminationGracePeriodSeconds": 30})
    spec = _one_service_account(spec)
    for name in CONTAINER_LISTS:
        spec = map_items(spec, name, default_container)
    return map_items(spec, "volumes", default_volume)


def _one_service_account(spec: FrozenMap) -> FrozenMap:
    """The old field `serviceAccount` and the new one always agree; the new one wins."""
    name = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if not name or spec.get("serviceAccountName") == spec.get("serviceAccount") == name:
        return spec
    return with_fields(spec, {"serviceAccountName": name, "serviceAccount": name})


@once_per_object()
def _default_pod_spec(spec: FrozenMap) -> FrozenMap:
    spec = default_spec(spec)
    for name in ("containers", "initContainers"):
        spec = map_items(spec, name, _requests_from_limits)
    spec = fill(spec, {"enableServiceLinks": True})
    if spec.get("hostNetwork"):
        for name in ("containers", "initContainers"):
            spec = map_items(spec, name, _host_ports)
    return spec


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
    return map_items(container, "ports", _host_port)


def _host_port(port: FrozenMap) -> FrozenMap:
    if port.get("hostPort") or not port["containerPort"]:
        return port
    return with_fields(port, {"hostPort": port["containerPort"]})
