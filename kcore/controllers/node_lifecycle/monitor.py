"""The process: reacts to changed nodes at once, and looks at all of them every 5 s.

Changed nodes get their NoSchedule taints and legacy labels. The periodic pass declares silent
nodes Unknown, takes readiness from their pods, and adds or removes the NoExecute taints that
make the taint eviction controller act: at most one node per zone every 10 s, fewer where most of
a zone is down, none when everything is down (then the fault is more likely ours).
"""

from collections.abc import Iterable
from typing import Final, Self

from kcore.controllers.node_lifecycle.plan import (
    NodeHealth,
    NodeLifecycleOptions,
    ZoneState,
    eviction_key,
    eviction_period_ns,
    observe,
    ready_status,
    silenced,
    unready_pod,
    with_condition_taints,
    with_eviction_taint,
    with_legacy_labels,
    zone_of,
    zone_state,
)
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.reconcile.controller import ControllerContext, fork_clock
from kcore.reconcile.reconciler import REQUEST_ERRORS
from kcore.reconcile.sources import For
from kcore.reconcile.workqueue import WorkQueue

LEASE_NAMESPACE: Final = "kube-node-lease"


def build_node_lifecycle_controller(
    context: ControllerContext, options: NodeLifecycleOptions | None = None
) -> "NodeLifecycleController":
    """The controller with its handlers registered."""
    return NodeLifecycleController(context, options or NodeLifecycleOptions())


