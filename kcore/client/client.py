"""Get, list, create, update, patch, delete, watch, bind: on values, for one named actor.

A class of typed views in place of a resource's name reads views: `client.get(Pod, "web")`.
"""

from collections.abc import Callable
from typing import Any, Self, overload

from kcore.client.binder import Binder
from kcore.client.discovery import DEFINITIONS, custom_scheme
from kcore.client.prepared_call import PreparedCall
from kcore.client.prepared_calls import PreparedCalls, namespace_of
from kcore.client.resource_client import ResourceClient
from kcore.client.transport import Transport
from kcore.client.typed_client import TypedClient
from kcore.errors import InvariantError, bad_request, not_found
from kcore.forking import ForkMemo
from kcore.machinery.foreign_objects import kind_of, object_of, value_of
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.request import (
    APPLY_PATCH,
    MERGE_PATCH,
    DeleteOptions,
    FieldValidation,
    ListOptions,
    Verb,
    WriteOptions,
    body_of,
)
from kcore.machinery.scheme import ResourceInfo, Scheme
from kcore.machinery.typed_view import ViewT
from kcore.machinery.watch_event import WatchStream
from kcore.records import changed
from kcore.runtime.faults import Faults

ObjectLike = Any
"""A FrozenMap, a dict of the same shape, a typed view, or an object of another package."""


