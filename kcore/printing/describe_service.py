"""The long form of a Service: addresses, ports, and the endpoints behind them."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, items, labels, mapping, number, word
from kcore.printing.columns.network import cluster_ip, external_ip
from kcore.printing.sections import Sections

SERVICE_LABEL: Final = "kubernetes.io/service-name"


def describe_service(sections: Sections, service: FrozenMap, objects: Sequence[FrozenMap]) -> None:
    """Add everything about a Service but its metadata and events."""
    sections.field("Selector", labels(service.at("spec", "selector")))
    sections.field("Type", word(service, "spec", "type"))
    sections.field("IP", cluster_ip(service))
    sections.field("External IP", external_ip(service))
    for port in items(service, "spec", "ports"):
        target = port.at("targetPort", default=number(port, "port"))
        sections.field(
            "Port",
            f"{word(port, 'name', default='<unset>')}  {number(port, 'port')}/"
            f"{word(port, 'protocol', default='TCP')} to {target}",
        )
        if number(port, "nodePort"):
            sections.field("NodePort", number(port, "nodePort"))
    ready, waiting = _endpoints(service, objects)
    sections.field("Endpoints", ", ".join(ready) or NONE)
    if waiting:
        sections.field("Not Ready", ", ".join(waiting))
    sections.field("Session Affinity", word(service, "spec", "sessionAffinity", default="None"))


def _endpoints(service: FrozenMap, objects: Sequence[FrozenMap]) -> tuple[list[str], list[str]]:
    """Addresses that take traffic, and those that do not yet."""
    ready: list[str] = []
    waiting: list[str] = []
    for obj in objects:
        if obj.kind != "EndpointSlice" or not _belongs(obj, service):
            continue
        for endpoint in items(obj, "endpoints"):
            side = waiting if endpoint.at("conditions", "ready") is False else ready
            side.extend(str(address) for address in items(endpoint, "addresses"))
    return ready, waiting


def _belongs(endpoint_slice: FrozenMap, service: FrozenMap) -> bool:
    if endpoint_slice.at("metadata", "namespace") != service.at("metadata", "namespace"):
        return False
    owner = mapping(endpoint_slice, "metadata", "labels").get(SERVICE_LABEL)
    return bool(owner == service.at("metadata", "name"))
