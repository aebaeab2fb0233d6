"""Topics `queue/sequence` and `queue/backoff`: operations on a queue and its state after each."""

from dataclasses import replace

from kcore.machinery.frozen import freeze
from kcore.scheduler.backoff import Backoff
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.changes import node_events
from kcore.scheduler.event_handlers import NodeEvents, PodEvents
from kcore.scheduler.hints import HintTable
from kcore.scheduler.pod_info import PodInfos
from kcore.scheduler.queue import SchedulingQueue
from kcore.scheduler.queue_rules import QueueRules
from tests.conformance.scheduler.world import World, info


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
            "attempts": queued.attempts_count + 1,
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


def answer_queue(given):
    """The state after each operation."""
    driver = QueueDriver(given)
    return {"steps": [driver.run(op) for op in given["ops"]]}
