"""Defaults of PersistentVolume and PersistentVolumeClaim."""

from kcore.api.core_v1.volume import default_claim_spec, default_source
from kcore.api.filling import fill, fill_empty, map_child
from kcore.machinery.frozen import FrozenMap


def default_claim(claim: FrozenMap) -> FrozenMap:
    """Pending, for a file system."""
    claim = map_child(claim, "spec", default_claim_spec)
    return map_child(claim, "status", lambda status: fill_empty(status, {"phase": "Pending"}))


def default_volume_object(volume: FrozenMap) -> FrozenMap:
    """Pending, retained, for a file system; and the defaults of its source."""
    volume = map_child(volume, "status", lambda status: fill_empty(status, {"phase": "Pending"}))
    return map_child(volume, "spec", _default_spec)


def _default_spec(spec: FrozenMap) -> FrozenMap:
    spec = fill_empty(spec, {"persistentVolumeReclaimPolicy": "Retain"})
    return default_source(fill(spec, {"volumeMode": "Filesystem"}))
