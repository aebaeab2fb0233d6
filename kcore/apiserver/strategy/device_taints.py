"""Taints of devices get the time of the write that brings them."""

from functools import partial
from typing import Final

from kcore.api.resource_v1.device_taints import (
    DEVICE_TAINT_RULE,
    RESOURCE_SLICE,
    fill_taint_times,
)
from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.machinery.frozen import FrozenMap


def _at_birth(obj: FrozenMap, context: ServerContext, *, kind: str) -> FrozenMap:
    return fill_taint_times(obj, kind, context.now_text())


def _at_update(new: FrozenMap, _old: FrozenMap, context: ServerContext, *, kind: str) -> FrozenMap:
    return fill_taint_times(new, kind, context.now_text())


def _hooks(kind: str) -> Hooks:
    return Hooks(at_birth=partial(_at_birth, kind=kind), at_update=partial(_at_update, kind=kind))


DEVICE_TAINT_RULES: Final = _hooks(DEVICE_TAINT_RULE)
RESOURCE_SLICES: Final = _hooks(RESOURCE_SLICE)
