"""Services: cluster IPs, IP families and node ports.

Allocation keeps no table of its own: what services hold is an index of their bucket, so a fork, a
deletion or a restored store can never disagree with it. The search starts at a place drawn from
the stream `service-ip` or `node-port` and takes the first free one, upper band first, as upstream.

The cluster is single-stack IPv4.
"""

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Any, Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.apiserver.strategy.service_families import refused, with_families
from kcore.apiserver.strategy.service_update import carried_service
from kcore.errors import ApiError
from kcore.limits import NODE_PORT_STATIC_COUNT, SERVICE_IP_STATIC_COUNT
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

BUCKET: Final = "services"
HEADLESS: Final = "None"

# What most installers choose, and upstream's default --service-node-port-range.
_NETWORK: Final = IPv4Network("10.96.0.0/16")
NODE_PORT_FIRST: Final = 30_000
NODE_PORT_COUNT: Final = 2_768

_FIRST_ADDRESS: Final = int(_NETWORK.network_address) + 1
_ADDRESS_COUNT: Final = _NETWORK.num_addresses - 2
_PORT_LAST: Final = NODE_PORT_FIRST + NODE_PORT_COUNT - 1


def born_service(service: FrozenMap, context: ServerContext) -> FrozenMap:
    """The service with families, addresses and node ports filled in.

    Raises:
        ApiError: 422, an address or port is taken, out of range, or the family is not served.
    """
    return _allocated(service, EMPTY_MAP, context)


