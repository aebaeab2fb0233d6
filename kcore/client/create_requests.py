"""The requests by which one actor creates built-in kinds with the usual options."""

from typing import Final

from kcore.machinery.frozen import FrozenMap, Path
from kcore.machinery.request import Request, WriteOptions
from kcore.machinery.scheme import ResourceInfo, Scheme

_API_VERSION: Final = Path("apiVersion")
_KIND: Final = Path("kind")
_NAME: Final = Path("metadata", "name")
_NAMESPACE: Final = Path("metadata", "namespace")


class CreateRequests:
    """Makes them, and remembers the latest.

    Controllers, load generators and tests create one body again and again; requests are immutable,
    so the same one serves. O(1).
    """

    __slots__ = ("_actor", "_body", "_namespace", "_options", "_request", "_scheme")

    def __init__(self, scheme: Scheme, actor: str, options: WriteOptions) -> None:
        self._scheme = scheme
        self._actor = actor
        self._options = options
        self._body: FrozenMap | None = None
        self._namespace = ""
        self._request: Request | None = None

    def request_for(self, body: FrozenMap, namespace: str) -> Request | None:
        """The request to create `body`; None where it is of no built-in kind."""
        if body is self._body and namespace == self._namespace:
            return self._request
        info = self._scheme.by_kind(_API_VERSION(body), _KIND(body))
        if info is None:
            return None
        gvk = info.gvk
        request = Request(
            verb="create",
            resource=info.resource,
            group=gvk.group,
            version=gvk.version,
            namespace=namespace_of(info, body, namespace),
            name=_NAME(body, ""),
            body=body,
            write_options=self._options,
            user=self._actor,
        )
        self._body, self._namespace, self._request = body, namespace, request
        return request


def namespace_of(info: ResourceInfo, value: FrozenMap, namespace: str) -> str:
    """Where an object belongs: where the call says, else where it says itself, else `default`."""
    if not info.namespaced:
        return ""
    return namespace or _NAMESPACE(value, "") or "default"
