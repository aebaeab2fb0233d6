"""Field owners between a resource and its scale, which shows one field of it under another name."""

from kcore.machinery.apply.field_path import Path
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.ownership import Managed, Owned

SCALE_VERSION = "autoscaling/v1"
REPLICAS: Path = ("spec", "replicas")
_REPLICAS_SET = FieldSet.of(REPLICAS)


def owners_of_scale(parent: Managed, version: str) -> Managed:
    """The owners of the replicas in `version` of the resource, as owners in its scale."""
    owners = {
        manager: Owned(_REPLICAS_SET, SCALE_VERSION, owned.applied)
        for manager, owned in parent.owners.items()
        if owned.api_version == version and REPLICAS in owned.fields
    }
    return Managed(owners, {manager: parent.times.get(manager) for manager in owners})


def owners_of_parent(parent: Managed, scale: Managed, version: str) -> Managed:
    """The owners of the resource after its scale got these: who lost the replicas there, did here.

    New owners have no time, as upstream's.
    """
    owners = {}
    scaled = dict(scale.owners)
    for manager, owned in parent.owners.items():
        if owned.api_version != version:
            continue
        if REPLICAS not in owned.fields or scaled.pop(manager, None) is not None:
            owners[manager] = owned
            continue
        fields = owned.fields.difference(_REPLICAS_SET)
        if fields:
            owners[manager] = Owned(fields, version, owned.applied)
    for manager, owned in scaled.items():
        if REPLICAS in owned.fields:
            owners[manager] = Owned(_REPLICAS_SET, version, owned.applied)
    return Managed(owners, {manager: parent.times.get(manager) for manager in owners})
