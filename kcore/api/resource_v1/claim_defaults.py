"""Defaults of ResourceClaim and ResourceClaimTemplate: how many devices a request means."""

from kcore.api.filling import fill_empty, map_child, map_items
from kcore.machinery.frozen import FrozenMap


def default_claim(claim: FrozenMap) -> FrozenMap:
    """Exactly one device."""
    return map_child(claim, "spec", _spec)


def default_claim_template(template: FrozenMap) -> FrozenMap:
    """The defaults of the claim it makes."""
    return map_child(template, "spec", lambda spec: map_child(spec, "spec", _spec))


def _spec(spec: FrozenMap) -> FrozenMap:
    return map_child(spec, "devices", lambda devices: map_items(devices, "requests", _request))


def _request(request: FrozenMap) -> FrozenMap:
    request = map_child(request, "exactly", _exactly)
    return map_items(request, "firstAvailable", _exactly)


def _exactly(request: FrozenMap) -> FrozenMap:
    request = fill_empty(request, {"allocationMode": "ExactCount"})
    request = map_items(request, "tolerations", lambda t: fill_empty(t, {"operator": "Equal"}))
    if request["allocationMode"] == "ExactCount" and not request.get("count"):
        request = request.set("count", 1)
    return request
