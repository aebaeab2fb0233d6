"""Patches of events that take the short way end exactly as those that take the long one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.apiserver.admission.plugin import Attributes, Objects
from kcore.apiserver.plain_repeats import PlainRepeats
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import MERGE_PATCH, STRATEGIC_MERGE_PATCH, Request, WriteOptions
from tests.apiserver.compared_server import ComparedServer, assert_both_ways_end_the_same

NOW = "2026-01-01T00:00:05Z"


class Watchful:
    """Sees every event, and changes nothing."""

    name = "Watchful"

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """Events."""
        return resource.startswith("events")

    def validate(self, attributes: Attributes, objects: Objects) -> None:
        """Let it pass."""


def event(name: str, **fields: Any) -> FrozenMap:
    """A remark as recorders make them."""
    value: FrozenMap = freeze(
        {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"name": name, "namespace": "default"},
            "involvedObject": {"kind": "Pod", "name": "p", "namespace": "default"},
            "reason": "Failed",
            "message": "no",
            "type": "Warning",
            "count": 1,
            "firstTimestamp": NOW,
            "lastTimestamp": NOW,
            "source": {"component": "test"},
            **fields,
        }
    )
    return value


class World(ComparedServer):
    """A server with three events, with or without somebody who must see them."""

    def __init__(self, *, is_watched: bool) -> None:
        super().__init__(Watchful() if is_watched else None)
        new = {"eventTime": "2026-01-01T00:00:05.000000Z", "action": "Bind"}
        reporter = {"reportingComponent": "test.io/x", "reportingInstance": "x"}
        owned = {"name": "e2", "namespace": "default", "finalizers": ["e.io/f"]}
        for body in (event("e0"), event("e1", **new, **reporter), event("e2", metadata=owned)):
            assert self.send("create", "events", body=body)[0] == 201

    def patch(self, name: str, document: Any, **fields: Any) -> Any:
        """Patch an event."""
        fields.setdefault("patch_type", MERGE_PATCH)
        return self.send("patch", "events", name, body=freeze(document), **fields)


DOCUMENTS = st.fixed_dictionaries(
    {
        "count": st.sampled_from([1, 2, 3, 0, -1, 2**31 - 1, 2**31, 2.0, True, "2", None]),
        "lastTimestamp": st.sampled_from(
            [NOW, NOW, "2026-01-01T00:00:06Z", "2026-01-01T00:00:06.5Z", "soon", "", None, 1]
        ),
        "message": st.sampled_from(["no", "yes", "", "\u00e9<>&", None, 1, "m" * 2000]),
    },
    optional={"type": st.sampled_from(["Normal", "Odd"]), "unknown": st.just(1)},
) | st.builds(
    lambda count, message: {"count": count, "lastTimestamp": NOW, "message": message},
    st.integers(1, 3),
    st.sampled_from(["no", "yes"]),
)
EVENTS = st.sampled_from(["e0", "e0", "e1", "e2", "none"])
CALLS = st.one_of(
    st.tuples(
        st.just("patch"),
        EVENTS,
        DOCUMENTS,
        st.sampled_from([WriteOptions(), WriteOptions(), WriteOptions(dry_run=True)]),
        st.sampled_from([MERGE_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, ""]),
    ),
    st.tuples(st.just("delete"), EVENTS),
    st.tuples(st.just("own"), EVENTS),
)


def done(world: World, call: tuple[Any, ...]) -> Any:
    """What comes of a call."""
    verb, name, *rest = call
    if verb == "patch":
        document, options, patch_type = rest
        return world.patch(name, document, write_options=options, patch_type=patch_type)
    if verb == "delete":
        return world.send("delete", "events", name)
    owner = {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u"}
    return world.patch(name, {"metadata": {"ownerReferences": [owner, owner]}})


@given(st.lists(CALLS, max_size=12))
@settings(deadline=None)
def test_both_ways_end_the_same(calls):
    short, long = World(is_watched=False), World(is_watched=True)
    assert_both_ways_end_the_same(short, long, calls, done)


@pytest.mark.parametrize(("name", "is_plain"), [("e0", True), ("e1", False), ("e2", True)])
def test_old_events_take_the_short_way(name, is_plain):
    world = World(is_watched=False)
    world.patch(name, {"type": "Normal"})
    request = Request(
        verb="patch",
        resource="events",
        namespace="default",
        name=name,
        body=freeze({"count": 7, "lastTimestamp": NOW, "message": "again"}),
        patch_type=MERGE_PATCH,
    )
    patched = world.short_way(PlainRepeats).patched(request)
    kept = world.server.context.storage.get("events", "default", name)
    assert (patched == kept) is is_plain
    assert (kept["count"] == 7) is is_plain
