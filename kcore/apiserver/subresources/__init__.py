"""Subresource name to handler. A handler answers for all verbs its subresource takes."""

from collections.abc import Callable, Mapping
from typing import Final

from kcore.apiserver.registry import Registry
from kcore.apiserver.subresources.binding import bind
from kcore.apiserver.subresources.eviction import evict
from kcore.apiserver.subresources.finalize import finalize
from kcore.apiserver.subresources.scale import scale
from kcore.apiserver.subresources.status import status
from kcore.machinery.request import Request, Response

Handler = Callable[[Registry, Request], Response]

HANDLERS: Final[Mapping[str, Handler]] = {
    "binding": bind,
    "eviction": evict,
    "finalize": finalize,
    "scale": scale,
    "status": status,
}
"""What is modelled; the server raises NotModelledError for others that the resource lists."""
