"""Columns per kind, as upstream's `Table` responses have them: one list of printers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcore.machinery.resource import GroupVersionKind
from kcore.printing.column import Printer
from kcore.printing.columns import (
    autoscaling,
    control,
    core,
    network,
    node,
    pod,
    policy,
    storage,
    workload,
)

PRINTERS: Final[Mapping[tuple[str, str], Printer]] = MappingProxyType(
    {
        **core.PRINTERS,
        **pod.PRINTERS,
        **node.PRINTERS,
        **workload.PRINTERS,
        **network.PRINTERS,
        **storage.PRINTERS,
        **policy.PRINTERS,
        **autoscaling.PRINTERS,
        **control.PRINTERS,
    }
)
"""By group and kind; every version of a kind prints the same."""

# Built-in kinds without a printer show when they were created instead of their age.
_CREATED_AT_KINDS: Final = frozenset(
    {
        ("", "LimitRange"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    }
)


def printer_for(api_version: str, kind: str) -> Printer:
    """How objects of this kind are shown; kinds nobody knows show name and age."""
    key = (GroupVersionKind.of(api_version, kind).group, kind)
    if key in _CREATED_AT_KINDS:
        return core.CREATED_AT
    return PRINTERS.get(key, core.NAME_AND_AGE)
