"""Warnings about what is served but deprecated, in upstream's words.

Those about objects are facts of their kinds (`kcore.api.warning_table`).
"""

from collections.abc import Mapping
from typing import Final

_DEPRECATED_RESOURCES: Final[Mapping[str, str]] = {
    "endpoints": "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
}


def resource_warnings(bucket: str) -> tuple[str, ...]:
    """What every answer of a deprecated resource carries, refusals too."""
    text = _DEPRECATED_RESOURCES.get(bucket)
    return () if text is None else (text,)
