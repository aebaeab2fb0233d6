"""The owner graph seen through caches: dependents by uid, owners by reference.

Looking an owner's dependents up asks the `owner` index of every resource that has ever had an
object with owners: half a dozen in practice, whatever the size of the cluster.
"""

from collections.abc import Sequence
from typing import Self

from kcore.client.client import Client
from kcore.client.informer import Informer
from kcore.controllers.garbage_collector.graph import references
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.scheme import ResourceInfo


class Edges:
    """Both directions of the owner graph."""

    def __init__(self, client: Client, informers: Sequence[tuple[str, Informer]]) -> None:
        self._client = client
        self._informers = dict(informers)
        self._owned: dict[str, None] = {}

    def see(self, resource: str, obj: FrozenMap) -> None:
        """Note that objects of this resource can have owners."""
        if references(obj):
            self._owned[resource] = None

    def dependents(self, uid: str) -> list[tuple[str, FrozenMap]]:
        """Every object, with its resource, that names this owner. O(own dependents)."""
        return [
            (resource, obj)
            for resource in self._owned
            if self._informers[resource].has_synced
            for obj in self._informers[resource].lister.by_index("owner", uid)
        ]

    def resource_of(self, reference: FrozenMap) -> ResourceInfo | None:
        """The resource that a reference names; None when the server has no such kind."""
        group = (reference.get("apiVersion") or "").rpartition("/")[0]
        word = (reference.get("kind") or "").lower()
        try:
            info = self._client.resource_info(f"{word}.{group}" if group else word)
        except ApiError:
            return None
        return info if info.gvk.group == group else None

    def cached_owner(self, reference: FrozenMap, namespace: str) -> FrozenMap | None:
        """The owner as the cache shows it. The cache may lag: only a hint."""
        info = self.resource_of(reference)
        informer = None if info is None else self._informers.get(str(info.group_resource))
        if info is None or informer is None or not informer.has_synced:
            return None
        where = namespace if info.namespaced else ""
        owner = informer.lister.get(where, reference.get("name") or "")
        if owner is None or owner["metadata"].get("uid") != reference.get("uid"):
            return None
        return owner

    def namespaces_of(self, reference: FrozenMap) -> list[str]:
        """Namespaces where an object with the reference's kind, name and uid lives."""
        info = self.resource_of(reference)
        informer = None if info is None else self._informers.get(str(info.group_resource))
        if info is None or informer is None or not info.namespaced:
            return []
        name, uid = reference.get("name") or "", reference.get("uid")
        every = self._informers["namespaces"].lister.list()
        namespaces = (namespace["metadata"]["name"] for namespace in every)
        return [
            namespace
            for namespace in namespaces
            if (found := informer.lister.get(namespace, name)) is not None
            and found["metadata"].get("uid") == uid
        ]

    def restart(self) -> None:
        """Forget what was seen; the informers list again."""
        self._owned = {}

    def fork(self, memo: ForkMemo) -> Self:
        """The same edges over the forked caches."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._client = memo(self._client)
        twin._owned = dict(self._owned)
        twin._informers = {name: memo(informer) for name, informer in self._informers.items()}
        return twin
