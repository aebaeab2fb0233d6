"""Warnings about what is served or accepted but deprecated, in upstream's words."""

from collections.abc import Callable, Mapping
from typing import Final

from kcore.machinery.frozen import FrozenMap

_DEPRECATED_RESOURCES: Final[Mapping[str, str]] = {
    "endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def _of_service(obj: FrozenMap) -> tuple[str, ...]:
    if obj.at("spec", "externalIPs"):
        return ("spec.externalIPs is deprecated and may no longer be implemented in some clusters",)
    return ()


_OF_OBJECTS: Final[Mapping[str, Callable[[FrozenMap], tuple[str, ...]]]] = {
    "services": _of_service,
}


def resource_warnings(bucket: str) -> tuple[str, ...]:
    """What every answer of a deprecated resource carries."""
    text = _DEPRECATED_RESOURCES.get(bucket)
    return () if text is None else (text,)


def object_warnings(bucket: str, obj: FrozenMap | None) -> tuple[str, ...]:
    """What a create or update of `obj` is answered with, besides unknown fields."""
    warn = _OF_OBJECTS.get(bucket)
    return () if warn is None or obj is None else warn(obj)
