"""Rows of the kinds that route: Service, Endpoints, EndpointSlice, Ingress and their relatives."""

from collections.abc import Iterator, Sequence

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import (
    NONE,
    SHOWN_COUNT_MAX,
    UNKNOWN,
    UNSET,
    age,
    first_few,
    items,
    labels,
    name,
    number,
    selector,
    word,
)
from kcore.printing.column import NAME, Cell, Printer, text, wide


def _load_balancer(obj: FrozenMap) -> list[str]:
    points = items(obj, "status", "loadBalancer", "ingress")
    return sorted({word(point, "ip") or word(point, "hostname") for point in points} - {""})


def external_ip(service: FrozenMap) -> str:
    """Where a Service is reached from outside."""
    external = [str(address) for address in items(service, "spec", "externalIPs")]
    match service.at("spec", "type"):
        case "ClusterIP" | "NodePort":
            return ",".join(external) or NONE
        case "LoadBalancer":
            return ",".join([*_load_balancer(service), *external]) or "<pending>"
        case "ExternalName":
            return word(service, "spec", "externalName")
        case _:
            return UNKNOWN


def ports(service: FrozenMap) -> str:
    """`80/TCP,443:30443/TCP`, or `<none>`."""
    pieces = []
    for port in items(service, "spec", "ports"):
        node_port = number(port, "nodePort")
        numbers = f"{number(port, 'port')}:{node_port}" if node_port > 0 else number(port, "port")
        pieces.append(f"{numbers}/{word(port, 'protocol', default='TCP')}")
    return ",".join(pieces) or NONE


def cluster_ip(service: FrozenMap) -> str:
    """The first cluster address, or `<none>`."""
    addresses = items(service, "spec", "clusterIPs")
    return str(addresses[0]) if addresses else NONE


def service_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Service."""
    return [
        name(obj),
        word(obj, "spec", "type"),
        cluster_ip(obj),
        external_ip(obj),
        ports(obj),
        age(obj, now_ns),
        labels(obj.at("spec", "selector")),
    ]


def _socket(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _subset_addresses(subset: FrozenMap) -> Iterator[str]:
    addresses = [word(address, "ip") for address in items(subset, "addresses")]
    subset_ports = items(subset, "ports")
    if not subset_ports:
        yield from addresses
    for port in subset_ports:
        for address in addresses:
            yield _socket(address, number(port, "port"))


def endpoints_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an Endpoints object."""
    subsets = items(obj, "subsets")
    everything = (text for subset in subsets for text in _subset_addresses(subset))
    return [name(obj), first_few(everything, empty="" if subsets else NONE), age(obj, now_ns)]


def endpoint_slice_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an EndpointSlice."""
    numbers = ("*" if port.port is None else str(port.port) for port in items(obj, "ports"))
    addresses = (
        str(address)
        for endpoint in items(obj, "endpoints")
        for address in items(endpoint, "addresses")
    )
    return [
        name(obj),
        word(obj, "addressType"),
        first_few(numbers, empty=UNSET),
        first_few(addresses, empty=UNSET),
        age(obj, now_ns),
    ]


def _hosts(obj: FrozenMap) -> str:
    hosts = [word(rule, "host") for rule in items(obj, "spec", "rules")]
    named = [host for host in hosts if host]
    if len(named) > SHOWN_COUNT_MAX:
        shown = ",".join(named[:SHOWN_COUNT_MAX])
        return f"{shown} + {len(named) - SHOWN_COUNT_MAX} more..."
    return ",".join(named) or "*"


def ingress_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an Ingress."""
    return [
        name(obj),
        word(obj, "spec", "ingressClassName", default=NONE),
        _hosts(obj),
        ",".join(_load_balancer(obj)),
        "80, 443" if items(obj, "spec", "tls") else "80",
        age(obj, now_ns),
    ]


def ingress_class_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an IngressClass."""
    parameters = NONE
    reference = obj.at("spec", "parameters")
    if reference is not None:
        group = word(reference, "apiGroup")
        kind = word(reference, "kind")
        parameters = f"{kind}.{group}" if group else kind
        parameters = f"{parameters}/{word(reference, 'name')}"
    return [name(obj), word(obj, "spec", "controller"), parameters, age(obj, now_ns)]


def network_policy_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a NetworkPolicy."""
    return [name(obj), selector(obj.at("spec", "podSelector")), age(obj, now_ns)]


def ip_address_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an IPAddress; upstream adds an age that no column names."""
    parent = NONE
    reference = obj.at("spec", "parentRef")
    if reference is not None:
        group = word(reference, "group").lower()
        resource = word(reference, "resource")
        pieces = [f"{resource}.{group}" if group else resource]
        pieces += [word(reference, "namespace"), word(reference, "name")]
        parent = "/".join(piece for piece in pieces if piece)
    return [name(obj), parent, age(obj, now_ns)]


def service_cidr_cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ServiceCIDR."""
    return [name(obj), ",".join(map(str, items(obj, "spec", "cidrs"))), age(obj, now_ns)]


PRINTERS = {
    ("", "Service"): Printer(
        (NAME, *text("Type", "Cluster-IP", "External-IP", "Port(s)", "Age"), *wide("Selector")),
        service_cells,
    ),
    ("", "Endpoints"): Printer((NAME, *text("Endpoints", "Age")), endpoints_cells),
    ("discovery.k8s.io", "EndpointSlice"): Printer(
        (NAME, *text("AddressType", "Ports", "Endpoints", "Age")), endpoint_slice_cells
    ),
    ("networking.k8s.io", "Ingress"): Printer(
        (NAME, *text("Class", "Hosts", "Address", "Ports", "Age")), ingress_cells
    ),
    ("networking.k8s.io", "IngressClass"): Printer(
        (NAME, *text("Controller", "Parameters", "Age")), ingress_class_cells
    ),
    ("networking.k8s.io", "NetworkPolicy"): Printer(
        (NAME, *text("Pod-Selector", "Age")), network_policy_cells
    ),
    ("networking.k8s.io", "IPAddress"): Printer((NAME, *text("ParentRef")), ip_address_cells),
    ("networking.k8s.io", "ServiceCIDR"): Printer(
        (NAME, *text("CIDRs", "Age")), service_cidr_cells
    ),
}
