"""Answers scheduler vectors with kcore's scheduler, in the vectors' own words."""

from dataclasses import replace

from kcore.errors import ManifestError
from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.backoff import Backoff
from kcore.scheduler.builtin import DEFAULT_PROFILE, REGISTRY
from kcore.scheduler.changes import node_events
from kcore.scheduler.event_handlers import NodeEvents, PodEvents
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import Action, Change, ClusterEvent, HintError, action_word
from kcore.scheduler.framework.interfaces import (
    FilterPlugin,
    NormalizeScorePlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    PreScorePlugin,
    ScorePlugin,
)
from kcore.scheduler.hints import HintTable
from kcore.scheduler.plugins.default_preemption import DefaultPreemption, ineligibility
from kcore.scheduler.pod_info import PodInfos
from kcore.scheduler.preemption import least_costly
from kcore.scheduler.queue import QueueRules, SchedulingQueue
from kcore.scheduler.queued_pod import QueuedPod
from kcore.scheduler.sampling import TieRule
from tests.scheduler.world import World, info


YEAR_NS = 365 * 24 * 3600 * 10**9


def status(value):
    if value is None:
        return {"code": "Success"}
    data = {"code": value.code.value}
    if value.reasons:
        data["reasons"] = sorted(value.reasons)
    return data


def answer_plugin(given):
    """The phases of one plugin on every node."""
    world = World(given["cluster"])
    nodes = list(world.snapshot)
    pod = info(given["pod"])
    try:
        plugin = REGISTRY.build(given["plugin"], freeze(given.get("args", {})))
    except ManifestError as error:
        return {"error": str(error)}
    state, out = CycleState(world), {}
    if isinstance(plugin, PreEnqueuePlugin):
        out["preEnqueue"] = status(plugin.pre_enqueue(world, pod))
    skipped = False
    out["preFilter"] = {"code": "Success"}
    if isinstance(plugin, PreFilterPlugin):
        result = plugin.pre_filter(state, pod, nodes)
        out["preFilter"] = status(result.status)
        if result.node_names is not None:
            out["preFilterNodes"] = sorted(result.node_names)
        skipped = result.status is not None and result.status.is_skip
        if result.status is not None and not skipped:
            return out
    passed = nodes
    if isinstance(plugin, FilterPlugin) and not skipped:
        statuses = {node.name: plugin.filter(state, pod, node) for node in nodes}
        out["filterFailed"] = {
            name: status(value) for name, value in statuses.items() if value is not None
        }
        passed = [node for node in nodes if statuses[node.name] is None]
    if not isinstance(plugin, ScorePlugin):
        return out
    if isinstance(plugin, PreScorePlugin):
        result = plugin.pre_score(state, pod, passed)
        out["preScore"] = status(result)
        if result is not None:
            return out
    raw = [plugin.score(state, pod, node) for node in passed]
    out["raw"] = {node.name: score for node, score in zip(passed, raw, strict=True)}
    if isinstance(plugin, NormalizeScorePlugin):
        scores = plugin.normalize(state, pod, passed, raw)
        out["normalized"] = {node.name: score for node, score in zip(passed, scores, strict=True)}
    return out


def _snake(word):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)


