"""One resource in one namespace: `client.pods.get("web")`."""

from typing import TYPE_CHECKING, Any

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import MERGE_PATCH, DeleteOptions

if TYPE_CHECKING:
    from kcore.client.client import Client


class ResourceClient:
    """A client narrowed to one resource and a default namespace."""

    __slots__ = ("_client", "_namespace", "_resource")

    def __init__(self, client: "Client", resource: str, namespace: str) -> None:
        self._client = client
        self._resource = resource
        self._namespace = namespace

    def namespace(self, namespace: str) -> "ResourceClient":
        """The same resource in another namespace; `""` lists across all of them."""
        return ResourceClient(self._client, self._resource, namespace)

    def get(self, name: str) -> FrozenMap:
        """The object, or `ApiError` 404."""
        return self._client.get(self._resource, name, self._namespace)

    def list(self, label_selector: str = "", field_selector: str = "") -> tuple[FrozenMap, ...]:
        """Every matching object in key order."""
        return self._client.list(
            self._resource,
            self._namespace,
            label_selector=label_selector,
            field_selector=field_selector,
        )

    def create(self, obj: Any, *, dry_run: bool = False) -> FrozenMap:
        """Store a new object in this namespace."""
        return self._client.create(obj, self._namespace, dry_run=dry_run)

    def update(self, obj: Any, *, subresource: str = "") -> FrozenMap:
        """Replace an object."""
        return self._client.update(obj, subresource=subresource)

    def patch(self, name: str, patch: Any, *, patch_type: str = MERGE_PATCH) -> FrozenMap:
        """Change an object by a patch document."""
        return self._client.patch(
            self._resource, name, patch, self._namespace, patch_type=patch_type
        )

    def delete(self, name: str, options: DeleteOptions | None = None) -> FrozenMap:
        """Delete, or mark for deletion."""
        return self._client.delete(self._resource, name, self._namespace, options)

    def scale(self, name: str, replicas: int) -> FrozenMap:
        """Set `spec.replicas` through the scale subresource, as `kubectl scale`."""
        patch = {"spec": {"replicas": replicas}}
        return self._client.patch(self._resource, name, patch, self._namespace, subresource="scale")