class Client:
    """One actor's door to the API.

    `resource` arguments take whatever kubectl takes: `pods`, `po`, `Pod`, `deployments.apps`.
    Objects go in as values, dicts or typed views and come out as `FrozenMap`; `get` and `list` give
    typed views when `resource` is their class, and `typed(Pod)` gives them from every call. Each
    call may raise `ApiError` with upstream's reason and code.
    """

    __slots__ = ("_actor", "_binder", "_calls", "_scheme", "_transport", "_usual_options")

    def __init__(self, transport: Transport, scheme: Scheme, actor: str) -> None:
        self._transport = transport
        self._scheme = scheme
        self._actor = actor
        self._usual_options = WriteOptions(field_manager=actor)
        self._calls = PreparedCalls(transport, scheme, actor, self._usual_options)
        self._binder: Binder | None = None

    @property
    def actor(self) -> str:
        """Who is calling: the field manager of writes and the first word of fault patterns."""
        return self._actor

    @property
    def transport(self) -> Transport:
        """The way to the server."""
        return self._transport

    def as_actor(self, actor: str) -> "Client":
        """The same door for somebody else."""
        return Client(self._transport, self._scheme, actor)

    def resource_info(self, resource: str | type) -> ResourceInfo:
        """What the scheme knows of `resource`, or of the kind of a class.

        Raises:
            ApiError: 404, the server has no such resource.
            TypeError: the class says no kind.
        """
        if isinstance(resource, str):
            info = self._scheme.by_name(resource) or self._found(
                lambda scheme: scheme.by_name(resource)
            )
            if info is None:
                raise not_found("resource", resource)
            return info
        api_version, kind = kind_of(resource)
        info = self._found(lambda scheme: scheme.by_kind(api_version, kind))
        if info is None:
            raise not_found("resource", f"{kind} ({api_version})")
        return info

    def resource(self, resource: str, namespace: str = "default") -> ResourceClient:
        """One resource in one namespace: `client.resource("deployments.apps").list()`."""
        info = self.resource_info(resource)
        name = str(info.group_resource)
        return ResourceClient(self, name, namespace if info.namespaced else "")

    def typed(self, view: type[ViewT], namespace: str = "default") -> TypedClient[ViewT]:
        """One kind in one namespace, as objects of a class: `client.typed(Pod).get("web")`.

        A typed view, or a class of another package such as `kubernetes.client.V1Pod`.
        """
        return TypedClient(self, view, namespace)

    def __getattr__(self, name: str) -> ResourceClient:
        """Return `client.pods`, `client.deployments`: the resource in namespace `default`."""
        known = not name.startswith("_") and self._found(lambda scheme: scheme.by_name(name))
        if not known:
            raise AttributeError(f"no resource is called {name!r}")
        return self.resource(name)

    @overload
    def get(self, resource: str, name: str, namespace: str = "") -> FrozenMap: ...

    @overload
    def get(self, resource: type[ViewT], name: str, namespace: str = "") -> ViewT: ...

    def get(self, resource: str | type[ViewT], name: str, namespace: str = "") -> FrozenMap | ViewT:
        """The object, or `ApiError` 404."""
        request, line = self._prepared("get", resource)
        body = body_of(line.answer(changed(request, namespace=namespace, name=name)))
        return body if isinstance(resource, str) else object_of(body, resource)

    @overload
    def list(
        self,
        resource: str,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> tuple[FrozenMap, ...]: ...

    @overload
    def list(
        self,
        resource: type[ViewT],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> tuple[ViewT, ...]: ...

    def list(
        self,
        resource: str | type[ViewT],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> tuple[FrozenMap, ...] | tuple[ViewT, ...]:
        """Every matching object in key order; an empty `namespace` means all of them."""
        options = ListOptions(label_selector=label_selector, field_selector=field_selector)
        request, line = self._prepared("list", resource)
        body = body_of(line.answer(changed(request, namespace=namespace, list_options=options)))
        items = body.get("items", EMPTY_LIST)
        if isinstance(resource, str):
            return tuple(items)
        return tuple(object_of(item, resource) for item in items)

    def watch(
        self, resource: str, namespace: str = "", options: ListOptions | None = None
    ) -> WatchStream:
        """A cursor over changes; without a resourceVersion it starts with the present state."""
        request, line = self._prepared("watch", resource)
        options = ListOptions() if options is None else options
        response = line.answer(changed(request, namespace=namespace, list_options=options))
        if response.stream is None:
            raise InvariantError(f"watch of {resource} was answered without a stream")
        return response.stream

    def create(
        self,
        obj: ObjectLike,
        namespace: str = "",
        *,
        dry_run: bool = False,
        field_validation: FieldValidation = "Warn",
    ) -> FrozenMap:
        """Store a new object and return it as stored."""
        calls = self._calls
        usual = not dry_run and field_validation == "Warn"
        if usual and obj is calls.body and namespace == calls.namespace:
            make = calls.line.make
            return make(calls.request)
        value = to_value(obj)
        if usual:
            response = calls.create(value, namespace)
            if response is not None:
                return body_of(response)
        (request, line), info = self._known("create", value)
        request = changed(
            request,
            namespace=namespace_of(info, value, namespace),
            name=value.at("metadata", "name", default=""),
            body=value,
            write_options=self._options(dry_run, field_validation),
        )
        return body_of(line.answer(request))

    def update(self, obj: ObjectLike, *, subresource: str = "", dry_run: bool = False) -> FrozenMap:
        """Replace an object; its resourceVersion, if present, must be the latest."""
        value = to_value(obj)
        (request, line), info = self._known("update", value, subresource)
        request = changed(
            request,
            namespace=namespace_of(info, value, ""),
            name=value.at("metadata", "name", default=""),
            body=value,
            write_options=self._options(dry_run),
        )
        return body_of(line.answer(request))

    def update_status(self, obj: ObjectLike) -> FrozenMap:
        """Replace the status of an object."""
        return self.update(obj, subresource="status")

    def patch(  # noqa: PLR0913 - the verb has that many options
        self,
        resource: str,
        name: str,
        patch: ObjectLike,
        namespace: str = "",
        *,
        patch_type: str = MERGE_PATCH,
        subresource: str = "",
        dry_run: bool = False,
        field_validation: FieldValidation = "Warn",
    ) -> FrozenMap:
        """Change an object by a patch document; a JSON patch is a list of operations."""
        document = freeze({"operations": patch}) if isinstance(patch, list | tuple) else patch
        request, line = self._prepared("patch", resource, subresource)
        request = changed(
            request,
            namespace=namespace,
            name=name,
            body=to_value(document),
            patch_type=patch_type,
            write_options=self._options(dry_run, field_validation),
        )
        return body_of(line.answer(request))

    def apply_fields(
        self,
        obj: ObjectLike,
        namespace: str = "",
        *,
        field_manager: str = "",
        force: bool = False,
        subresource: str = "",
        dry_run: bool = False,
    ) -> FrozenMap:
        """Server-side apply: own the fields of `obj`, and give up those that it no longer has.

        The actor owns them unless `field_manager` names somebody else. What others own with another
        value is a 409, unless `force` takes it over.
        """
        value = to_value(obj)
        (request, line), info = self._known("patch", value, subresource)
        request = changed(
            request,
            namespace=namespace_of(info, value, namespace),
            name=value.at("metadata", "name", default=""),
            body=value,
            patch_type=APPLY_PATCH,
            write_options=WriteOptions(
                dry_run=dry_run, field_manager=field_manager or self._actor, force=force
            ),
        )
        return body_of(line.answer(request))

    def delete(
        self,
        resource: str,
        name: str,
        namespace: str = "",
        options: DeleteOptions | None = None,
    ) -> FrozenMap:
        """Delete, or mark for deletion; returns what the server answers."""
        request, line = self._prepared("delete", resource)
        options = DeleteOptions() if options is None else options
        request = changed(request, namespace=namespace, name=name, delete_options=options)
        return body_of(line.answer(request))

    def bind(self, pod: FrozenMap, node_name: str) -> None:
        """Assign a pod to a node, as the scheduler does."""
        self.binder.bind(pod, node_name)

    @property
    def binder(self) -> Binder:
        """What `bind` asks, for who binds many: a name that may be a resource's is found slowly."""
        if self._binder is None:
            self._binder = Binder(self._prepared("create", "pods", "binding"))
        return self._binder

    def create_call(self, obj: FrozenMap) -> PreparedCall:
        """The call that creates objects of this kind in this namespace, for who makes many.

        Raises:
            ApiError: 400, no built-in kind.
        """
        known = self._calls.of_kind("create", obj)
        if known is None:
            raise bad_request(f"no built-in kind: {obj.get('kind')}")
        (request, line), info = known
        return PreparedCall(changed(request, namespace=namespace_of(info, obj, "")), line)

    @property
    def faults(self) -> Faults:
        """What strikes this actor's calls and holds its watches back."""
        return self._transport.faults

    def fork(self, memo: ForkMemo) -> Self:
        """The same actor in a forked world."""
        return type(self)(memo(self._transport), self._scheme, self._actor)

    def resource_info_of(self, value: FrozenMap) -> ResourceInfo:
        """What the scheme knows of the kind of this object.

        Raises:
            ApiError: 400, no such kind.
        """
        api_version, kind = value.get("apiVersion") or "", value.get("kind") or ""
        if not kind:
            raise bad_request("Object 'Kind' is missing")
        info = self._scheme.by_kind(api_version, kind) or self._found(
            lambda scheme: scheme.by_kind(api_version, kind)
        )
        if info is None:
            raise bad_request(
                f'no matches for kind "{kind}" in version "{api_version}": '
                "neither built in nor defined by a CustomResourceDefinition"
            )
        return info

    def _prepared(self, verb: Verb, resource: str | type, subresource: str = "") -> PreparedCall:
        call = self._calls.of_resource(verb, resource, subresource)
        if call is None:
            call = self._calls.call(verb, self.resource_info(resource), subresource)
        return call

    def _known(
        self, verb: Verb, value: FrozenMap, subresource: str = ""
    ) -> tuple[PreparedCall, ResourceInfo]:
        known = self._calls.of_kind(verb, value, subresource)
        if known is None:
            info = self.resource_info_of(value)
            known = self._calls.call(verb, info, subresource), info
        return known

    def _found(self, find: Callable[[Scheme], ResourceInfo | None]) -> ResourceInfo | None:
        """What is known of a kind; of one that is not built in, the server is asked."""
        info = find(self._scheme)
        return find(custom_scheme(self.list(DEFINITIONS))) if info is None else info

    def _options(self, dry_run: bool, field_validation: FieldValidation = "Warn") -> WriteOptions:
        if not dry_run and field_validation == "Warn":
            return self._usual_options
        return WriteOptions(
            dry_run=dry_run, field_manager=self._actor, field_validation=field_validation
        )


def to_value(obj: ObjectLike) -> FrozenMap:
    """The value behind a FrozenMap, a dict, a typed view or an object of another package.

    A view gives exactly what was set. Objects of other packages (`kubernetes`, `lightkube`) have
    a None for each field that was not set; these are left out (`foreign_objects`).

    Raises:
        TypeError: `obj` is none of them.
    """
    if isinstance(obj, FrozenMap):
        return obj
    return value_of(freeze(obj) if type(obj) is dict else obj)
