"""Leases: the fields of coordinated elections, which are off by default, are not kept."""

from typing import Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

_OFF: Final = ("strategy", "preferredHolder")


def born_lease(lease: FrozenMap, context: ServerContext) -> FrozenMap:
    """Without the fields that are off."""
    return _without(lease, EMPTY_MAP)


def updated_lease(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """Without the fields that are off, unless the old one had them."""
    return _without(new, old.get("spec") or EMPTY_MAP)


def _without(lease: FrozenMap, before: FrozenMap) -> FrozenMap:
    spec = lease.get("spec") or EMPTY_MAP
    for name in _OFF:
        if spec.get(name) is not None and before.get(name) is None:
            lease = lease.remove(("spec", name))
    return lease


LEASE: Final = Hooks(at_birth=born_lease, at_update=updated_lease)