class NodeLifecycleController:
    """Nodes by name: what was seen of them, and when a zone may lose its next one."""

    __slots__ = (
        "_client",
        "_clock",
        "_health",
        "_informers",
        "_next_eviction_ns",
        "_next_pass_ns",
        "_options",
        "_queue",
        "_recorder",
        "_unready_pods",
    )

    def __init__(self, context: ControllerContext, options: NodeLifecycleOptions) -> None:
        self._client = context.client
        self._clock = context.clock
        self._options = options
        self._recorder = context.recorder_for("node-controller")
        nodes, pods, leases = (
            context.informers.informer(name) for name in ("nodes", "pods", "leases")
        )
        self._informers = (nodes, pods, leases)
        self._queue = WorkQueue()
        nodes.add_handler(For("nodes").handler(self._queue))
        self._health: dict[str, NodeHealth] = {}
        self._next_eviction_ns: dict[str, int] = {}
        self._unready_pods: dict[str, None] = {}
        self._next_pass_ns = 0

    @property
    def name(self) -> str:
        """`node-lifecycle-controller`."""
        return "node-lifecycle-controller"

    def ready(self) -> bool:
        """Whether a node changed or a pass is due. O(1)."""
        now_ns = self._clock.now_ns()
        return (self._queue.ready(now_ns) or now_ns >= self._next_pass_ns) and self._has_synced()

    def step(self) -> str:
        """Look at one changed node, or at all nodes."""
        now_ns = self._clock.now_ns()
        self._queue.wake(now_ns)
        key = self._queue.get()
        if key is None:
            return self._monitor(now_ns)
        self._queue.done(key)
        name = key.removeprefix("/")
        try:
            self._reconcile(name, now_ns)
        except REQUEST_ERRORS as error:
            self._queue.add_rate_limited(key, now_ns)
            return f"sync {name}: {error}"
        self._queue.forget(key)
        return f"sync {name}"

    def next_deadline_ns(self) -> int | None:
        """Retries of refused writes."""
        return self._queue.next_deadline_ns()

    def next_heartbeat_ns(self) -> int | None:
        """The next look at all nodes; a world without nodes needs none."""
        return self._next_pass_ns if self._health else None

    def restart(self) -> None:
        """Forget everything: each node gets a new grace period, as after a real restart."""
        self._queue.clear()
        self._health = {}
        self._next_eviction_ns = {}
        self._unready_pods = {}
        self._next_pass_ns = 0
        for informer in self._informers:
            informer.restart()

    def fork(self, memo: ForkMemo) -> Self:
        """The same controller in the forked world. O(nodes)."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._options = self._options
        twin._health = dict(self._health)
        twin._next_eviction_ns = dict(self._next_eviction_ns)
        twin._unready_pods = dict(self._unready_pods)
        twin._next_pass_ns = self._next_pass_ns
        twin._clock = fork_clock(self._clock, memo)
        twin._client = memo(self._client)
        twin._recorder = memo(self._recorder)
        twin._queue = memo(self._queue)
        nodes, pods, leases = (memo(informer) for informer in self._informers)
        twin._informers = (nodes, pods, leases)
        return twin

    # One changed node

    def _reconcile(self, name: str, now_ns: int) -> None:
        node = self._informers[0].lister.get("", name)
        if node is None:
            if self._health.pop(name, None) is not None:
                self._unready_pods.pop(name, None)
            return
        if name not in self._health:
            self._health[name] = observe(node, self._lease(name), None, now_ns)
            text = f"Node {name} event: Registered Node {name} in Controller"
            self._recorder.event(node, "Normal", "RegisteredNode", text)
        changed = with_condition_taints(node, now_ns) or node
        changed = with_legacy_labels(changed) or changed
        if changed is not node:
            self._client.update(changed)

    # All nodes

    def _monitor(self, now_ns: int) -> str:
        self._next_pass_ns = now_ns + self._options.monitor_period_ns
        nodes = self._informers[0].lister.list()
        seen = [self._check(node, now_ns) for node in nodes]
        states = self._zone_states(seen)
        for node in seen:
            self._evict(node, states, len(seen), now_ns)
        return f"monitor {len(seen)} nodes"

    def _check(self, node: FrozenMap, now_ns: int) -> FrozenMap:
        """Declare a silent node Unknown and its pods unready; returns the node as it is now."""
        name = node["metadata"]["name"]
        health = observe(node, self._lease(name), self._health.get(name), now_ns)
        self._health[name] = health
        silent = silenced(node, health, self._options, now_ns)
        was_ready = ready_status(node) == "True"
        if silent is not None:
            try:
                node = self._client.update_status(silent)
            except REQUEST_ERRORS:
                return node  # the next pass comes in a few seconds
        if ready_status(node) == "True":
            self._unready_pods.pop(name, None)
        elif silent is not None and was_ready:
            text = f"Node {name} status is now: NodeNotReady"
            self._recorder.event(node, "Normal", "NodeNotReady", text)
            self._unready_pods[name] = None
        if name in self._unready_pods:
            self._mark_pods(name, now_ns)
        return node

    def _mark_pods(self, node_name: str, now_ns: int) -> None:
        pods = self._informers[1].lister.by_index("node", node_name)
        for pod in pods:
            told = unready_pod(pod, now_ns)
            if told is None:
                continue
            try:
                self._client.update_status(told)
            except REQUEST_ERRORS as error:
                if isinstance(error, ApiError) and error.code == 404:
                    continue
                return  # tried again in the next pass
            self._recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")
        self._unready_pods.pop(node_name, None)

    def _zone_states(self, nodes: Iterable[FrozenMap]) -> dict[str, ZoneState]:
        ready: dict[str, list[bool]] = {}
        for node in nodes:
            ready.setdefault(zone_of(node), []).append(ready_status(node) == "True")
        return {zone: zone_state(each, self._options) for zone, each in ready.items()}

    def _evict(
        self, node: FrozenMap, states: dict[str, ZoneState], nodes_count: int, now_ns: int
    ) -> None:
        """Add, swap or remove the NoExecute taint, as fast as the zone's state allows."""
        zone = zone_of(node)
        key = eviction_key(node)
        if all(state == "FullDisruption" for state in states.values()):
            key = None
        # Upstream adds the NoSchedule taint a moment earlier; here both come in one write.
        schedulable = with_condition_taints(node, now_ns) or node
        changed = with_eviction_taint(schedulable, key, now_ns)
        if changed is None:
            return
        if key is not None and not self._has_eviction_taint(node):
            period_ns = eviction_period_ns(states[zone], nodes_count, self._options)
            if period_ns is None or now_ns < self._next_eviction_ns.get(zone, 0):
                return
            self._next_eviction_ns[zone] = now_ns + period_ns
        try:
            self._client.update(changed)
        except REQUEST_ERRORS:
            self._next_eviction_ns.pop(zone, None)  # the next pass tries again

    def _has_eviction_taint(self, node: FrozenMap) -> bool:
        return with_eviction_taint(node, None, 0) is not None

    def _lease(self, name: str) -> FrozenMap | None:
        return self._informers[2].lister.get(LEASE_NAMESPACE, name)

    def _has_synced(self) -> bool:
        return all(informer.has_synced for informer in self._informers)
