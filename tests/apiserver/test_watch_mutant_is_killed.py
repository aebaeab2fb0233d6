"""W15: an object that leaves a watch's selector must be DELETED, not MODIFIED.

kube-apiserver's watch cache got this wrong once; here the fault is put in on purpose, and the same
check that a correct server passes must find it.
"""

from typing import Any

import pytest

from kcore.apiserver import watching
from kcore.machinery.request import ListOptions
from kcore.machinery.watch_event import ADDED, DELETED, MODIFIED
from kcore.runtime.choice import SeededSource

SELECTOR = ListOptions(label_selector="tier=web")


def disagreement(door: Any, seed: int) -> str:
    """What a selector's watch tells differently from its list, after random changes; or nothing."""
    choices = SeededSource(seed)
    watch = door.send("watch", "configmaps", list_options=SELECTOR).stream
    known: dict[str, Any] = {}
    for _ in range(40):
        change(door, choices)
        while (event := watch.next()) is not None:
            name = event.object["metadata"]["name"]
            if (event.type == ADDED) == (name in known):
                return f"{event.type} of {name}"
            if event.type == DELETED:
                del known[name]
            else:
                known[name] = event.object
        listed = door.send("list", "configmaps", list_options=SELECTOR).body["items"]
        if {one["metadata"]["name"]: one for one in listed} != known:
            return f"watched {sorted(known)}, listed {len(listed)}"
    return ""


def change(door: Any, choices: SeededSource) -> None:
    """Create, relabel or delete one of a few objects."""
    name = f"map-{choices.choose(4, 'change')}"
    tier = ("web", "db")[choices.choose(2, "change")]
    body = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "labels": {"tier": tier}},
    }
    exists = any(
        one["metadata"]["name"] == name for one in door.send("list", "configmaps").body["items"]
    )
    if not exists:
        door.create("configmaps", body)
    elif choices.choose(4, "change"):
        door.send("update", "configmaps", name=name, body=body)
    else:
        door.send("delete", "configmaps", name=name)


@pytest.mark.parametrize("seed", range(5))
def test_a_correct_watch_agrees_with_its_list(door: Any, seed: int) -> None:
    """After each change."""
    assert disagreement(door, seed) == ""


def test_the_mutant_is_killed(door: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the first history in which an object leaves the selector."""
    correct = watching._under

    def mutant(selection: Any, event: Any) -> Any:
        told = correct(selection, event)
        if told is not None and told.type == DELETED and event.current is not None:
            return told._replace(type=MODIFIED, object=event.current.value)
        return told

    monkeypatch.setattr(watching, "_under", mutant)
    assert disagreement(door, 1)
