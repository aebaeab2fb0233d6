"""What the server itself does to metadata, whatever the kind.

Pure functions on values: wiping and filling at birth, carrying over at an update.
"""

from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze

_WIPED_AT_BIRTH: Final = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
_WIPED_AT_UPDATE: Final = frozenset(
    {"creationTimestamp", "generation", "resourceVersion", "selfLink"}
)


def born_metadata(metadata: FrozenMap, name: str, namespace: str) -> dict[str, object]:
    """Metadata of a new object without what only the server sets; still to be filled."""
    fields = {key: value for key, value in metadata.items() if key not in _WIPED_AT_BIRTH}
    if name:
        fields["name"] = name
    if namespace:
        fields["namespace"] = namespace
    else:
        fields.pop("namespace", None)
    return fields


def carried_metadata(new: FrozenMap, old: FrozenMap) -> FrozenMap:
    """Metadata of an updated object: the server's own fields stay as they were. O(width)."""
    if new is old:
        return old
    fields = {key: value for key, value in new.items() if key not in _WIPED_AT_UPDATE}
    for key in ("creationTimestamp", "generation", "resourceVersion", "uid"):
        kept = old.get(key)
        if kept is not None and key not in fields:
            fields[key] = kept
    if old.get("deletionTimestamp") is not None:
        fields["deletionTimestamp"] = old["deletionTimestamp"]
    if old.get("deletionGracePeriodSeconds") is not None:
        fields.setdefault("deletionGracePeriodSeconds", old["deletionGracePeriodSeconds"])
    carried: FrozenMap = freeze(fields)
    return old if carried == old else carried


def status_metadata(new: FrozenMap, old: FrozenMap, keeps: tuple[str, ...]) -> FrozenMap:
    """Metadata of a status update that takes everything but `keeps` from the new object."""
    if new is old:
        return old
    for key in keeps:
        kept = old.get(key)
        new = new.remove(key) if kept is None else new.set(key, kept)
    return new


def with_owners_of(metadata: FrozenMap, obj: FrozenMap) -> FrozenMap:
    """`metadata` with the field owners of `obj`: a write changes those whatever else it may."""
    entries = metadata_of(obj).get("managedFields")
    if entries is metadata.get("managedFields"):
        return metadata
    if entries is None:
        return metadata.remove("managedFields")
    return metadata.set("managedFields", entries)


def deduplicated_owners(obj: FrozenMap) -> tuple[FrozenMap, tuple[str, ...]]:
    """Drop repeated owner references; returns the uids met more than once."""
    references = obj.at("metadata", "ownerReferences", default=EMPTY_LIST)
    if len(references) < 2:
        return obj, ()
    kept: list[FrozenMap] = []
    repeated: list[str] = []
    for reference in references:
        if reference in kept:
            uid = reference.get("uid") or ""
            if uid not in repeated:
                repeated.append(uid)
        else:
            kept.append(reference)
    if not repeated:
        return obj, ()
    return obj.set(("metadata", "ownerReferences"), kept), tuple(repeated)


def duplicate_owner_warning(uids: tuple[str, ...]) -> str:
    """Upstream's warning about repeated owner references."""
    return (
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references "
        "in 1.20+, and may reject such requests as early as 1.24; please fix your requests; "
        f"duplicate UID(s) observed: {', '.join(uids)}"
    )


def metadata_of(obj: FrozenMap) -> FrozenMap:
    """The metadata of an object as sent, which may lack it."""
    metadata = obj.get("metadata")
    return metadata if isinstance(metadata, FrozenMap) else EMPTY_MAP
