"""Pure: what an object's owner references ask for.

The owner graph is not stored. Its edges are the owner references, its reverse edges the store's
`owner` index, which every cache view carries: so the graph costs no memory, forks with the world
and cannot disagree with the objects. What is left are rules about one object and its owners:

* *solid* owner: it lives. The object stays; references to others that do not are removed.
* *dangling*: there is no such object (by uid). With no solid owner left, the object is deleted.
* *waiting*: it is being deleted in the foreground and waits for its dependents. With no solid owner
  left, the object is deleted, in the foreground too when it has dependents of its own.

Worked example: a Deployment is deleted in the foreground. It gets a deletion timestamp and the
finalizer `foregroundDeletion`. Its ReplicaSet now has only a waiting owner and dependents of its
own, so it is deleted in the foreground; its pods have none and are deleted. When the last pod is
gone, the ReplicaSet has no blocking dependents, loses its finalizer and is gone; then the
Deployment.

Upstream: pkg/controller/garbagecollector/{garbagecollector,graph,graph_builder}.go.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.request import PropagationPolicy

FOREGROUND: Final = "foregroundDeletion"
ORPHAN: Final = "orphan"


class Owner(Enum):
    """What became of an owner."""

    SOLID = "solid"
    DANGLING = "dangling"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about an object: forget some owners, or delete it, or nothing."""

    forget: tuple[str, ...] = ()
    delete: PropagationPolicy | None = None
    unblock: bool = False
    """The object is part of a cycle of waiting owners: its references must stop blocking."""


def references(obj: FrozenMap) -> Sequence[FrozenMap]:
    """`metadata.ownerReferences`."""
    found: Sequence[FrozenMap] = obj["metadata"].get("ownerReferences") or EMPTY_LIST
    return found


def has_finalizer(obj: FrozenMap, finalizer: str) -> bool:
    """Whether the finalizer holds the object."""
    return finalizer in (obj["metadata"].get("finalizers") or EMPTY_LIST)


def is_being_deleted(obj: FrozenMap) -> bool:
    """Whether it has a deletion timestamp."""
    return obj["metadata"].get("deletionTimestamp") is not None


def waits_for_dependents(obj: FrozenMap) -> bool:
    """Whether it is being deleted in the foreground."""
    return is_being_deleted(obj) and has_finalizer(obj, FOREGROUND)


def starts_deletion_with(old: FrozenMap | None, new: FrozenMap, finalizer: str) -> bool:
    """Whether this change begins a deletion that the finalizer holds up."""
    if not (is_being_deleted(new) and has_finalizer(new, finalizer)):
        return False
    return old is None or not (is_being_deleted(old) and has_finalizer(old, finalizer))


def blocks(dependent: FrozenMap, owner_uid: str) -> bool:
    """Whether the dependent holds up the foreground deletion of this owner."""
    return any(
        reference.get("uid") == owner_uid and bool(reference.get("blockOwnerDeletion"))
        for reference in references(dependent)
    )


def unblocked_owners(old: FrozenMap, new: FrozenMap) -> list[FrozenMap]:
    """Owners that the object was blocking and blocks no longer."""
    return [
        reference
        for reference in references(old)
        if reference.get("blockOwnerDeletion") and not blocks(new, reference.get("uid") or "")
    ]


def classify(owner: FrozenMap | None, uid: str) -> Owner:
    """What became of an owner, given what is live under its name."""
    if owner is None or owner["metadata"].get("uid") != uid:
        return Owner.DANGLING
    return Owner.WAITING if waits_for_dependents(owner) else Owner.SOLID


def judge(
    obj: FrozenMap,
    owners: Iterable[tuple[str, Owner]],
    dependents: Callable[[], Sequence[FrozenMap]],
) -> Verdict:
    """Decide about an object from its owners (uid and state). `dependents` is asked if needed."""
    found = list(owners)
    if not found:
        return Verdict()
    gone = tuple(uid for uid, state in found if state is not Owner.SOLID)
    if len(gone) < len(found):
        return Verdict(forget=gone)
    if any(state is Owner.WAITING for _, state in found):
        own = dependents()
        if own:
            return Verdict(delete="Foreground", unblock=any(map(waits_for_dependents, own)))
    return Verdict(delete=_policy(obj))


def _policy(obj: FrozenMap) -> PropagationPolicy:
    """What the object's finalizers ask for; background otherwise."""
    if has_finalizer(obj, ORPHAN):
        return "Orphan"
    return "Foreground" if has_finalizer(obj, FOREGROUND) else "Background"


def without_owners(obj: FrozenMap, uids: Sequence[str]) -> dict[str, Any]:
    """A merge patch that removes references, if the object is still the same state."""
    kept = [entry for entry in references(obj) if entry.get("uid") not in uids]
    return _patch(obj, "ownerReferences", kept or None)


def without_finalizer(obj: FrozenMap, finalizer: str) -> dict[str, Any]:
    """A merge patch that removes a finalizer, if the object is still the same state."""
    present = obj["metadata"].get("finalizers") or EMPTY_LIST
    kept = [name for name in present if name != finalizer]
    return _patch(obj, "finalizers", kept or None)


def without_blocking(obj: FrozenMap) -> dict[str, Any]:
    """A merge patch after which no reference blocks its owner's deletion."""
    entries = [
        entry.set(("blockOwnerDeletion",), False) if entry.get("blockOwnerDeletion") else entry
        for entry in references(obj)
    ]
    return _patch(obj, "ownerReferences", entries)


def _patch(obj: FrozenMap, field: str, value: Any) -> dict[str, Any]:
    metadata = obj["metadata"]
    precondition = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    return {"metadata": {**precondition, field: value}}
