"""The requests by which one actor creates: what they have in common is worked out once."""

from typing import Final, NamedTuple

from kcore.machinery.frozen import FrozenMap, Path
from kcore.machinery.request import Request, WriteOptions
from kcore.machinery.scheme import Scheme

_API_VERSION: Final = Path("apiVersion")
_KIND: Final = Path("kind")
_NAME: Final = Path("metadata", "name")
_NAMESPACE: Final = Path("metadata", "namespace")


class _Ends(NamedTuple):
    """The fields of a create's request in front of its namespace and behind its body."""

    head: tuple[object, ...]
    tail: tuple[object, ...]
    is_namespaced: bool


class CreateRequests:
    """Makes the requests for creates of built-in kinds with the usual options.

    The latest body is remembered with its request, since controllers, load generators and tests
    create one body again and again: requests are immutable, so the same one serves. O(1).
    """

    __slots__ = ("_actor", "_body", "_ends", "_namespace", "_options", "_request", "_scheme")

    def __init__(self, scheme: Scheme, actor: str, options: WriteOptions) -> None:
        self._scheme = scheme
        self._actor = actor
        self._options = options
        self._ends: dict[tuple[str, str], _Ends] = {}
        self._body: FrozenMap | None = None
        self._namespace = ""
        self._request: Request | None = None

    def request_for(self, body: FrozenMap, namespace: str) -> Request | None:
        """The request to create `body`; None where it is of no built-in kind."""
        if body is self._body and namespace == self._namespace:
            return self._request
        kind = _API_VERSION(body), _KIND(body)
        ends = self._ends.get(kind) or self._ends_of(kind)
        if ends is None:
            return None
        head, tail, is_namespaced = ends
        place = (namespace or _NAMESPACE(body, "") or "default") if is_namespaced else ""
        # As `Request(...)`, which passes everything through another call.
        request: Request = tuple.__new__(Request, (*head, place, _NAME(body, ""), "", body, *tail))
        self._body, self._namespace, self._request = body, namespace, request
        return request

    def _ends_of(self, kind: tuple[str, str]) -> _Ends | None:
        info = self._scheme.by_kind(*kind)
        if info is None:
            return None
        gvk = info.gvk
        blank = Request(
            verb="create",
            resource=info.resource,
            group=gvk.group,
            version=gvk.version,
            write_options=self._options,
            user=self._actor,
        )
        fields = Request._fields
        head, tail = blank[: fields.index("namespace")], blank[fields.index("body") + 1 :]
        ends = self._ends[kind] = _Ends(head, tail, info.namespaced)
        return ends
