"""One kind in one namespace as typed views: `client.typed(Pod).create(Pod(...)) -> Pod`."""

from typing import TYPE_CHECKING, Any, Generic

from kcore.machinery.foreign_objects import object_of, value_of
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import MERGE_PATCH, DeleteOptions
from kcore.machinery.typed_view import ViewT

if TYPE_CHECKING:
    from kcore.client.client import Client


class TypedClient(Generic[ViewT]):
    """A client narrowed to the kind of a class; every object comes out as that class.

    The calls and their errors are those of `Client`.
    """

    __slots__ = ("_client", "_namespace", "_resource", "_view")

    def __init__(self, client: "Client", view: type[ViewT], namespace: str) -> None:
        info = client.resource_info(view)
        self._client = client
        self._view = view
        self._resource = str(info.group_resource)
        self._namespace = namespace if info.namespaced else ""

    def namespace(self, namespace: str) -> "TypedClient[ViewT]":
        """The same kind in another namespace; `""` lists across all of them."""
        return TypedClient(self._client, self._view, namespace)

    def get(self, name: str) -> ViewT:
        """The object, or `ApiError` 404."""
        return self._client.get(self._view, name, self._namespace)

    def list(self, label_selector: str = "", field_selector: str = "") -> tuple[ViewT, ...]:
        """Every matching object in key order."""
        return self._client.list(
            self._view,
            self._namespace,
            label_selector=label_selector,
            field_selector=field_selector,
        )

    def create(self, obj: ViewT, *, dry_run: bool = False) -> ViewT:
        """Store a new object, in its own namespace or this one; the object as stored."""
        value = value_of(obj)
        namespace = value.at("metadata", "namespace", default="") or self._namespace
        return self._read(self._client.create(value, namespace, dry_run=dry_run))

    def update(self, obj: ViewT) -> ViewT:
        """Replace an object; the object as stored."""
        return self._read(self._client.update(obj))

    def update_status(self, obj: ViewT) -> ViewT:
        """Replace the status of an object; the object as stored."""
        return self._read(self._client.update_status(obj))

    def patch(self, name: str, patch: Any, *, patch_type: str = MERGE_PATCH) -> ViewT:
        """Change an object by a patch document; the object as stored."""
        return self._read(
            self._client.patch(self._resource, name, patch, self._namespace, patch_type=patch_type)
        )

    def delete(self, name: str, options: DeleteOptions | None = None) -> FrozenMap:
        """Delete, or mark for deletion; what the server answers, object or status."""
        return self._client.delete(self._resource, name, self._namespace, options)

    def _read(self, value: FrozenMap) -> ViewT:
        return object_of(value, self._view)
