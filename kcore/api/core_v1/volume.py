"""Volume sources: defaults of modes, expirations and the lesser drivers."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from kcore.api.core_v1.container import default_field_ref
from kcore.api.core_v1.image_name import default_pull_policy
from kcore.api.filling import fill, fill_empty, map_child, map_items, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

FILE_MODE: Final = 0o644
TOKEN_EXPIRATION_S: Final = 3600

# Defaults of sources that count an empty text as unset.
_TEXTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}
# Defaults of sources whose fields are pointers.
_POINTERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "secret": {"defaultMode": FILE_MODE},
    "configMap": {"defaultMode": FILE_MODE},
    "downwardAPI": {"defaultMode": FILE_MODE},
    "projected": {"defaultMode": FILE_MODE},
    "hostPath": {"type": ""},
    "azureDisk": {
        "cachingMode": "ReadWrite",
        "kind": "Shared",
        "fsType": "ext4",
        "readOnly": False,
    },
}


def default_volume(volume: FrozenMap) -> FrozenMap:
    """A volume without any source is an emptyDir."""
    if len(volume) == 1 and "name" in volume:
        return volume.set("emptyDir", EMPTY_MAP)
    volume = default_source(volume)
    volume = map_child(volume, "downwardAPI", _default_downward)
    volume = map_child(volume, "projected", _default_projected)
    volume = map_child(volume, "ephemeral", _default_ephemeral)
    return map_child(volume, "image", _default_image)


def default_source(volume: FrozenMap) -> FrozenMap:
    """Defaults that volumes and persistent volumes share."""
    for name in volume:
        if name in _TEXTS:
            volume = map_child(volume, name, partial(fill_empty, defaults=_TEXTS[name]))
        elif name in _POINTERS:
            volume = map_child(volume, name, partial(fill, defaults=_POINTERS[name]))
    return volume


def _default_downward(source: FrozenMap) -> FrozenMap:
    return map_items(source, "items", lambda item: map_child(item, "fieldRef", default_field_ref))


def _default_projected(source: FrozenMap) -> FrozenMap:
    return map_items(source, "sources", _default_projection)


def _default_projection(projection: FrozenMap) -> FrozenMap:
    projection = map_child(projection, "downwardAPI", _default_downward)
    return map_child(
        projection,
        "serviceAccountToken",
        lambda token: fill(token, {"expirationSeconds": TOKEN_EXPIRATION_S}),
    )


def _default_ephemeral(source: FrozenMap) -> FrozenMap:
    return map_child(
        source,
        "volumeClaimTemplate",
        lambda template: map_child(template, "spec", default_claim_spec),
    )


def default_claim_spec(spec: FrozenMap) -> FrozenMap:
    """A claim is for a file system."""
    return fill(spec, {"volumeMode": "Filesystem"})


def _default_image(source: FrozenMap) -> FrozenMap:
    policy = default_pull_policy(source.get("reference") or "")
    return source if source.get("pullPolicy") else with_fields(source, {"pullPolicy": policy})
