"""What a claim's volume is filled from: an older and a newer field that mean the same.

Pure functions on specs, for the server to apply before it checks a claim.
"""

from typing import Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

_OLD: Final = "dataSource"
_NEW: Final = "dataSourceRef"
_NAMES: Final = ("apiGroup", "kind", "name")
# What the older field may refer to; anything else is dropped from it.
_KNOWN: Final = (
    ("", "PersistentVolumeClaim"),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"),
)


def normalised_sources(spec: FrozenMap, old: FrozenMap | None = None) -> FrozenMap:
    """The spec with both fields set, or neither. O(1).

    Args:
        spec: of the claim to be written.
        old: of the claim as it is stored; None for a new one.
    """
    before = old or EMPTY_MAP
    reference = spec.get(_NEW)
    if reference is not None and reference.get("namespace") and not _crosses(before):
        spec, reference = spec.remove((_NEW,)), None
    if reference is None and not _has_source(before) and not _is_known(spec.get(_OLD)):
        spec = spec.remove((_OLD,)) if _OLD in spec else spec
    return with_both_sources(spec)


def with_both_sources(spec: FrozenMap) -> FrozenMap:
    """The field that is not set, set like the other one."""
    source, reference = spec.get(_OLD), spec.get(_NEW)
    if source is not None and reference is None:
        return spec.set(_NEW, _common(source))
    if reference is not None and source is None and not reference.get("namespace"):
        return spec.set(_OLD, _common(reference))
    return spec


def _common(source: FrozenMap) -> FrozenMap:
    result: FrozenMap = freeze({name: source[name] for name in _NAMES if name in source})
    return result


def _is_known(source: FrozenMap | None) -> bool:
    if source is None:
        return False
    return (source.get("apiGroup") or "", source.get("kind") or "") in _KNOWN


def _has_source(spec: FrozenMap) -> bool:
    return spec.get(_OLD) is not None or spec.get(_NEW) is not None


def _crosses(spec: FrozenMap) -> bool:
    return bool((spec.get(_NEW) or EMPTY_MAP).get("namespace"))
