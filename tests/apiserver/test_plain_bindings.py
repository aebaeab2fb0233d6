"""Bindings that take the short way end exactly as those that take the long one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.apiserver import plain_bindings
from kcore.apiserver.admission.plugin import Attributes, Objects
from kcore.apiserver.plain_bindings import NAMESPACES_COUNT_MAX, PlainBindings
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import MERGE_PATCH, WriteOptions
from kcore.runtime.clock import SECOND_NS
from tests.apiserver.compared_server import ComparedServer, assert_both_ways_end_the_same

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"
NODES: dict[str, dict[str, str]] = {
    "bare": {},
    "named": {"kubernetes.io/hostname": "named"},
    "zoned": {ZONE: "z1"},
    "whole": {ZONE: "z2", REGION: ""},
}


class Watchful:
    """Sees every write, changes nothing, and promises nothing of bindings."""

    name = "Watchful"

    def __init__(self) -> None:
        self.names: list[str] = []

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Bindings."""
        return subresource == "binding"

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Count."""
        self.names.append(attributes.name)


class World(ComparedServer):
    """A server with nodes, with or without somebody who must see every binding."""

    def __init__(self, *, is_watched: bool) -> None:
        self.watchful = Watchful()
        super().__init__(self.watchful if is_watched else None)
        self.create_namespace("other")
        for name, labels in NODES.items():
            self.send("create", "nodes", body=named("Node", name, labels=labels))

    def pod(self, name: str, namespace: str = "default") -> FrozenMap | None:
        """A pod as it is kept."""
        return self.server.context.storage.get("pods", namespace, name)

    def bind(self, name: str, node: str, uid: str = "", namespace: str = "default") -> Any:
        """Send what a scheduler sends; without `uid` the pod's."""
        pod = self.pod(name, namespace)
        uid = uid or ("unknown" if pod is None else pod["metadata"]["uid"])
        return self.send_binding(name, BINDING_OF_POD(name, uid, node), namespace=namespace)

    def send_binding(self, name: str, body: FrozenMap, **fields: Any) -> Any:
        """Send any binding."""
        return self.send("create", "pods", subresource="binding", name=name, body=body, **fields)

    def patch(self, resource: str, name: str, document: Any, **fields: Any) -> Any:
        """Merge something into an object."""
        body = freeze(document)
        return self.send("patch", resource, name=name, body=body, patch_type=MERGE_PATCH, **fields)


def named(kind: str, name: str, **metadata: Any) -> FrozenMap:
    """An object with metadata and nothing else."""
    value: FrozenMap = freeze(
        {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, **metadata}}
    )
    return value


def pod(name: str, **metadata: Any) -> FrozenMap:
    """A body."""
    spec = {"containers": [{"name": "c", "image": "img"}]}
    return named("Pod", name, **metadata).set("spec", spec)


PODS = st.sampled_from(["p0", "p1", "p2"])
SPACES = st.sampled_from(["default", "other"])
CALLS = st.one_of(
    st.tuples(st.just("create"), PODS, SPACES, st.booleans()),
    st.tuples(st.just("bind"), PODS, SPACES, st.sampled_from([*NODES, "none", "NO NAME"])),
    st.tuples(st.just("dry"), PODS, SPACES, st.sampled_from(list(NODES))),
    st.tuples(st.just("stranger"), PODS, SPACES, st.sampled_from(list(NODES))),
    st.tuples(st.just("elsewhere"), PODS, SPACES, st.sampled_from(list(NODES))),
    st.tuples(st.just("condition"), PODS, SPACES, st.booleans()),
    st.tuples(st.just("delete"), PODS, SPACES, st.booleans()),
    st.tuples(st.just("end"), st.just("other")),
    st.tuples(st.just("label"), st.sampled_from(list(NODES)), st.sampled_from(["z1", "z3", None])),
    st.tuples(st.just("wait"), st.integers(0, 3)),
    st.tuples(st.just("fork")),
)


