"""The calls by which one actor reads and writes built-in kinds with the usual options."""

from typing import Any, Final

from kcore.client.prepared_call import PreparedCall
from kcore.client.transport import Transport
from kcore.machinery.frozen import FrozenMap, Path
from kcore.machinery.request import Line, Request, Response, Verb, WriteOptions
from kcore.machinery.scheme import ResourceInfo, Scheme
from kcore.records import changed

_API_VERSION: Final = Path("apiVersion")
_KIND: Final = Path("kind")
_NAME: Final = Path("metadata", "name")
_NAMESPACE: Final = Path("metadata", "namespace")

_NOTHING: Final = object()
_WRITING: Final = frozenset({"create", "update", "patch"})
"""Verbs that have write options."""

_Known = tuple[PreparedCall, ResourceInfo]


class PreparedCalls:
    """One call for each kind and verb, made when it is first wanted; and the latest create.

    Controllers, load generators and tests create one body again and again; requests are immutable,
    so the same one serves. O(1).
    """

    __slots__ = (
        "_actor",
        "_of_kinds",
        "_of_resources",
        "_options",
        "_scheme",
        "_transport",
        "body",
        "line",
        "namespace",
        "request",
    )

    line: Line
    request: Request

    def __init__(
        self, transport: Transport, scheme: Scheme, actor: str, options: WriteOptions
    ) -> None:
        self._transport = transport
        self._scheme = scheme
        self._actor = actor
        self._options = options
        self._of_kinds: dict[tuple[Verb, Any, Any, str], _Known] = {}
        self._of_resources: dict[tuple[Verb, str, str], PreparedCall] = {}
        # What was created last, and in which namespace as the caller says; once there is a body,
        # also the request that it became, and its line.
        self.body: object = _NOTHING
        self.namespace = ""

    def create(self, body: FrozenMap, namespace: str) -> Response | None:
        """Create `body`; None where it is of no built-in kind."""
        known = self.of_kind("create", body)
        if known is None:
            return None
        call, info = known
        request = changed(
            call.request,
            namespace=namespace_of(info, body, namespace),
            name=_NAME(body, ""),
            body=body,
        )
        self.body, self.namespace, self.request, self.line = body, namespace, request, call.line
        return call.line.answer(request)

    def of_kind(self, verb: Verb, body: FrozenMap, subresource: str = "") -> _Known | None:
        """What writes bodies of this kind; None where it is not built in."""
        key = verb, _API_VERSION(body), _KIND(body), subresource
        known = self._of_kinds.get(key)
        if known is not None:
            return known
        info = self._scheme.by_kind(key[1], key[2])
        if info is None:
            return None
        known = self._of_kinds[key] = self.call(verb, info, subresource), info
        return known

    def of_resource(
        self, verb: Verb, resource: str | type, subresource: str = ""
    ) -> PreparedCall | None:
        """What does this to a resource; None where it is not built in, or named by its class."""
        if not isinstance(resource, str):
            return None
        key = verb, resource, subresource
        call = self._of_resources.get(key)
        if call is not None:
            return call
        info = self._scheme.by_name(resource)
        if info is None:
            return None
        call = self._of_resources[key] = self.call(verb, info, subresource)
        return call

    def call(self, verb: Verb, info: ResourceInfo, subresource: str = "") -> PreparedCall:
        """What does this to the resource of this row."""
        request = Request(
            verb=verb,
            resource=info.resource,
            group=info.gvk.group,
            version=info.gvk.version,
            subresource=subresource,
            write_options=self._options if verb in _WRITING else WriteOptions(),
            user=self._actor,
        )
        return PreparedCall(request, self._transport.line(request))


def namespace_of(info: ResourceInfo, value: FrozenMap, namespace: str) -> str:
    """Where an object belongs: where the call says, else where it says itself, else `default`."""
    if not info.namespaced:
        return ""
    return namespace or _NAMESPACE(value, "") or "default"
