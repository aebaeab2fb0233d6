"""Endpoints: the older form of a Service's pods, one object per Service, still read by many.

Upstream: pkg/controller/endpoint/endpoints_controller.go and pkg/api/v1/endpoints/util.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kcore.controllers.pod_condition import is_ready, is_terminating
from kcore.controllers.service_pods import ServicePodHandler
from kcore.controllers.service_ports import (
    addresses_of,
    container_port,
    has_address,
    hostname_of,
    is_headless,
    labels_of,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, dumps, freeze
from kcore.machinery.identity_memo import once_per_object_and_aspect
from kcore.machinery.labels import from_set
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.predicates import anything
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import EnqueueHandler, Handles, own_key
from kcore.reconcile.workqueue import WorkQueue

# Versions of pods behind Services, times their Services.
_KNOWN_COUNT_MAX: Final = 20_000

MANAGED_BY: Final = "endpoints.kubernetes.io/managed-by"
MANAGER: Final = "endpoint-controller"
HEADLESS: Final = "service.kubernetes.io/headless"


def build_endpoints_controller(context: ControllerContext) -> Controller:
    """The Endpoints controller; its keys are Services."""
    queue = WorkQueue()
    services = context.informers.informer("services")
    return Controller(
        "endpoints-controller",
        context,
        EndpointsReconciler(context),
        [
            Handles("services", EnqueueHandler(queue, own_key, anything)),
            Handles("endpoints", EnqueueHandler(queue, own_key, was_deleted)),
            Handles("pods", ServicePodHandler(queue, services)),
        ],
        queue=queue,
    )


def was_deleted(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Only deletions are put right: edits stay until the Service or a pod changes."""
    return old is not None and new is None


def plan_subsets(service: FrozenMap, pods: Iterable[FrozenMap]) -> list[dict[str, Any]]:
    """Addresses grouped by the ports they serve. O(pods log pods)."""
    groups: dict[bytes, dict[str, Any]] = {}
    publish = bool(service.at("spec", "publishNotReadyAddresses"))
    name, spec = service["metadata"]["name"], service.get("spec") or EMPTY_MAP
    for pod in pods:
        if not has_address(pod) or (is_terminating(pod) and not publish):
            continue
        place = _place_of(pod, name, spec)
        if place.address is None or place.ports is None:
            continue
        subset = groups.setdefault(
            place.ports_key, {"addresses": [], "notReadyAddresses": [], "ports": place.ports}
        )
        ready = publish or is_ready(pod)
        subset["addresses" if ready else "notReadyAddresses"].append(place.address)
    for subset in groups.values():
        for name in ("addresses", "notReadyAddresses"):
            subset[name].sort(key=lambda address: (address["ip"], address["targetRef"]["uid"]))
    subsets = [{name: part for name, part in group.items() if part} for group in groups.values()]
    return sorted(subsets, key=lambda subset: dumps(freeze(subset)))


@dataclass(frozen=True, slots=True)
class _Place:
    """One pod's address and the ports it serves; None where it has none of them."""

    address: FrozenMap | None
    ports: FrozenList | None
    ports_key: bytes


@once_per_object_and_aspect(_KNOWN_COUNT_MAX)
def _place_of(pod: FrozenMap, service_name: str, spec: FrozenMap) -> _Place:
    """Where a version of a pod goes, as long as its Service stays the same."""
    namespace = pod["metadata"]["namespace"]
    service = freeze({"metadata": {"name": service_name, "namespace": namespace}, "spec": spec})
    address, ports = _address(service, pod), _ports(service, pod)
    key = b"\n".join(sorted(dumps(freeze(port)) for port in ports or ()))
    return _Place(
        None if address is None else freeze(address), None if ports is None else freeze(ports), key
    )


def _ports(service: FrozenMap, pod: FrozenMap) -> list[dict[str, Any]] | None:
    """The ports this pod serves; None when it serves none of those the Service has."""
    wanted = service.at("spec", "ports", default=EMPTY_LIST)
    if not wanted:
        return [] if is_headless(service) else None
    ports = []
    for service_port in wanted:
        number = container_port(pod, service_port)
        if number is None:
            continue
        port: dict[str, Any] = {
            "port": number,
            "protocol": service_port.get("protocol") or "TCP",
        }
        for name in ("name", "appProtocol"):
            if service_port.get(name):
                port[name] = service_port[name]
        ports.append(port)
    return ports or None


def _address(service: FrozenMap, pod: FrozenMap) -> dict[str, Any] | None:
    families = service.at("spec", "ipFamilies", default=EMPTY_LIST)
    addresses = addresses_of(pod, families[0] if families else "IPv4")
    if not addresses:
        return None
    metadata = pod["metadata"]
    address: dict[str, Any] = {
        "ip": addresses[0],
        "targetRef": {
            "kind": "Pod",
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
    }
    node_name, hostname = pod.at("spec", "nodeName", default=""), hostname_of(pod, service)
    if node_name:
        address["nodeName"] = node_name
    if hostname is not None:
        address["hostname"] = hostname
    return address


def endpoints_labels(service: FrozenMap) -> FrozenMap:
    """The Service's labels with the manager's, and the mark of a headless one."""
    labels = labels_of(service).set((MANAGED_BY,), MANAGER)
    if is_headless(service):
        return labels.set((HEADLESS,), "")
    return labels.remove((HEADLESS,)) if HEADLESS in labels else labels


class EndpointsReconciler(Reconciler):
    """Keeps the Endpoints of one Service. O(pods of the namespace)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._services = context.lister("services")
        self._pods = context.lister("pods")
        self._endpoints = context.lister("endpoints")

    def reconcile(self, request: NamespacedName) -> Result:
        """One Service; without it, its Endpoints go too."""
        service = self._services.get(request.namespace, request.name)
        if service is None:
            self._delete(request)
            return DONE
        selector = service.at("spec", "selector")
        if not selector or service.at("spec", "type") == "ExternalName":
            return DONE
        pods = self._pods.list(request.namespace, from_set(selector))
        self._write(service, freeze(plan_subsets(service, pods)))
        return DONE

    def _write(self, service: FrozenMap, subsets: Any) -> None:
        metadata = service["metadata"]
        known = self._endpoints.get(metadata["namespace"], metadata["name"])
        labels = endpoints_labels(service)
        if known is None:
            draft = {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": {
                    "name": metadata["name"],
                    "namespace": metadata["namespace"],
                    "labels": labels,
                },
            }
            if subsets:
                draft["subsets"] = subsets
            self._create(freeze(draft))
            return
        if (known.get("subsets") or EMPTY_LIST) == subsets and labels_of(known) == labels:
            return
        fresh = known.set(("metadata", "labels"), labels)
        if subsets:
            fresh = fresh.set(("subsets",), subsets)
        elif "subsets" in fresh:
            fresh = fresh.remove(("subsets",))
        self._client.update(fresh)

    def _create(self, draft: FrozenMap) -> None:
        try:
            self._client.create(draft)
        except ApiError as error:
            if not any(cause.reason == "NamespaceTerminating" for cause in error.details.causes):
                raise

    def _delete(self, request: NamespacedName) -> None:
        """Remove the Endpoints of a Service that is gone, whoever wrote them."""
        if self._endpoints.get(request.namespace, request.name) is None:
            return
        try:
            self._client.delete("endpoints", request.name, request.namespace)
        except ApiError as error:
            if error.code != 404:
                raise
