"""A server to compare with another one: with or without somebody who forbids short ways."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kcore.api.catalog import default_scheme
from kcore.apiserver.admission.plugins import default_plugins
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.request import Request
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store

W = TypeVar("W")

_WITHOUT_NAMESPACE = ("namespaces", "nodes")


class ComparedServer:
    """One of several that are asked the same and must answer, keep and note the same."""

    def __init__(self, watchful: object | None = None, *, tracks_fields: bool = False) -> None:
        self.clock, self.trace = VirtualClock(1_700_000_000 * SECOND_NS), Trace()
        plugins: list[Any] = [*default_plugins(), *([] if watchful is None else [watchful])]
        self.server = APIServer(
            Store(), default_scheme(), self.clock, SeededSource(5), self.trace, plugins
        )
        if tracks_fields:
            self.server.track_managed_fields()
        bootstrap(self.server)
        self.create_namespace("default")

    def create_namespace(self, name: str) -> None:
        """Make a namespace."""
        body = freeze({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        self.send("create", "namespaces", body=body)

    def send(self, verb: Any, resource: str, name: str = "", **fields: Any) -> Any:
        """The answer, or the refusal's words."""
        fields.setdefault("namespace", "" if resource in _WITHOUT_NAMESPACE else "default")
        try:
            response = self.server.handle(
                Request(verb=verb, resource=resource, name=name, **fields)
            )
        except ApiError as error:
            return error.code, error.reason, error.message, error.warnings
        return response.code, response.body, response.warnings

    def short_way(self, kind: type[W]) -> W:
        """The one of this class to which a route leads."""
        owners = [getattr(route, "__self__", None) for route in self.server._routes.values()]
        (found,) = [owner for owner in owners if isinstance(owner, kind)]
        return found


C = TypeVar("C", bound=ComparedServer)


def assert_both_ways_end_the_same(
    short: C, long: C, calls: Sequence[tuple[Any, ...]], done: Callable[[C, tuple[Any, ...]], Any]
) -> None:
    """Fail at the first call after which answers or traces differ."""
    for call in calls:
        assert done(short, call) == done(long, call), call
        assert short.trace.digest == long.trace.digest, call
    short.server.check_invariants()
