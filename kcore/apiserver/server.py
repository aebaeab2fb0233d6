"""The API server: `handle(Request) -> Response`, the only door to the store.

Routes a request to its resource's registry by verb or subresource. What is known of a resource is
gathered at its first request; the forks of a server share it. A route (who answers a verb of a
resource, and what the answer needs besides) is worked out once for each server; clients' lines lead
right to it until it is forgotten.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from types import MethodType
from typing import Final, Self

from kcore.apiserver.admission.chain import AdmissionChain
from kcore.apiserver.admission.plugin import Plugin
from kcore.apiserver.admission.plugins import default_plugins
from kcore.apiserver.context import ServerContext
from kcore.apiserver.custom_resources import (
    DEFINITIONS,
    clean_up,
    custom_endpoint,
    definitions,
    establish,
    scheme_with,
)
from kcore.apiserver.decoding import method_not_allowed, no_such_resource
from kcore.apiserver.deletion import delete, delete_collection
from kcore.apiserver.empties import has_empties
from kcore.apiserver.endpoint import Endpoint, build_endpoint
from kcore.apiserver.listing import list_objects
from kcore.apiserver.patch_handling import patch
from kcore.apiserver.plain_bindings import PlainBindings
from kcore.apiserver.plain_repeats import PlainRepeats
from kcore.apiserver.plain_statuses import PlainStatuses
from kcore.apiserver.registry import Registry
from kcore.apiserver.repeated_creates import RepeatedCreates
from kcore.apiserver.storage import INDEXED_BUCKETS, Storage
from kcore.apiserver.subresources import HANDLERS
from kcore.apiserver.subresources.binding import bind
from kcore.apiserver.subresources.status import status
from kcore.apiserver.versions import VersionedStorage, in_version
from kcore.apiserver.warnings import resource_warnings
from kcore.apiserver.watching import watch_objects
from kcore.errors import ApiError, NotModelledError
from kcore.forking import ForkMemo
from kcore.machinery.request import Line, Request, Response
from kcore.machinery.scheme import ResourceInfo, Scheme
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import Clock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store

_Path = tuple[str, str, str]
_Handler = Callable[[Registry, Request], Response]
_Route = Callable[[Request], Response]
_Called = tuple[object, ...]

_CALLED: Final = itemgetter(
    *map(Request._fields.index, ("verb", "group", "version", "resource", "subresource"))
)
"""What a request calls."""


class APIServer:
    """One API server over one store.

    `scheme` says what is served; replacing it (a custom resource was defined) takes effect with
    the next request.
    """

    __slots__ = (
        "_built_in",
        "_context",
        "_endpoints",
        "_lines",
        "_registries",
        "_routes",
        "_scheme",
    )

    def __init__(
        self,
        store: Store,
        scheme: Scheme,
        clock: Clock,
        choices: ChoiceSource,
        trace: Trace,
        plugins: Sequence[Plugin] | None = None,
    ) -> None:
        chain = AdmissionChain(default_plugins() if plugins is None else plugins)
        self._context = ServerContext(Storage(store, trace), clock, choices, chain)
        self._endpoints: dict[_Path, Endpoint] = {}
        self._registries: dict[_Path, Registry] = {}
        self._routes: dict[_Called, _Route] = {}
        self._lines: dict[_Called, list[Line]] = {}
        for bucket in (*INDEXED_BUCKETS, DEFINITIONS):
            self._context.storage.declare(bucket)
        self.use_scheme(scheme)

    @property
    def scheme(self) -> Scheme:
        """The kinds that are served."""
        return self._scheme

    @property
    def context(self) -> ServerContext:
        """The server's neighbours, for bootstrap and tests."""
        return self._context

    @property
    def admission(self) -> AdmissionChain:
        """The plugins every write passes."""
        return self._context.admission

    def use_scheme(self, scheme: Scheme) -> None:
        """Serve these kinds from now on, and those that stored definitions define."""
        self._built_in = scheme
        self._scheme = scheme_with(scheme, definitions(self._context.storage).values())
        self._endpoints = {}
        self._forget()

    def add_plugins(self, plugins: Sequence[Plugin]) -> None:
        """Let more plugins see every write, after the ones there are."""
        chain = AdmissionChain((*self._context.admission.plugins, *plugins))
        self._context = replace(self._context, admission=chain)
        self._forget()

    def track_managed_fields(self, from_creation: bool = True) -> None:
        """Give objects field owners from their creation, as upstream; else from the first apply."""
        self._context = replace(self._context, tracks_fields=from_creation)
        self._forget()

    def _forget(self) -> None:
        self._registries = {}
        self._routes = {}
        for lines in self._lines.values():
            for line in lines:
                line.lengthen()

    def shorten(self, line: Line, request: Request) -> None:
        """Let this line lead to who answers what `request` calls, whenever that is known."""
        called = _CALLED(request)
        self._lines.setdefault(called, []).append(line)
        route = self._routes.get(called)
        if route is not None:
            _shorten(line, route)

    def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ApiError: the server refuses, with upstream's reason, code and text.
            NotModelledError: the part of Kubernetes asked for is not modelled.
        """
        route = self._routes.get(_CALLED(request)) or self._found(request)
        return route(request)

    def _found(self, request: Request) -> _Route:
        """The way to an answer that was not asked for yet; it is remembered where it stays."""
        if request.resource == "bindings":
            return self._bind
        if request.resource == "customresourcedefinitions" and request.verb in _WRITES:
            return self._define
        called = _CALLED(request)
        route = self._routes[called] = self._route(request)
        for line in self._lines.get(called, ()):
            _shorten(line, route)
        return route

    def _route(self, request: Request) -> _Route:
        """Who answers requests for what this one calls."""
        registry = self._registries.get((request.group, request.version, request.resource))
        if registry is None:
            registry = self._open(request)
        if request.subresource:
            handler = self._subresource(registry, request)
        else:
            handler = _handler(registry, request)
        route: _Route = MethodType(handler, registry)
        bucket = registry.endpoint.bucket
        if handler is Registry.create:
            route = RepeatedCreates(registry).create
        elif handler is bind and request.verb == "create":
            route = PlainBindings(registry).bind
        elif handler is status and request.verb == "patch" and bucket == "pods":
            route = PlainStatuses(registry).patch
        elif handler is patch and bucket == "events":
            route = PlainRepeats(registry).patch
        said = () if request.subresource else resource_warnings(bucket)
        if said:
            route = _with_warnings(route, said)
        if self._context.tracks_fields and request.verb in _SENDING:
            route = _minding_empties(route)
        return route

    def _open(self, request: Request) -> Registry:
        path = (request.group, request.version, request.resource)
        endpoint = self._endpoints.get(path)
        if endpoint is None:
            storage = self._context.storage
            endpoint = custom_endpoint(storage, *path) or build_endpoint(self._info(request))
            self._check_converted(endpoint)
            self._endpoints = {**self._endpoints, path: endpoint}
        self._context.storage.declare(endpoint.bucket)
        registry = Registry(self._context_of(endpoint), endpoint, self._scheme)
        self._registries[path] = registry
        return registry

    def _context_of(self, endpoint: Endpoint) -> ServerContext:
        """The neighbours as this endpoint sees them: objects in its version."""
        versions = endpoint.versions
        if versions is None or versions.kept == endpoint.api_version:
            return self._context
        storage = VersionedStorage(self._context.storage, endpoint, versions)
        return replace(self._context, storage=storage)

    def _define(self, request: Request) -> Response:
        """A write of definitions: what they define is served, or gone, when it returns."""
        before = definitions(self._context.storage)
        response = self._route(request)(request)
        establish(self._context)
        clean_up(self._context, before)
        if definitions(self._context.storage) != before:
            self.use_scheme(self._built_in)
        return response

    def _info(self, request: Request) -> ResourceInfo:
        for info in self._scheme:
            gvk = info.gvk
            if (gvk.group, gvk.version, info.resource) == (
                request.group,
                request.version,
                request.resource,
            ):
                return info
        raise no_such_resource()

    def _check_converted(self, endpoint: Endpoint) -> None:
        """Objects are kept in one version; most kinds are not converted to others."""
        info = endpoint.info
        kept = self._scheme.by_group_resource(info.gvk.group, info.resource)
        if endpoint.versions is None and kept is not None and kept.gvk != info.gvk:
            raise NotModelledError(f"{info.resource} in {info.gvk.api_version}")

    def _subresource(self, registry: Registry, request: Request) -> _Handler:
        if request.subresource not in registry.endpoint.info.subresources:
            custom = registry.endpoint.custom is not None
            raise registry.endpoint.not_found(request.name) if custom else no_such_resource()
        handler = HANDLERS.get(request.subresource)
        if handler is None:
            raise NotModelledError(f"subresource {request.resource}/{request.subresource}")
        return handler

    def _bind(self, request: Request) -> Response:
        """The old way to bind: a create of `bindings`, named after the pod."""
        if request.verb != "create":
            raise method_not_allowed()
        name = "" if request.body is None else request.body.at("metadata", "name", default="")
        pods = request._replace(resource="pods", subresource="binding", name=name)
        return self.handle(pods)

    def check_invariants(self) -> None:
        """Raise AssertionError when the store holds what no server writes. O(everything)."""
        self._context.storage.check_invariants()

    def fork(self, memo: ForkMemo) -> Self:
        """The same server over the forked store, clock, choices and trace. O(1)."""
        twin = object.__new__(type(self))
        twin._context = self._context.fork(memo)
        twin._built_in = self._built_in
        twin._scheme = self._scheme
        twin._endpoints = self._endpoints
        twin._lines = {}
        twin._forget()
        return twin


def _handler(registry: Registry, request: Request) -> _Handler:
    handler = _VERBS.get(request.verb)
    if handler is None or request.verb not in registry.endpoint.info.verbs:
        raise method_not_allowed()
    return handler


def _shorten(line: Line, route: _Route) -> None:
    """Let a line lead to a route, and to what else its owner does in place of answers."""
    owner = getattr(route, "__self__", None)
    if isinstance(owner, RepeatedCreates):
        line.shorten(route, owner.make, owner.fill)
    elif isinstance(owner, PlainBindings):
        line.shorten(route, fill=owner.fill)
    else:
        line.shorten(route)


def _with_warnings(route: _Route, said: tuple[str, ...]) -> _Route:
    """The same answers, and refusals, with warnings in front of their own."""

    def warned(request: Request) -> Response:
        try:
            response = route(request)
        except ApiError as error:
            error.warnings = (*said, *error.warnings)
            raise
        return response._replace(warnings=(*said, *response.warnings))

    return warned


def _minding_empties(route: _Route) -> _Route:
    """The same answers to bodies that come with a word about empty lists and maps in them."""

    def minded(request: Request) -> Response:
        if has_empties(request.body):
            request = request._replace(has_empties=True)
        return route(request)

    return minded


def _list(registry: Registry, request: Request) -> Response:
    endpoint = registry.endpoint
    return in_version(endpoint, list_objects(registry.context.storage, endpoint, request))


def _watch(registry: Registry, request: Request) -> Response:
    endpoint = registry.endpoint
    return in_version(endpoint, watch_objects(registry.context.storage, endpoint, request))


def _delete_collection(registry: Registry, request: Request) -> Response:
    return in_version(registry.endpoint, delete_collection(registry, request))


_SENDING: Final = frozenset({"create", "update", "patch"})
_WRITES: Final = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_VERBS: Final[Mapping[str, _Handler]] = {
    "get": Registry.get,
    "list": _list,
    "watch": _watch,
    "create": Registry.create,
    "update": Registry.update,
    "patch": patch,
    "delete": delete,
    "deletecollection": _delete_collection,
}