def updated_service(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """The service with what it held already, and what its new type needs.

    Raises:
        ApiError: 422, as at birth.
    """
    return _allocated(carried_service(new, old), old, context)


def _allocated(service: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    spec = service.get("spec") or EMPTY_MAP
    if spec.get("type") == "ExternalName":
        return service
    spec = spec if spec.get("clusterIPs") or not spec.get("clusterIP") else _with_list(spec)
    spec = with_families(spec, _name(service), old.get("spec") or EMPTY_MAP)
    spec = _with_cluster_ip(spec, service, old, context)
    if needs_node_ports(spec):
        spec = _with_node_ports(spec, service, old, context)
    return service.set("spec", spec)


def _with_list(spec: FrozenMap) -> FrozenMap:
    """`clusterIPs` as an old client means it, who knows `clusterIP` only."""
    return spec.set("clusterIPs", [spec["clusterIP"]])


def needs_node_ports(spec: FrozenMap) -> bool:
    """Whether a service of this shape listens on every node."""
    if spec.get("type") == "LoadBalancer":
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == "NodePort"


def _with_cluster_ip(
    spec: FrozenMap, service: FrozenMap, old: FrozenMap, context: ServerContext
) -> FrozenMap:
    wanted = spec.get("clusterIP") or ""
    if not wanted:
        address = _free_address(context)
        return spec.set("clusterIP", address).set("clusterIPs", [address])
    if wanted == HEADLESS or wanted == old.at("spec", "clusterIP"):
        return spec
    if not old.at("spec", "clusterIP"):
        _check_address(wanted, service, context)
    return spec


def _check_address(wanted: str, service: FrozenMap, context: ServerContext) -> None:
    try:
        address = ip_address(wanted)
    except ValueError:
        return  # Validation names this in its own words.
    if not isinstance(address, IPv4Address) or not (
        _FIRST_ADDRESS <= int(address) < _FIRST_ADDRESS + _ADDRESS_COUNT
    ):
        why = "the provided network does not match the current range"
    elif any(context.storage.by_index(BUCKET, "clusterIP", wanted)):
        why = "provided IP is already allocated"
    else:
        return
    why = f"failed to allocate IP {wanted}: {why}"
    raise _invalid(service, "spec.clusterIPs", (wanted,), why)


def _free_address(context: ServerContext) -> str:
    upper = _ADDRESS_COUNT - SERVICE_IP_STATIC_COUNT
    start = context.choices.choose(upper, "service-ip")
    for step in range(_ADDRESS_COUNT):
        offset = _offset(step, start, upper, SERVICE_IP_STATIC_COUNT)
        address = str(IPv4Address(_FIRST_ADDRESS + offset))
        if not any(context.storage.by_index(BUCKET, "clusterIP", address)):
            return address
    raise ApiError(500, "InternalError", "failed to allocate a serviceIP: range is full")


def _offset(step: int, start: int, upper: int, static: int) -> int:
    """The place to try at `step`: round the upper band from `start`, then the static one."""
    return static + (start + step) % upper if step < upper else step - upper


def _with_node_ports(
    spec: FrozenMap, service: FrozenMap, old: FrozenMap, context: ServerContext
) -> FrozenMap:
    held = {port.get("nodePort") for port in old.at("spec", "ports", default=EMPTY_LIST)}
    used: dict[int, set[str]] = {}
    ports: list[FrozenMap] = []
    for position, port in enumerate(spec.get("ports") or EMPTY_LIST):
        number, protocol = port.get("nodePort") or 0, port.get("protocol") or "TCP"
        # One number may serve several protocols of one service.
        shared = number in used and protocol not in used[number]
        if not number:
            # Only a new service shares a number between protocols by itself.
            number = 0 if old else _shared_node_port(ports, port)
            number = number or _free_node_port(context, used)
        elif number not in held and not shared:
            path = f"spec.ports[{position}].nodePort"
            _check_node_port(number, number in used, path, service, context)
        elif protocol in used.get(number, ()) and old:
            why = f"duplicate nodePort: {{{protocol} {number}}}"
            raise ApiError(500, "", why)
        used.setdefault(number, set()).add(protocol)
        ports.append(port.set("nodePort", number))
    if ports:
        spec = spec.set("ports", ports)
    return _with_health_port(spec, context, used)


def _with_health_port(
    spec: FrozenMap, context: ServerContext, used: dict[int, set[str]]
) -> FrozenMap:
    local = spec.get("externalTrafficPolicy") == "Local"
    if spec.get("type") != "LoadBalancer" or not local or spec.get("healthCheckNodePort"):
        return spec
    return spec.set("healthCheckNodePort", _free_node_port(context, used))


def _shared_node_port(ports: list[FrozenMap], port: FrozenMap) -> int:
    """The node port of the same port number under another protocol, or 0."""
    for other in ports:
        same = other.get("port") == port.get("port")
        if same and other.get("protocol") != port.get("protocol"):
            return int(other["nodePort"])
    return 0


def _check_node_port(
    number: int, repeated: bool, path: str, service: FrozenMap, context: ServerContext
) -> None:
    if not NODE_PORT_FIRST <= number <= _PORT_LAST:
        why = (
            "provided port is not in the valid range. "
            f"The range of valid ports is {NODE_PORT_FIRST}-{_PORT_LAST}"
        )
        raise _invalid(service, path, number, why)
    if repeated or any(context.storage.by_index(BUCKET, "nodePort", str(number))):
        raise _invalid(service, path, number, "provided port is already allocated")


def _free_node_port(context: ServerContext, used: dict[int, set[str]]) -> int:
    upper = NODE_PORT_COUNT - NODE_PORT_STATIC_COUNT
    start = context.choices.choose(upper, "node-port")
    for step in range(NODE_PORT_COUNT):
        number = NODE_PORT_FIRST + _offset(step, start, upper, NODE_PORT_STATIC_COUNT)
        taken = any(context.storage.by_index(BUCKET, "nodePort", str(number)))
        if not taken and number not in used:
            return number
    raise ApiError(500, "InternalError", "failed to allocate a nodePort: range is full")


def _invalid(service: FrozenMap, path: str, value: Any, why: str) -> ApiError:
    return refused(_name(service), path, value, why)


def _name(service: FrozenMap) -> str:
    """The name, which only validation asks for: it comes after allocation, as upstream."""
    return service.at("metadata", "name", default="")  # type: ignore[no-any-return]


SERVICE: Final = Hooks(at_birth=born_service, at_update=updated_service)
