"""generateName: five safe characters, another try when the name is taken."""

import re

import pytest

from kcore.runtime.choice import FairSource, uuid4_text


def generated(prefix):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": prefix}}


def test_a_suffix_of_safe_characters_is_added(door):
    created = door.create("configmaps", generated("gen-"))

    name = created["metadata"]["name"]
    assert re.fullmatch(r"gen-[bcdfghjklmnpqrstvwxz2456789]{5}", name)
    assert created["metadata"]["generateName"] == "gen-"


def test_a_given_name_wins(door):
    body = generated("gen-")
    body["metadata"]["name"] = "fixed"

    assert door.create("configmaps", body)["metadata"]["name"] == "fixed"


def test_a_long_prefix_is_cut_to_keep_a_label(door):
    name = door.create("configmaps", generated("x" * 80))["metadata"]["name"]

    assert len(name) == 63


def test_a_taken_name_is_tried_again(door, make):
    probe = door.fork()
    first = probe.create("configmaps", generated("gen-"))["metadata"]["name"]
    second = probe.create("configmaps", generated("gen-"))["metadata"]["name"]
    door.create("configmaps", make.config_map(first))

    assert door.create("configmaps", generated("gen-"))["metadata"]["name"] == second


def test_it_gives_up_after_eight_tries(door, make):
    probe = door.fork()
    for _ in range(8):
        name = probe.create("configmaps", generated("gen-"))["metadata"]["name"]
        door.create("configmaps", make.config_map(name))

    refusal = door.refusal(door.create, "configmaps", generated("gen-"))

    assert refusal.code == 409
    assert "was not able to generate a unique name" in refusal.message


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "00000000-0000-4000-8000-000000000000"),
        (1, "00000000-0000-4000-8000-000000000001"),
        (2**122 - 1, "ffffffff-ffff-4fff-bfff-ffffffffffff"),
    ],
)
def test_uids_are_random_uuids_of_version_four(number, text):
    assert uuid4_text(number) == text


def test_counting_choices_never_repeat_a_uid():
    source = FairSource()

    uids = {uuid4_text(source.choose(2**122, "uid")) for _ in range(500)}

    assert len(uids) == 500
