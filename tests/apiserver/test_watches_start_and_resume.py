"""Where a watch starts: the present state first, a version, the future, or never."""

import pytest

from kcore.machinery.watch_event import Change, change_of


def test_without_a_version_everything_is_added_first(door, make):
    door.create("configmaps", make.config_map("b"))
    door.create("configmaps", make.config_map("a"))

    stream = door.watch("configmaps")

    assert [(kind, name) for kind, name, _ in make.events_of(stream)] == [
        ("ADDED", "a"),
        ("ADDED", "b"),
    ]
    door.delete("configmaps", "a")
    assert [kind for kind, _, _ in make.events_of(stream)] == ["DELETED"]


def test_a_version_resumes_after_it(door, make):
    first = door.create("configmaps", make.config_map("a"))
    door.create("configmaps", make.config_map("b"))
    door.delete("configmaps", "a")

    stream = door.watch("configmaps", resource_version=first["metadata"]["resourceVersion"])

    seen = list(make.events_of(stream))
    assert [(kind, name) for kind, name, _ in seen] == [("ADDED", "b"), ("DELETED", "a")]
    last = door.store.revision
    assert [int(version) for _, _, version in seen] == [last - 1, last]


def test_not_older_than_starts_now_and_the_view_is_the_list(door, make):
    """How informers start: their cache is the stream's view."""
    door.create("configmaps", make.config_map("a"))

    stream = door.watch("configmaps", resource_version_match="NotOlderThan")

    assert not stream.pending()
    assert [obj["metadata"]["name"] for obj in stream.view.list()] == ["a"]
    door.create("configmaps", make.config_map("b"))
    assert len(stream.view) == 1
    assert stream.next().object["metadata"]["name"] == "b"
    assert len(stream.view) == 2
    assert stream.view.get("default", "b") is not None


def test_initial_events_end_with_a_bookmark(door, make):
    door.create("configmaps", make.config_map("a"))
    options = {
        "send_initial_events": True,
        "allow_watch_bookmarks": True,
        "resource_version_match": "NotOlderThan",
    }

    stream = door.watch("configmaps", **options)

    assert stream.next().type == "ADDED"
    bookmark = stream.next()
    assert bookmark.type == "BOOKMARK"
    assert bookmark.object["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert bookmark.revision == door.store.revision
    assert stream.next() is None


def test_a_compacted_version_is_too_old(door, make):
    first = door.create("configmaps", make.config_map("a"))
    door.update("configmaps", make.config_map("a", {"k": "v"}))
    door.update("configmaps", make.config_map("a", {"k": "w"}))
    door.store.compact(door.store.revision)

    refusal = door.refusal(
        door.watch, "configmaps", resource_version=first["metadata"]["resourceVersion"]
    )

    assert (refusal.code, refusal.reason) == (410, "Expired")
    assert refusal.message.startswith("too old resource version: ")


def test_a_cursor_that_falls_behind_compaction_is_told(door, make):
    stream = door.watch("configmaps", resource_version_match="NotOlderThan")
    for value in "xyz":
        door.send("create", "configmaps", body=make.config_map(value))
    door.store.compact(door.store.revision)

    refusal = door.refusal(stream.next)

    assert (refusal.code, refusal.reason) == (410, "Expired")


def test_the_future_is_silent(door, make):
    stream = door.watch("configmaps", resource_version=str(door.store.revision + 1))

    door.create("configmaps", make.config_map("a"))
    assert stream.next() is None
    door.create("configmaps", make.config_map("b"))
    assert stream.next().object["metadata"]["name"] == "b"


def test_contradictions_are_refused(door):
    for options in (
        {"send_initial_events": True},
        {"resource_version_match": "Exact", "resource_version": "1"},
        {"continue_token": "x"},
    ):
        assert door.refusal(door.watch, "configmaps", **options).code == 422
    assert door.refusal(door.watch, "configmaps", resource_version="abc").code == 500


def test_a_dry_run_is_not_seen(door, make):
    stream = door.watch("configmaps", resource_version_match="NotOlderThan")

    door.create("configmaps", make.config_map("a"), dry_run=True)

    assert not stream.pending()


@pytest.mark.parametrize("namespace", ["default", ""])
def test_asking_whether_something_is_there_loses_nothing(door, make, namespace):
    """`pending` may look ahead over the last initial event; what it finds is handed out."""
    door.create("configmaps", make.config_map("a"))
    bookmarks = {
        "send_initial_events": True,
        "allow_watch_bookmarks": True,
        "resource_version_match": "NotOlderThan",
    }
    streams = [door.watch("configmaps", namespace, **options) for options in ({}, bookmarks)]
    door.create("configmaps", make.config_map("b"))
    door.delete("configmaps", "a")

    seen = []
    for stream in streams:
        seen.append([])
        while stream.pending():
            event = stream.next()
            seen[-1].append((event.type, event.object["metadata"].get("name")))
    changes = [("ADDED", "b"), ("DELETED", "a")]
    assert seen == [
        [("ADDED", "a"), *changes],
        [("ADDED", "a"), ("BOOKMARK", None), *changes],
    ]


@pytest.mark.parametrize("namespace", ["default", ""])
def test_changes_are_events_without_words(door, make, namespace):
    """`change` tells what `next` tells, whatever the watch selects; bookmarks are no changes."""
    first = door.create("configmaps", make.config_map("a"))
    bookmarks = {
        "send_initial_events": True,
        "allow_watch_bookmarks": True,
        "resource_version_match": "NotOlderThan",
    }
    for options in (
        {},
        bookmarks,
        {"label_selector": "app=x"},
        {"resource_version": first["metadata"]["resourceVersion"]},
    ):
        told, asked, read = (door.watch("configmaps", namespace, **options) for _ in range(3))
        door.create("configmaps", make.config_map("b", labels={"app": "x"}))
        door.update("configmaps", make.config_map("b", labels={"app": "y"}))
        door.update("configmaps", make.config_map("b", labels={"app": "x"}))
        door.delete("configmaps", "b")
        expected = []
        while (event := told.next()) is not None:
            if event.type != "BOOKMARK":
                expected.append(change_of(event))
        found = []
        while (change := asked.change()) is not None:
            found.append(Change(change.key, change.value, change.previous_value))
        assert found == expected
        assert found
        values, previous = read.drain()
        assert [*zip(values, previous, strict=True)] == [change[1:] for change in found]
        assert asked.view.revision == told.view.revision