def wait(world: World, half_seconds: int) -> None:
    """Let time pass."""
    world.clock.advance_to(world.clock.now_ns() + half_seconds * SECOND_NS // 2)


def fork(world: World) -> None:
    """Go on in a fork."""
    memo = ForkMemo()
    world.clock, world.trace = memo(world.clock), memo(world.trace)
    world.server = memo(world.server)


def label(world: World, node: str, zone: str | None) -> Any:
    """Move a node to a zone, or out of any."""
    return world.patch("nodes", node, {"metadata": {"labels": {ZONE: zone}}})


def create(world: World, name: str, space: str, is_labelled: bool) -> Any:
    """Create a pod."""
    body = pod(name, labels={"app": "web", ZONE: "own"} if is_labelled else {})
    return world.send("create", "pods", namespace=space, body=body)


def condition(world: World, name: str, space: str, is_promised: bool) -> Any:
    """Say that a pod waits, and perhaps for what."""
    promise = {"nominatedNodeName": "bare"} if is_promised else {}
    status = {"conditions": [{"type": "PodScheduled", "status": "False"}], **promise}
    return world.patch("pods", name, {"status": status}, namespace=space, subresource="status")


def odd(world: World, name: str, space: str, node: str, body_name: str, uid: str) -> Any:
    """Send a binding that may not be this pod's."""
    return world.send_binding(name, BINDING_OF_POD(body_name, uid, node), namespace=space)


def dry(world: World, name: str, space: str, node: str) -> Any:
    """Only ask."""
    body, options = BINDING_OF_POD(name, "u", node), WriteOptions(dry_run=True)
    return world.send_binding(name, body, namespace=space, write_options=options)


VERBS: dict[str, Any] = {
    "wait": wait,
    "fork": fork,
    "label": label,
    "create": create,
    "condition": condition,
    "dry": dry,
    "bind": lambda world, name, space, node: world.bind(name, node, namespace=space),
    "stranger": lambda world, name, space, node: odd(world, name, space, node, name, "7" * 8),
    "elsewhere": lambda world, name, space, node: odd(world, name, space, node, "p1", "u"),
    "delete": lambda world, name, space, _: world.send(
        "delete", "pods", name=name, namespace=space
    ),
    "end": lambda world, space: world.send("delete", "namespaces", name=space),
}


def done(world: World, call: tuple[Any, ...]) -> Any:
    """What comes of a call."""
    verb, *rest = call
    return VERBS[verb](world, *rest)


@given(st.lists(CALLS, max_size=25))
@settings(deadline=None)
def test_both_ways_end_the_same(calls):
    short, long = World(is_watched=False), World(is_watched=True)
    assert_both_ways_end_the_same(short, long, calls, done)


def test_plain_bindings_take_the_short_way(monkeypatch):
    world = World(is_watched=False)
    for name in ("p0", "p1", "p2"):
        world.send("create", "pods", namespace="default", body=pod(name, labels={"app": "web"}))
    monkeypatch.setattr(plain_bindings, "bind", None)
    monkeypatch.setattr(plain_bindings, "assign", None)
    assert world.bind("p0", "bare")[0] == 201
    assert world.bind("p1", "zoned")[0] == 201
    monkeypatch.setattr(PlainBindings, "_bind_anew", None)  # All that has been learned.
    assert world.bind("p2", "named")[0] == 201
    assert [world.pod(name)["spec"]["nodeName"] for name in ("p0", "p1", "p2")] == [
        "bare",
        "zoned",
        "named",
    ]
    assert world.pod("p1")["metadata"]["labels"] == {"app": "web", ZONE: "z1"}


def test_labels_of_the_node_are_copied_on_the_short_way():
    world = World(is_watched=False)
    world.send("create", "pods", namespace="default", body=pod("p0"))
    world.send("create", "pods", namespace="default", body=pod("p1", labels={ZONE: "own"}))
    for name in ("p0", "p1"):
        assert world.bind(name, "whole")[0] == 201
        assert world.pod(name)["metadata"]["labels"] == {ZONE: "z2", REGION: ""}


def test_who_must_see_bindings_sees_all():
    world = World(is_watched=True)
    for name in ("p0", "p1"):
        world.send("create", "pods", namespace="default", body=pod(name))
        assert world.bind(name, "bare")[0] == 201
    assert world.watchful.names == ["p0", "p1"]
    late = Watchful()
    world = World(is_watched=False)
    world.send("create", "pods", namespace="default", body=pod("p0"))
    world.send("create", "pods", namespace="default", body=pod("p1"))
    world.bind("p0", "bare")
    world.server.add_plugins([late])
    world.bind("p1", "bare")
    assert late.names == ["p1"]


def test_a_dying_namespace_takes_no_more_bindings():
    world = World(is_watched=False)
    for name in ("p0", "p1"):
        world.send("create", "pods", namespace="other", body=pod(name))
    assert world.bind("p0", "bare", namespace="other")[0] == 201
    world.send("delete", "namespaces", name="other")
    assert world.bind("p1", "bare", namespace="other")[:2] == (403, "Forbidden")


@pytest.mark.slow
def test_few_namespaces_are_remembered():
    world = World(is_watched=False)
    for number in range(NAMESPACES_COUNT_MAX + 5):
        space = f"n{number}"
        world.create_namespace(space)
        world.send("create", "pods", namespace=space, body=pod("p"))
        assert world.bind("p", "bare", namespace=space)[0] == 201
    short_way = world.short_way(PlainBindings)
    for kept in (short_way._passed, short_way._placings):
        assert 0 < len(kept) <= NAMESPACES_COUNT_MAX