class QueueDriver:
    """Runs a vector's operations on a queue and shows its state in the vector's words."""

    def __init__(self, given):
        config = given.get("config", {})
        self.world = World(
            {**given.get("cluster", {}), "pods": given.get("cluster", {}).get("pods", [])}
        )
        self.runner = self.world.runner_of(DEFAULT_PROFILE)
        hints = {"default-scheduler": HintTable(self.runner)}
        rules = QueueRules(
            sort_key=self.runner.queue_sort.sort_key,
            gate=lambda handle, pod: getattr(self.runner.pre_enqueue(handle, pod), "plugin", ""),
            hints=hints,
            backoff=Backoff(
                config.get("podInitialBackoffSeconds", 1), config.get("podMaxBackoffSeconds", 10)
            ),
        )
        self.start_ns = self.world.clock.now_ns()
        self.queue = SchedulingQueue(self.world, self.world.nominated, rules)
        self.pods = PodEvents(
            self.world.cache, self.queue, PodInfos(), frozenset(["default-scheduler"])
        )
        self.nodes = NodeEvents(self.world.cache, self.queue)
        self.stored = {}
        self.popped = {}
        for pod in freeze(given.get("cluster", {})).get("pods") or ():
            self.stored[info(pod).key] = pod
            if not info(pod).node_name:
                self.pods.on_add(pod)
        self.known_nodes = {
            node["metadata"]["name"]: node
            for node in freeze(given.get("cluster", {})).get("nodes") or ()
        }

    def run(self, op):
        if op["op"] == "advance":
            self._advance(round(op["seconds"] * 10**9))
        else:
            self._advance(10**6)
        return {**(getattr(self, f"do_{_snake(op['op'])}")(op) or {}), **self.state()}

    def _advance(self, delta_ns):
        self.world.clock.advance_to(self.world.clock.now_ns() + delta_ns)

    def do_advance(self, op):
        pass

    def do_add_pod(self, op):
        pod = freeze(op["pod"])
        self.stored[info(pod).key] = pod
        self.pods.on_add(pod)

    def do_update_pod(self, op):
        pod = freeze(op["pod"])
        old = self.stored[info(pod).key]
        self.stored[info(pod).key] = pod
        self.pods.on_update(old, pod)

    def do_delete_pod(self, op):
        pod = self.stored.pop(op["pod"], None)
        if pod is not None:
            self.pods.on_delete(pod)

    def do_add_node(self, op):
        node = freeze(op["node"])
        self.known_nodes[node["metadata"]["name"]] = node
        self.nodes.on_add(node)

    def do_update_node(self, op):
        node = freeze(op["node"])
        old = self.known_nodes[node["metadata"]["name"]]
        self.known_nodes[node["metadata"]["name"]] = node
        self.nodes.on_update(old, node)
        return {"events": [event.label for event in node_events(old, node)]}

    def do_delete_node(self, op):
        node = self.known_nodes.pop(op["node"], None)
        if node is not None:
            self.nodes.on_delete(node)

    def do_pop(self, op):
        queued = self.queue.pop()
        if queued is None:
            return {"popped": None}
        self.popped[queued.key] = queued
        return {
            "popped": queued.key,
            "attempts": queued.attempts_count,
            "schedulingCycle": self.queue.cycle_count,
        }

    def do_fail(self, op):
        queued = self.popped.pop(op["pod"])
        pod = self.stored.get(op["pod"])
        if pod is None or info(pod).node_name:
            self.queue.done(queued.info)
            return
        self.queue.put_back(
            replace(
                queued,
                info=info(pod),
                unschedulable_plugins=tuple(op.get("unschedulablePlugins", ())),
                pending_plugins=tuple(op.get("pendingPlugins", ())),
            )
        )
        self.world.nominated.nominate(info(pod), op.get("nominate", ""))

    def do_bind(self, op):
        queued = self.popped.pop(op["pod"])
        self.queue.done(queued.info)
        self.world.nominated.forget(queued.info.uid)
        old = self.stored[op["pod"]]
        new = old.set(("spec", "nodeName"), op["node"])
        self.stored[op["pod"]] = new
        self.pods.on_update(old, new)

    def do_flush_backoff(self, op):
        self.queue.flush_backoff()

    def do_flush_unschedulable(self, op):
        self.queue.flush_unschedulable()

    def do_activate(self, op):
        self.queue.activate(op["pods"])

    def state(self):
        queue = self.queue
        queue.check_invariants()
        uids = {info(pod).uid: key for key, pod in self.stored.items()}
        uids.update({queued.info.uid: key for key, queued in self.popped.items()})
        data = {
            "active": [queued.key for queued in queue.active],
            "backoff": {queued.key: self._backing_off(queued) for queued in queue.backing_off},
            "unschedulable": {queued.key: self._waiting(queued) for queued in queue.unschedulable},
            "inFlight": sorted(uids.get(uid, uid) for uid in queue.in_flight),
            "nominated": {
                node: [pod.key for pod in pods]
                for node, pods in self.world.nominated.by_node.items()
            },
        }
        return {key: value for key, value in data.items() if value}

    def _backing_off(self, queued):
        until = self.queue.expiration_ns(queued) - self.start_ns
        data = {"attempts": queued.attempts_count, "until": until / 10**9}
        if queued.errors_count:
            data["errors"] = queued.errors_count
        else:
            data["unschedulable"] = queued.unschedulable_count
        return data

    def _waiting(self, queued):
        data = {
            "attempts": queued.attempts_count,
            "unschedulablePlugins": sorted(queued.unschedulable_plugins),
            "pendingPlugins": sorted(queued.pending_plugins),
            "gatedBy": queued.gating_plugin,
        }
        return {key: value for key, value in data.items() if value or key == "attempts"}


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


