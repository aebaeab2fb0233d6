"""Nodes in order, by name: the door to the `shelf` kernel."""

from typing import TYPE_CHECKING, TypeAlias

from kcore import _native

if TYPE_CHECKING:
    from kcore._native.reference import shelf
    from kcore.scheduler.node_info import NodeInfo

    Shelf: TypeAlias = shelf.Shelf[NodeInfo]
else:
    Shelf = _native.shelf.Shelf

__all__ = ["Shelf"]
