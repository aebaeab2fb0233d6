"""Who controls whom: reading the controller reference, adopting strays, releasing strangers.

An object belongs to the one owner whose reference has `controller: true`, by uid. An owner with a
selector also *adopts* matching objects nobody controls and *releases* its own that no longer
match; both are patches with the object's uid as precondition, so that they never hit a namesake.

Before adopting, the owner is read from the API rather than from the cache: an owner that is being
deleted must not take back what the garbage collector has just orphaned.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kcore.client.client import Client
from kcore.errors import ApiError, KcoreError
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.labels import Selector
from kcore.machinery.meta import controller_of
from kcore.machinery.request import STRATEGIC_MERGE_PATCH


class AdoptionRefusedError(KcoreError):
    """The owner is not (or no longer) what the cache says; adopting must wait."""


def controller_uid(obj: FrozenMap) -> str:
    """The uid of the owner that controls `obj`, or the empty string."""
    reference = controller_of(obj)
    return "" if reference is None else reference.get("uid") or ""


def controller_reference(owner: FrozenMap) -> FrozenMap:
    """A reference to `owner` that says it controls, and blocks foreground deletion of, others."""
    reference: FrozenMap = freeze(
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    )
    return reference


@dataclass(frozen=True, slots=True)
class Claims:
    """What one owner may do about candidates: everything that differs per kind."""

    client: Client
    owner: FrozenMap
    owner_resource: str
    resource: str
    selector: Selector

    def claim(self, candidates: Iterable[FrozenMap]) -> list[FrozenMap]:
        """Adopt, release and return those that are the owner's. O(candidates).

        Raises:
            ApiError: a patch was refused for another reason than that the object is gone.
            AdoptionRefusedError: the owner is going or was replaced.
        """
        gate = _AdoptionGate(self)
        return [obj for obj in candidates if self._claim_one(obj, gate.check)]

    def _claim_one(self, obj: FrozenMap, check_owner: Callable[[], None]) -> bool:
        matches = self.selector.matches(obj.at("metadata", "labels"))
        going = self.owner.at("metadata", "deletionTimestamp") is not None
        reference = controller_of(obj)
        if reference is not None:
            if reference.get("uid") != self.owner["metadata"]["uid"]:
                return False
            if not matches and not going:
                self._release(obj)
            return matches
        if going or not matches or obj.at("metadata", "deletionTimestamp") is not None:
            return False
        check_owner()
        return self._adopt(obj)

    def _adopt(self, obj: FrozenMap) -> bool:
        reference = controller_reference(self.owner)
        metadata = {"ownerReferences": [reference], "uid": obj["metadata"]["uid"]}
        return self._patch(obj, {"metadata": metadata}, forgiven=(404,))

    def _release(self, obj: FrozenMap) -> None:
        gone = {"$patch": "delete", "uid": self.owner["metadata"]["uid"]}
        metadata = {"ownerReferences": [gone], "uid": obj["metadata"]["uid"]}
        # 422: the object has no owners at all by now, or is a namesake with another uid.
        self._patch(obj, {"metadata": metadata}, forgiven=(404, 422))

    def _patch(self, obj: FrozenMap, patch: object, forgiven: tuple[int, ...]) -> bool:
        metadata = obj["metadata"]
        try:
            self.client.patch(
                self.resource,
                metadata["name"],
                patch,
                metadata.get("namespace") or "",
                patch_type=STRATEGIC_MERGE_PATCH,
            )
        except ApiError as error:
            if error.code not in forgiven:
                raise
            return False
        return True


class _AdoptionGate:
    """Asks the API about the owner once, before the first adoption of a reconcile."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._checked = False

    def check(self) -> None:
        """Raise unless the owner is the same object and is not being deleted."""
        if self._checked:
            return
        claims, metadata = self._claims, self._claims.owner["metadata"]
        where, uid = metadata.get("namespace") or "", metadata["uid"]
        fresh = claims.client.get(claims.owner_resource, metadata["name"], where)
        path = f"{where}/{metadata['name']}"
        if fresh["metadata"]["uid"] != uid:
            raise AdoptionRefusedError(
                f"original {claims.owner['kind']} {path} is gone: "
                f"got uid {fresh['metadata']['uid']}, wanted {uid}"
            )
        if fresh.at("metadata", "deletionTimestamp") is not None:
            when = fresh["metadata"]["deletionTimestamp"]
            raise AdoptionRefusedError(f"{path} has just been deleted at {when}")
        self._checked = True


class Strays:
    """Which objects of one resource nobody controls, kept by an informer's handler.

    An owner looks its own objects up by index; strays it might adopt have no owner to be indexed
    under. There are few of them, so remembering their names keeps a reconcile O(own objects).
    """

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}

    def see(self, obj: FrozenMap) -> None:
        """An object was added or changed. O(owners)."""
        if controller_of(obj) is None:
            metadata = obj["metadata"]
            self._names.setdefault(metadata["namespace"], {})[metadata["name"]] = None
        else:
            self.gone(obj)

    def gone(self, obj: FrozenMap) -> None:
        """An object is controlled now, or deleted."""
        metadata = obj["metadata"]
        names = self._names.get(metadata["namespace"])
        if names is not None:
            names.pop(metadata["name"], None)

    def names(self, namespace: str) -> tuple[str, ...]:
        """Names of strays in `namespace`, in the order in which they were first seen."""
        return tuple(self._names.get(namespace, ()))

    def clear(self) -> None:
        """Forget everything."""
        self._names = {}

    def fork(self, memo: object) -> "Strays":
        """An independent copy. O(strays)."""
        twin = type(self)()
        twin._names = {namespace: dict(names) for namespace, names in self._names.items()}
        return twin
