"""Patches of a pod's status that take the short way end exactly as those that take the long one."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kcore.apiserver.admission.plugin import Attributes, Objects
from kcore.apiserver.plain_statuses import PlainStatuses
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import MERGE_PATCH, STRATEGIC_MERGE_PATCH, Request, WriteOptions
from tests.apiserver.compared_server import ComparedServer, assert_both_ways_end_the_same


class Watchful:
    """Sees every write of a status, and changes nothing."""

    name = "Watchful"

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Statuses."""
        return subresource == "status"

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Let it pass."""


class World(ComparedServer):
    """A server with two pods, with or without somebody who must see every status."""

    def __init__(self, *, is_watched: bool, tracks_fields: bool = False) -> None:
        super().__init__(Watchful() if is_watched else None, tracks_fields=tracks_fields)
        for name in ("p0", "p1"):
            self.send("create", "pods", body=pod(name))

    def patch(self, name: str, status: Any, **fields: Any) -> Any:
        """Patch a pod's status."""
        fields.setdefault("patch_type", STRATEGIC_MERGE_PATCH)
        body = freeze({"status": status})
        return self.send("patch", "pods", name, subresource="status", body=body, **fields)

    def pod(self, name: str) -> FrozenMap | None:
        """A pod as it is kept."""
        return self.server.context.storage.get("pods", "default", name)


def pod(name: str, **metadata: Any) -> FrozenMap:
    """A body."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, **metadata},
            "spec": {"containers": [{"name": "c", "image": "img"}]},
        }
    )
    return value


def condition(kind: Any = "PodScheduled", **fields: Any) -> dict[str, Any]:
    """What a scheduler says."""
    said = {
        "type": kind,
        "status": "False",
        "reason": "Unschedulable",
        "message": "0/5 nodes are available.",
        "lastTransitionTime": "2026-01-01T00:00:05Z",
        "observedGeneration": 1,
    }
    return {**said, **fields}


ODD = st.sampled_from(
    [
        {},
        {"message": ""},
        {"message": "say \u00e9 <&>"},
        {"reason": None},
        {"status": "True"},
        {"status": 1},
        {"lastTransitionTime": "2026-01-01T00:00:06Z"},
        {"lastTransitionTime": "2026-01-01T00:00:06.5Z"},
        {"lastTransitionTime": "2026-01-01T02:00:06+02:00"},
        {"lastTransitionTime": "0001-01-01T00:00:00Z"},
        {"lastTransitionTime": "yesterday"},
        {"lastTransitionTime": None},
        {"observedGeneration": 0},
        {"observedGeneration": -1},
        {"observedGeneration": True},
        {"observedGeneration": 2},
        {"observedGeneration": 2.0},
        {"lastProbeTime": "2026-01-01T00:00:05Z"},
        {"$patch": "delete"},
        {"unknown": "x"},
    ]
)
CONDITIONS = st.builds(
    lambda kind, odd: condition(kind, **odd),
    st.sampled_from(["PodScheduled", "DisruptionTarget", "Ready", "", None]),
    ODD,
) | st.sampled_from([None, "text", {}])
PROMISES = st.sampled_from(["n1", "n2", "", None, 3, "NO NAME"])
STATUSES = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "conditions": st.lists(CONDITIONS, max_size=2)
            | st.lists(CONDITIONS, min_size=1, max_size=1),
            "nominatedNodeName": PROMISES,
        },
    ),
    st.just({"phase": "Running", "conditions": [condition()]}),
)
PODS = st.sampled_from(["p0", "p0", "p1", "none"])
OPTIONS = st.sampled_from(
    [
        WriteOptions(),
        WriteOptions(),
        WriteOptions(field_validation="Strict"),
        WriteOptions(dry_run=True),
        WriteOptions(force=True),
        WriteOptions(field_manager="m" * 129),
    ]
)
CALLS = st.one_of(
    st.tuples(st.just("patch"), PODS, STATUSES, OPTIONS),
    st.tuples(st.just("merge"), PODS, STATUSES),
    st.tuples(st.just("delete"), PODS),
    st.tuples(st.just("create"), PODS, st.booleans()),
    st.tuples(st.just("own"), PODS),
)


def done(world: World, call: tuple[Any, ...]) -> Any:
    """What comes of a call."""
    verb, name, *rest = call
    if verb == "patch":
        return world.patch(name, rest[0], write_options=rest[1])
    if verb == "merge":
        return world.patch(name, rest[0], patch_type=MERGE_PATCH)
    if verb == "delete":
        return world.send("delete", "pods", name)
    if verb == "own":
        owner = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}
        body = freeze({"metadata": {"ownerReferences": [owner]}})
        return world.send("patch", "pods", name, body=body, patch_type=MERGE_PATCH)
    return world.send(
        "create", "pods", "", body=pod(name, finalizers=["e.io/f"]) if rest[0] else pod(name)
    )


@given(st.lists(CALLS, max_size=12))
@example(
    [
        ("patch", "p0", {"conditions": [condition()]}, WriteOptions()),
        ("patch", "p0", {"conditions": [condition("Ready")], "nominatedNodeName": "n1"},
         WriteOptions()),
        ("patch", "p0", {"conditions": [condition()], "nominatedNodeName": None}, WriteOptions()),
        ("patch", "p0", {"nominatedNodeName": None}, WriteOptions()),
    ]
)  # fmt: skip
@settings(deadline=None)
def test_both_ways_end_the_same(calls):
    short, long = World(is_watched=False), World(is_watched=True)
    assert_both_ways_end_the_same(short, long, calls, done)


@given(STATUSES, STATUSES)
@settings(deadline=None)
def test_tracked_fields_have_their_owners(first, second):
    short, long = (World(is_watched=watched, tracks_fields=True) for watched in (False, True))
    for status in (first, second):
        assert short.patch("p0", status) == long.patch("p0", status)
    assert short.trace.digest == long.trace.digest


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": [condition()]},
        {"conditions": [condition("DisruptionTarget")], "nominatedNodeName": "n1"},
        {"conditions": [condition()], "nominatedNodeName": None},
        {"nominatedNodeName": "n1"},
        {"nominatedNodeName": None},
    ],
)
def test_these_take_the_short_way(status):
    world = World(is_watched=False)
    for before in ({}, {"conditions": [condition("Ready")]}, {"nominatedNodeName": "n0"}):
        world.patch("p0", before, patch_type=MERGE_PATCH)
        request = Request(
            verb="patch",
            resource="pods",
            namespace="default",
            name="p0",
            subresource="status",
            body=freeze({"status": status}),
            patch_type=STRATEGIC_MERGE_PATCH,
        )
        patched = world.short_way(PlainStatuses).patched(request)
        assert patched == world.pod("p0")
        assert patched is not None
