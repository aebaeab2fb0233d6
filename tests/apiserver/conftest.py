"""A server with its bootstrap objects, and a short way to call it."""

from collections.abc import Iterator
from typing import Any

import pytest

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import (
    MERGE_PATCH,
    DeleteOptions,
    ListOptions,
    Request,
    Response,
    WriteOptions,
)
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store


class Door:
    """One method a verb; `resource` is a qualified plural, objects are plain dicts."""

    def __init__(self, server: APIServer, clock: VirtualClock, trace: Trace) -> None:
        self.server = server
        self.clock = clock
        self.trace = trace

    @property
    def store(self) -> Store:
        return self.server.context.storage.store

    def send(self, verb: str, resource: str, name="", namespace="default", **fields) -> Response:
        plural, _, group = resource.partition(".")
        info = self.server.scheme.by_group_resource(group, plural)
        version = "v1" if info is None else info.gvk.version
        if info is not None and not info.namespaced:
            namespace = ""
        body = fields.pop("body", None)
        request = Request(
            verb=verb,
            resource=plural,
            group=group,
            version=version,
            namespace=namespace,
            name=name,
            body=None if body is None else freeze(body),
            **fields,
        )
        return self.server.handle(request)

    def create(self, resource: str, obj: Any, **fields) -> FrozenMap:
        return self.send("create", resource, body=obj, **self._writes(fields)).body

    def get(self, resource: str, name: str, **fields) -> FrozenMap:
        return self.send("get", resource, name, **fields).body

    def update(self, resource: str, obj: Any, **fields) -> FrozenMap:
        name = fields.pop("name", None) or obj["metadata"]["name"]
        return self.send("update", resource, name, body=obj, **self._writes(fields)).body

    def patch(self, resource: str, name: str, patch: Any, **fields) -> FrozenMap:
        document = {"operations": patch} if isinstance(patch, list) else patch
        fields.setdefault("patch_type", MERGE_PATCH)
        return self.send("patch", resource, name, body=document, **self._writes(fields)).body

    def delete(self, resource: str, name: str, namespace="default", **options) -> FrozenMap:
        options = DeleteOptions(**options)
        return self.send("delete", resource, name, namespace, delete_options=options).body

    def list(self, resource: str, namespace="default", **options) -> FrozenMap:
        options = ListOptions(**options)
        return self.send("list", resource, namespace=namespace, list_options=options).body

    def names(self, resource: str, namespace="default", **options):
        found = self.list(resource, namespace, **options)["items"]
        return [obj["metadata"]["name"] for obj in found]

    def watch(self, resource: str, namespace="default", **options):
        options = ListOptions(**options)
        return self.send("watch", resource, namespace=namespace, list_options=options).stream

    def refusal(self, call, *arguments, **fields) -> ApiError:
        with pytest.raises(ApiError) as caught:
            call(*arguments, **fields)
        return caught.value

    def fork(self) -> "Door":
        memo = ForkMemo()
        return Door(memo(self.server), memo(self.clock), memo(self.trace))

    @staticmethod
    def _writes(fields: dict) -> dict:
        options = {
            key: fields.pop(key)
            for key in ("dry_run", "field_validation", "field_manager")
            if key in fields
        }
        return {**fields, "write_options": WriteOptions(**options)} if options else fields


def new_door(seed: int = 1, plugins=None) -> Door:
    clock, trace = VirtualClock(), Trace()
    server = APIServer(Store(), default_scheme(), clock, SeededSource(seed), trace, plugins)
    bootstrap(server)
    return Door(server, clock, trace)


def config_map(name: str, data=None, **metadata) -> dict:
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}}
    return obj if data is None else {**obj, "data": data}


def pod(name: str, node: str = "", **metadata) -> dict:
    spec: dict = {"containers": [{"name": "c", "image": "img:1"}]}
    if node:
        spec["nodeName"] = node
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }


def deployment(name: str, replicas: int = 1) -> dict:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "c", "image": "img:1"}]},
            },
        },
    }


def service(name: str, **spec) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}], **spec},
    }


def events_of(stream) -> Iterator[tuple[str, str, str]]:
    """(type, name, resourceVersion) of everything a stream has now."""
    while (event := stream.next()) is not None:
        metadata = event.object["metadata"]
        yield event.type, metadata.get("name") or "", metadata["resourceVersion"]


@pytest.fixture
def door() -> Door:
    return new_door()


@pytest.fixture
def make():
    """Builders of small objects and servers."""

    class Make:
        config_map = staticmethod(config_map)
        pod = staticmethod(pod)
        deployment = staticmethod(deployment)
        service = staticmethod(service)
        door = staticmethod(new_door)
        events_of = staticmethod(events_of)

    return Make
