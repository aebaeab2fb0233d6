"""Endpoint slices: their labels say which service they serve, so those count as content."""

from typing import Final

from kcore.apiserver.strategy.base import Hooks, content_changed
from kcore.machinery.frozen import FrozenMap


def _bumps(new: FrozenMap, old: FrozenMap) -> bool:
    labels, before = new["metadata"].get("labels"), old["metadata"].get("labels")
    return labels != before or content_changed(new, old)


ENDPOINT_SLICE: Final = Hooks(bumps_generation=_bumps)
