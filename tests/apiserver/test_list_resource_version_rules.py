"""resourceVersion, resourceVersionMatch and limit together: upstream's matrix."""

import pytest

from kcore.machinery.request import ListOptions


@pytest.fixture
def filled(door, make):
    versions = [
        door.create("configmaps", make.config_map(name))["metadata"]["resourceVersion"]
        for name in "abc"
    ]
    door.delete("configmaps", "b")
    return door, versions


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["a", "c"]),
        ({"resource_version": "0"}, ["a", "c"]),
        ({"resource_version": "OLD"}, ["a", "c"]),
        ({"resource_version": "OLD", "resource_version_match": "NotOlderThan"}, ["a", "c"]),
        ({"resource_version": "OLD", "resource_version_match": "Exact"}, ["a", "b"]),
        ({"resource_version": "OLD", "limit": 5}, ["a", "b"]),
        ({"resource_version": "0", "limit": 1}, ["a", "c"]),
        ({"resource_version": "OLD", "resource_version_match": "NotOlderThan", "limit": 1}, ["a"]),
    ],
)
def test_what_is_shown(filled, options, names):
    door, versions = filled
    options = {key: versions[1] if value == "OLD" else value for key, value in options.items()}

    assert door.names("configmaps", **options) == names


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ({"resource_version_match": "Exact"}, 422, "forbidden unless resourceVersion is provided"),
        (
            {"resource_version": "0", "resource_version_match": "Exact"},
            422,
            'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
        (
            {"resource_version": "5", "resource_version_match": "Bogus"},
            422,
            'Unsupported value: "Bogus": supported values: "Exact", "NotOlderThan", ""',
        ),
        (
            {"resource_version": "abc"},
            400,
            'invalid resource version: resourceVersion: Invalid value: "abc"',
        ),
        ({"resource_version": "-1"}, 400, 'parsing "-1": invalid syntax'),
        ({"send_initial_events": True}, 422, "sendInitialEvents is forbidden for list"),
    ],
)
def test_what_is_refused(filled, options, code, words):
    door, _ = filled

    refusal = door.refusal(door.list, "configmaps", **options)

    assert refusal.code == code
    assert words in refusal.message


@pytest.mark.parametrize("match", ["", "NotOlderThan", "Exact"])
def test_the_future_times_out(filled, match):
    door, _ = filled

    refusal = door.refusal(
        door.list, "configmaps", resource_version="1000000", resource_version_match=match
    )

    assert (refusal.code, refusal.reason) == (504, "Timeout")
    assert refusal.message.startswith("Timeout: Too large resource version: 1000000, current: ")
    assert refusal.to_status()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_an_exact_list_of_a_compacted_revision_is_gone(filled):
    door, versions = filled
    door.store.compact(door.store.revision)

    refusal = door.refusal(
        door.list, "configmaps", resource_version=versions[0], resource_version_match="Exact"
    )

    assert (refusal.code, refusal.message) == (
        410,
        "The resourceVersion for the provided list is too old.",
    )


def test_a_get_may_ask_for_a_minimum(filled):
    door, versions = filled
    at_least = ListOptions(resource_version=versions[2])

    assert door.get("configmaps", "a", list_options=at_least)
    future = ListOptions(resource_version="1000000")
    assert door.refusal(door.get, "configmaps", "a", list_options=future).code == 504
    nonsense = ListOptions(resource_version="abc")
    assert door.refusal(door.get, "configmaps", "a", list_options=nonsense).code == 500