def answer_cycle(given):
    """One whole attempt, and what preemption would do, in the vectors' words."""
    world = World(given["cluster"])
    # A pod that has not started counts as starting now, which upstream read from the wall clock.
    world.clock.advance_to(world.clock.now_ns() + YEAR_NS)
    profile = DEFAULT_PROFILE if "config" not in given else _profile(given["config"])
    runner = world.runner_of(profile)
    state = CycleState(world)
    pod = info(given["pod"])
    attempt = Attempt(runner, state, world.snapshot, Search(tie_rule=TieRule.HEAP))
    found = attempt.find(pod, world.choices)
    order = [node.name for node in world.snapshot]
    if isinstance(found, Found):
        return {"nodeOrder": order, **_found(found)}
    diagnosis = found.diagnosis
    out = {
        "nodeOrder": order,
        "nodeStatus": _statuses(diagnosis.node_statuses),
        "unschedulablePlugins": sorted(diagnosis.unschedulable_plugins),
        "errorBeforePostFilter": diagnosis.message,
    }
    if diagnosis.pre_filter_message:
        out["preFilterMessage"] = diagnosis.pre_filter_message
    if found.failure is not None:
        return {**out, "error": found.failure.message}
    return {**out, **_preemption(state, pod, diagnosis)}


def _found(found):
    best = max(found.scores.totals, default=0)
    totals = found.scores.totals
    ties = [node.name for node, total in zip(found.feasible, totals, strict=False) if total == best]
    out = {
        "feasible": [node.name for node in found.feasible],
        "nodeStatus": _statuses(found.statuses),
        "heapPick": found.node_name,
        "ties": ties or [found.node_name],
    }
    if totals:
        names = [node.name for node in found.feasible]
        out["total"] = dict(zip(names, totals, strict=True))
        for key in ("raw", "weighted"):
            table = getattr(found.scores, key)
            out[key] = {
                name: {plugin: scores[index] for plugin, scores in table.items()}
                for index, name in enumerate(names)
            }
    return out


def _statuses(statuses):
    return {name: {**status(one), "plugin": one.plugin} for name, one in statuses.items()}


def _preemption(state, pod, diagnosis):
    plugin = DefaultPreemption(freeze({}))
    refusal = ineligibility(state.handle, pod, diagnosis)
    if refusal:
        message = f"preemption: {refusal}"
        full = diagnosis.with_post_filter_message(message).message
        return {"error": full, "preemption": {"eligible": False, "notEligible": refusal}}
    candidates, statuses = plugin.candidates(state, pod, diagnosis)
    data = {"eligible": True}
    if statuses:
        data["nodeStatus"] = _statuses(statuses)
    if not candidates:
        result = plugin.post_filter(state, pod, diagnosis)
        full = diagnosis.with_post_filter_message(result.status.message).message
        return {"error": full, "preemption": data}
    best = least_costly(candidates, state.handle.clock.now_ns())
    names = {candidate.node_name for candidate in best}
    data["candidates"] = {
        one.node_name: {
            "pods": [victim.key for victim in one.victims],
            "pdbViolations": one.violations_count,
        }
        for one in candidates
    }
    data["chosenAmong"] = [node.name for node in state.handle.snapshot if node.name in names]
    message = (
        f"preemption: found a potential placement for pod on node {best[0].node_name}, "
        f"preempting {len(best[0].victims)} victims"
    )
    full = diagnosis.with_post_filter_message(message).message
    return {"error": full, "preemption": data}
