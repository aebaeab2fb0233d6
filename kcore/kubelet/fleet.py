"""All hollow nodes as one process: one informer of pods, one set of timers.

A step registers one node, syncs one pod, or sends the heartbeats that are due. Pods are synced
when they change, when their record says so, or when a ConfigMap or Secret they wait for appears.
A node whose kubelet was stopped neither renews its lease nor touches its pods; its containers run
on, and when the kubelet comes back it reports what happened meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Self

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import InformerFactory
from kcore.errors import ApiError, InvariantError
from kcore.forking import ForkMemo
from kcore.kubelet.addresses import node_address, pod_address
from kcore.kubelet.behavior import Behavior
from kcore.kubelet.handlers import ConfigHandler, PodHandler
from kcore.kubelet.heartbeat import (
    LEASE_NAMESPACE,
    RENEW_NS,
    lease_object,
    renewal,
    reported_node,
)
from kcore.kubelet.hollow_node import HollowNode
from kcore.kubelet.node_shapes import NodeShape, Registration
from kcore.kubelet.pod_sync import REQUEST_ERRORS, PodSync
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.timers import Timers

# After a refused write; upstream backs pods off by about as much.
RETRY_NS: Final = SECOND_NS


class Fleet:
    """The kubelets of all hollow nodes.

    `choices` belongs to the interface of actors; a hollow kubelet leaves nothing to chance.
    """

    __slots__ = (
        "_blocked",
        "_client",
        "_clock",
        "_heartbeats",
        "_informers",
        "_joining",
        "_nodes",
        "_pods_count",
        "_queue",
        "_shared",
        "_sync",
        "_synced",
        "_timers",
    )

    def __init__(
        self,
        client: Client,
        informers: InformerFactory,
        clock: VirtualClock,
        choices: ChoiceSource,
        recorder: EventRecorder,
        behavior: Behavior | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        pods, nodes, config_maps, secrets = (
            informers.informer(name) for name in ("pods", "nodes", "configmaps", "secrets")
        )
        self._informers = (pods, nodes, config_maps, secrets)
        self._sync = PodSync(
            client, recorder.for_component("kubelet"), behavior or Behavior(), self._informers
        )
        self._nodes: dict[str, HollowNode] = {}
        self._shared = False
        self._joining: dict[str, None] = {}
        self._queue: dict[str, None] = {}
        self._blocked: dict[str, None] = {}
        self._timers = Timers()
        self._heartbeats = Timers()
        self._pods_count = 0
        self._synced = False
        pods.add_handler(PodHandler(self))
        config_maps.add_handler(ConfigHandler(self))
        secrets.add_handler(ConfigHandler(self))

    @property
    def name(self) -> str:
        """`kubelet`."""
        return "kubelet"

    @property
    def nodes(self) -> tuple[HollowNode, ...]:
        """All hollow nodes, in the order in which they were registered."""
        return tuple(self._nodes.values())

    # What a scenario asks for

    def register(
        self,
        name: str,
        shape: NodeShape,
        *,
        zone: str = "",
        labels: Mapping[str, str] | None = None,
        taints: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Start a node: its next step creates or updates the Node object and its lease.

        Raises:
            InvariantError: the fleet has a node of this name.
        """
        if name in self._nodes:
            raise InvariantError(f"node {name!r} is registered twice")
        address = node_address(len(self._nodes))
        registration = Registration(
            name, shape, address, zone=zone, labels=dict(labels or {}), taints=tuple(taints)
        )
        self._own()[name] = HollowNode(registration)
        self._joining[name] = None

    def stop_node(self, name: str) -> None:
        """Stop the kubelet of a node; its containers run on, unseen.

        Raises:
            KeyError: no such hollow node.
        """
        node = self._nodes[name]
        self._own()[name] = replace(node, running=False)
        self._joining.pop(name, None)
        self._timers.discard(name)
        self._heartbeats.discard(name)
        for key in node.pods:
            self._timers.discard(key)

    def start_node(self, name: str) -> None:
        """Start a stopped kubelet: it reports at once and looks at all its pods.

        Raises:
            KeyError: no such hollow node.
        """
        node = self._nodes[name]
        if node.running:
            return
        self._own()[name] = replace(node, running=True)
        self._joining[name] = None
        if self._has_synced():
            for pod in self._informers[0].lister.by_index("node", name):
                self.enqueue(pod)

    # What handlers tell

    def enqueue(self, pod: FrozenMap) -> None:
        """Sync this pod soon, if its node is one of ours."""
        node = self._nodes.get(pod.at("spec", "nodeName", default=""))
        if node is not None and node.running:
            self._queue[_key(pod)] = None

    def is_own_write(self, pod: FrozenMap) -> bool:
        """Whether this state of the pod is the kubelet's own last status write. O(1)."""
        node = self._nodes.get(pod.at("spec", "nodeName", default=""))
        record = None if node is None else node.pods.get(_key(pod))
        version = pod["metadata"].get("resourceVersion")
        return record is not None and record.written_version == version

    def forget(self, pod: FrozenMap) -> None:
        """The pod is gone from the API."""
        key, node = _key(pod), self._nodes.get(pod.at("spec", "nodeName", default=""))
        if node is not None:
            record = node.pods.get(key)
            if record is not None and record.uid == pod["metadata"]["uid"]:
                self._forget(node, key)

    def wake_blocked(self, namespace: str) -> None:
        """A ConfigMap or Secret changed: look again at pods of its namespace that wait for one."""
        prefix = f"{namespace}/"
        for key in self._blocked:
            if key.startswith(prefix):
                self._queue[key] = None

    # The process

    def ready(self) -> bool:
        """Whether a node joins, a pod waits or a timer is due. O(1)."""
        if self._joining:
            return True
        if not self._has_synced():
            return False
        now_ns = self._clock.now_ns()
        return bool(self._queue) or _due(self._timers, now_ns) or _due(self._heartbeats, now_ns)

    def step(self) -> str:
        """Register one node, sync one pod, or send one batch of heartbeats."""
        now_ns = self._clock.now_ns()
        if self._joining:
            return self._join(_take(self._joining), now_ns)
        while (key := self._timers.pop_due(now_ns)) is not None:
            (self._queue if "/" in key else self._joining)[key] = None
        if self._joining:
            return self._join(_take(self._joining), now_ns)
        if self._queue:
            return self._sync_pod(_take(self._queue), now_ns)
        return self._heartbeat(now_ns)

    def next_deadline_ns(self) -> int | None:
        """When the next pod changes by itself, or a refused node registers again."""
        return self._timers.next_deadline_ns()

    def next_heartbeat_ns(self) -> int | None:
        """When the next lease is renewed."""
        return self._heartbeats.next_deadline_ns()

    def restart(self) -> None:
        """Restart every kubelet: queues are lost, containers and their records are not."""
        self._queue.clear()
        self._blocked.clear()
        self._timers = Timers()
        self._synced = False
        for informer in self._informers:
            informer.restart()
        for node in self._nodes.values():
            if node.running:
                self._joining[node.name] = None

    def fork(self, memo: ForkMemo) -> Self:
        """The same fleet in the forked world; the table of nodes is copied when first changed."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._nodes = self._nodes
        twin._shared = self._shared = True
        twin._joining = dict(self._joining)
        twin._queue = dict(self._queue)
        twin._blocked = dict(self._blocked)
        twin._pods_count = self._pods_count
        twin._synced = self._synced
        twin._timers = memo(self._timers)
        twin._heartbeats = memo(self._heartbeats)
        twin._clock = memo(self._clock)
        twin._client = memo(self._client)
        pods, nodes, config_maps, secrets = (memo(informer) for informer in self._informers)
        twin._informers = (pods, nodes, config_maps, secrets)
        twin._sync = memo(self._sync)
        return twin

    # One pod

    def _sync_pod(self, key: str, now_ns: int) -> str:
        namespace, _, name = key.partition("/")
        pod = self._informers[0].lister.get(namespace, name)
        node = None if pod is None else self._nodes.get(pod.at("spec", "nodeName", default=""))
        if pod is None or node is None or not node.running:
            return f"leave {key}"
        try:
            self._sync_on(node, key, pod, now_ns)
        except REQUEST_ERRORS as error:
            # A conflict means that the cache is behind: the change it has not seen will call us.
            if not (isinstance(error, ApiError) and error.code == 409):
                self._timers.set_earlier(key, now_ns + RETRY_NS)
            return f"sync {key}: {error}"
        return f"sync {key}"

    def _sync_on(self, node: HollowNode, key: str, pod: FrozenMap, now_ns: int) -> None:
        address = pod_address(self._pods_count)
        record = self._sync.observe(node, key, pod, address, now_ns)
        if record is None:
            if pod.at("metadata", "deletionTimestamp") is not None:
                self._sync.remove(pod)
            return
        if record.address == address:
            self._pods_count += 1
        outcome = self._sync.advance(node, pod, record, now_ns)
        if outcome.pulled:
            node = replace(node, images=node.images.union(outcome.pulled))
        node = self._remember(node, key, outcome.record)
        self._schedule(key, outcome.wake_ns, blocked=self._sync.is_blocked(outcome.record))
        written = self._sync.write(node, pod, outcome, now_ns)
        if written is None:
            self._forget(node, key)
        elif written is not outcome.record:
            self._remember(node, key, written)

    def _schedule(self, key: str, wake_ns: int | None, *, blocked: bool) -> None:
        if wake_ns is None:
            self._timers.discard(key)
        else:
            self._timers.set(key, wake_ns)
        if blocked:
            self._blocked[key] = None
        else:
            self._blocked.pop(key, None)

    def _remember(self, node: HollowNode, key: str, record: Any) -> HollowNode:
        node = node.with_pod(key, record)
        self._own()[node.name] = node
        return node

    def _forget(self, node: HollowNode, key: str) -> None:
        self._own()[node.name] = node.without_pod(key)
        self._timers.discard(key)
        self._blocked.pop(key, None)

    # One node

    def _join(self, name: str, now_ns: int) -> str:
        node = self._nodes[name]
        self._heartbeats.set(name, now_ns + RENEW_NS)
        try:
            self._client.create(node.registration.node_object(now_ns))
        except REQUEST_ERRORS as error:
            if not (isinstance(error, ApiError) and error.reason == "AlreadyExists"):
                # Node names have no slash, unlike the keys of pods.
                self._timers.set(name, now_ns + RETRY_NS)
                return f"register {name}: {error}"
            self._report(node, now_ns)
        else:
            self._own()[name] = replace(node, reported_ns=now_ns)
        self._renew(name, now_ns)
        return f"register {name}"

    def _heartbeat(self, now_ns: int) -> str:
        count = 0
        while (name := self._heartbeats.pop_due(now_ns)) is not None:
            self._heartbeats.set(name, now_ns + RENEW_NS)
            self._renew(name, now_ns)
            self._report(self._nodes[name], now_ns)
            count += 1
        return f"heartbeat of {count} nodes"

    def _renew(self, name: str, now_ns: int) -> None:
        """Renew or create the lease; a failure is left to the next heartbeat, as upstream does."""
        try:
            self._client.patch("leases", name, renewal(now_ns), LEASE_NAMESPACE)
        except REQUEST_ERRORS as error:
            if isinstance(error, ApiError) and error.code == 404:
                self._create_lease(name, now_ns)

    def _create_lease(self, name: str, now_ns: int) -> None:
        try:
            node = self._client.get("nodes", name)
            self._client.create(lease_object(node, name, now_ns))
        except REQUEST_ERRORS:
            return  # no namespace yet, or no Node: the next heartbeat tries again

    def _report(self, node: HollowNode, now_ns: int) -> None:
        """Write the node's status when it is due or differs; failures wait for the next one."""
        try:
            current = self._client.get("nodes", node.name)
            wanted = reported_node(current, node.registration, node.reported_ns, now_ns)
            if wanted is None:
                return
            self._client.update_status(wanted)
        except REQUEST_ERRORS:
            return
        self._own()[node.name] = replace(self._nodes[node.name], reported_ns=now_ns)

    def _own(self) -> dict[str, HollowNode]:
        if self._shared:
            self._nodes = dict(self._nodes)
            self._shared = False
        return self._nodes

    def _has_synced(self) -> bool:
        if not self._synced:
            self._synced = all(informer.has_synced for informer in self._informers)
        return self._synced

    def check_invariants(self) -> None:
        """Raise AssertionError when queues and records contradict each other. O(pods)."""
        self._timers.check_invariants()
        self._heartbeats.check_invariants()
        records = {key for node in self._nodes.values() for key in node.pods}
        assert set(self._blocked) <= records, "a pod without a record is blocked"
        addresses = [
            record.address for node in self._nodes.values() for record in node.pods.values()
        ]
        assert len(set(addresses)) == len(addresses), "two pods have one address"


def _take(queue: dict[str, None]) -> str:
    """The oldest key."""
    key = next(iter(queue))
    del queue[key]
    return key


def _due(timers: Timers, now_ns: int) -> bool:
    deadline_ns = timers.next_deadline_ns()
    return deadline_ns is not None and deadline_ns <= now_ns


def _key(obj: FrozenMap) -> str:
    metadata = obj["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}"
