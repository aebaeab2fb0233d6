"""Lives one pod through `advance` and `status_of`, as a fleet would, without an API."""

from dataclasses import dataclass, field

from kcore.kubelet.behavior import Behavior
from kcore.kubelet.pod_lifecycle import World, advance, begin
from kcore.kubelet.pod_status import status_of
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import EPOCH_NS, SECOND_NS


def a_pod(containers=None, **spec):
    """A pod with one container `app` unless others are given."""
    return freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "namespace": "default", "uid": "u-1", "generation": 1},
            "spec": {
                "restartPolicy": "Always",
                "terminationGracePeriodSeconds": 30,
                "containers": containers or [{"name": "app", "image": "app:1"}],
                **spec,
            },
        }
    )


@dataclass
class Life:
    """One pod on one node; times in seconds since it arrived."""

    pod: object
    behavior: Behavior = field(default_factory=Behavior)
    config_errors: dict = field(default_factory=dict)
    mount_error: str = ""
    now_ns: int = EPOCH_NS
    images: set = field(default_factory=set)

    def __post_init__(self):
        self.record = begin(self.pod, "10.128.0.1", self.now_ns)
        self.remarks = []
        self.statuses = []
        self.wake_ns = None
        self.sync()

    def sync(self):
        """Advance to the present and take the status over into the pod."""
        world = World(self.now_ns, self.behavior, self.images, self.config_errors, self.mount_error)
        outcome = advance(self.pod, self.record, world)
        self.record, self.wake_ns = outcome.record, outcome.wake_ns
        self.images.update(outcome.pulled)
        self.remarks += [(r.reason, r.message) for r in outcome.remarks]
        status = status_of(self.pod, self.record, self.behavior, "172.16.0.1", self.now_ns)
        self.pod = self.pod.set("status", status)
        self.statuses.append((self.at_s, status))

    @property
    def at_s(self):
        return (self.now_ns - EPOCH_NS) / SECOND_NS

    def until(self, at_s, wakes_count=2000):
        """Follow the wake-ups to a time, and sync there."""
        end_ns = EPOCH_NS + round(at_s * SECOND_NS)
        for _ in range(wakes_count):
            if self.wake_ns is None or self.wake_ns > end_ns:
                break
            assert self.wake_ns > self.now_ns, "a wake-up must lie in the future"
            self.now_ns = self.wake_ns
            self.sync()
        self.now_ns = end_ns
        self.sync()
        return self

    def settle(self):
        """Follow the wake-ups to their end."""
        while self.wake_ns is not None:
            self.now_ns = self.wake_ns
            self.sync()
        return self

    def delete(self, grace_s=30):
        """Mark the pod as deleted now."""
        self.pod = self.pod.set(("metadata", "deletionTimestamp"), "2026-01-01T00:00:00Z")
        self.pod = self.pod.set(("metadata", "deletionGracePeriodSeconds"), grace_s)
        self.sync()
        return self

    @property
    def phase(self):
        return self.pod.status.phase

    def state(self, name="app"):
        """(state word, reason or None, ready, restarts) of a container."""
        status = self.pod["status"]
        rows = [*(status.initContainerStatuses or ()), *status.containerStatuses]
        row = next(row for row in rows if row.name == name)
        word = next(iter(row.state.keys()))
        return word, row.state[word].get("reason"), row.ready, row.restartCount

    def condition(self, kind):
        """(status, reason, message) of a condition."""
        row = next(row for row in self.pod.status.conditions if row.type == kind)
        return row.status, row.reason, row.message

    def reasons(self):
        return [reason for reason, _ in self.remarks]
