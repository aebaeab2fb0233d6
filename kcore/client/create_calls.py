"""The calls by which one actor creates built-in kinds with the usual options."""

from typing import Any, Final

from kcore.client.prepared_call import PreparedCall, prepared
from kcore.client.transport import Transport
from kcore.machinery.frozen import FrozenMap, Path
from kcore.machinery.request import Line, Request, Response, WriteOptions
from kcore.machinery.scheme import ResourceInfo, Scheme
from kcore.records import changed

_API_VERSION: Final = Path("apiVersion")
_KIND: Final = Path("kind")
_NAME: Final = Path("metadata", "name")
_NAMESPACE: Final = Path("metadata", "namespace")

_Known = tuple[PreparedCall, ResourceInfo]


class CreateCalls:
    """One call for each kind, made at its first create; and the latest create.

    Controllers, load generators and tests create one body again and again; requests are immutable,
    so the same one serves. O(1).
    """

    __slots__ = (
        "_actor",
        "_known",
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
        self._known: dict[tuple[Any, Any], _Known] = {}
        # What was created last, and in which namespace as the caller says; once there is a body,
        # also the request that it became, and its line.
        self.body: object = self
        self.namespace = ""

    def send(self, body: FrozenMap, namespace: str) -> Response | None:
        """Create `body`; None where it is of no built-in kind."""
        known = self._of_kind(body)
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

    def call_like(self, body: FrozenMap) -> PreparedCall | None:
        """What creates objects of the kind and in the namespace of `body`; None as above."""
        known = self._of_kind(body)
        if known is None:
            return None
        call, info = known
        return call._replace(request=changed(call.request, namespace=namespace_of(info, body, "")))

    def binding_call(self) -> PreparedCall:
        """What binds pods."""
        return self._call("pods", subresource="binding")

    def _of_kind(self, body: FrozenMap) -> _Known | None:
        kind = _API_VERSION(body), _KIND(body)
        known = self._known.get(kind)
        if known is not None:
            return known
        info = self._scheme.by_kind(*kind)
        if info is None:
            return None
        gvk = info.gvk
        call = self._call(info.resource, gvk.group, gvk.version)
        known = self._known[kind] = call, info
        return known

    def _call(
        self, resource: str, group: str = "", version: str = "v1", subresource: str = ""
    ) -> PreparedCall:
        request = Request(
            verb="create",
            resource=resource,
            group=group,
            version=version,
            subresource=subresource,
            write_options=self._options,
            user=self._actor,
        )
        return prepared(self._transport, request)


def namespace_of(info: ResourceInfo, value: FrozenMap, namespace: str) -> str:
    """Where an object belongs: where the call says, else where it says itself, else `default`."""
    if not info.namespaced:
        return ""
    return namespace or _NAMESPACE(value, "") or "default"
