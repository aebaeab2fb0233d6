"""Topics `queue/hints` and `queue/registrations`."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.framework.events import Action, Change, ClusterEvent, HintError, action_word
from kcore.scheduler.hints import HintTable
from kcore.scheduler.queued_pod import QueuedPod
from tests.conformance.scheduler.world import World, info


def answer_hints(given):
    """What each plugin says about the events which a change of an object amounts to."""
    world = World(given.get("cluster"))
    runner = world.runner_of(DEFAULT_PROFILE)
    table = HintTable(runner)
    queued = QueuedPod(info(given["pod"]), 0)
    old, new = (None if given.get(key) is None else freeze(given[key]) for key in ("old", "new"))
    answers = []
    for event in given["events"] or ():
        change = Change(_event(event), old, new)
        found = {
            name: [
                _hint(row, world, queued, change)
                for row in table.registrations(name)
                if row.event.covers(change.event)
            ]
            for name in runner.plugins
        }
        hints = {name: words for name, words in found.items() if words}
        answers.append({"event": event["label"], "hints": hints})
    return {"hints": answers}


def _hint(row, world, queued, change):
    if row.hint is None:
        return "Queue"
    try:
        return row.hint(world, queued.info, change).value
    except HintError as error:
        return f"error: {error}"


def _event(event):
    resource = event["resource"]
    word = event["label"].removeprefix(resource)
    actions = {action_word(action): action for action in Action}
    return ClusterEvent(resource, Action.UPDATE_OTHER if word == "Update" else actions[word])


def answer_registrations(given):
    """Which events each plugin waits for."""
    table = HintTable(World().runner_of(DEFAULT_PROFILE))
    return {
        plugin: [
            {
                "resource": row.event.resource,
                "actions": [
                    action_word(one) for one in row.event.action if one is not Action.UPDATE_OTHER
                ],
                "hint": row.hint is not None,
            }
            for row in table.registrations(plugin)
        ]
        for plugin in table.plugins
        if table.registrations(plugin)
    }
