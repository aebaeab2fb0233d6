"""Defaults of EndpointSlice."""

from kcore.api.filling import fill, map_items
from kcore.machinery.frozen import FrozenMap


def default_endpoint_slice(endpoint_slice: FrozenMap) -> FrozenMap:
    """Ports have the empty name and TCP."""
    return map_items(
        endpoint_slice, "ports", lambda port: fill(port, {"name": "", "protocol": "TCP"})
    )
