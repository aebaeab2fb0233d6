"""What pod events do to cache and queue, against rules that read every pod anew."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.changes import pod_events
from kcore.scheduler.event_handlers import POD_ADDED, POD_DELETED, PodEvents
from kcore.scheduler.framework.events import ASSIGNED_POD, UNSCHEDULED_POD, Change
from kcore.scheduler.pod_info import FINISHED_PHASES, PodInfos

NAMES = "ab"
# What happens to a pod next; what cannot happen to it now does not.
DEEDS = (
    "create",
    "condition",
    "label",
    "assume",
    "forget",
    "bind",
    "steal",
    "resize",
    "end",
    "delete",
)


class Queue:
    """Notes who waits and what it is told."""

    def __init__(self):
        self.waiting, self.told, self.audience = {}, [], ([], [])

    @property
    def has_audience(self):
        return any(self.audience)

    def has_audience_for(self, event):
        assert event == POD_ADDED
        return self.has_audience

    def add(self, info):
        self.waiting[info.key] = info.pod

    def update(self, old, new):
        assert old.key == new.key
        self.waiting[new.key] = new.pod

    def delete(self, info):
        self.waiting.pop(info.key, None)

    def move_all(self, changes, priority_max=None):
        if self.has_audience:
            self.told += changes


class Rules:
    """What has to come of each event, worked out from the objects alone."""

    def __init__(self):
        self.on_nodes, self.waiting, self.told, self.audience = {}, {}, [], False

    def tell(self, *changes):
        self.told += changes if self.audience else ()

    def tell_of(self, resource, old, new):
        self.tell(*(Change(event, old, new) for event in pod_events(resource, old, new)))

    def add(self, pod):
        if ended(pod):
            return
        if pod.at("spec", "nodeName"):
            self.waiting.pop(pod.metadata.name, None)
            self.on_nodes[pod.metadata.name] = pod
            self.tell(Change(POD_ADDED, None, pod))
        else:
            self.waiting[pod.metadata.name] = pod

    def update(self, old, new, is_assumed):
        name = new.metadata.name
        if ended(old):
            self.add(new)
        elif ended(new):
            self.delete(old)
        elif not new.at("spec", "nodeName"):
            if not is_assumed:
                self.waiting[name] = new
                self.tell_of(UNSCHEDULED_POD, old, new)
        elif not old.at("spec", "nodeName"):
            self.add(new)
        else:
            self.on_nodes[name] = new
            self.tell_of(ASSIGNED_POD, old, new)

    def delete(self, pod):
        if ended(pod):
            return
        counted = self.on_nodes.pop(pod.metadata.name, None)
        if counted is not None:
            self.tell(Change(POD_DELETED, counted, None))
        self.waiting.pop(pod.metadata.name, None)


def ended(pod):
    return pod.at("status", "phase") in FINISHED_PHASES


def new_pod(name, number):
    return freeze(
        {
            "metadata": {"name": name, "namespace": "x", "uid": f"{name}-{number}"},
            "spec": {"containers": [{"name": "c"}], "schedulerName": "ours"},
            "status": {"phase": "Pending"},
        }
    )


def changed(pod, deed, number):
    """The pod after a deed; None when that cannot be done to it."""
    version = pod.set(("metadata", "resourceVersion"), str(number))
    if deed == "condition":
        return version.set(("status", "conditions"), [{"type": "Ready", "reason": str(number)}])
    if deed == "label":
        return version.set(("metadata", "labels"), {"number": str(number)})
    if deed == "end":
        return version.set(("status", "phase"), "Failed")
    placed = pod.at("spec", "nodeName")
    if deed == "resize" and placed:
        resources = {"requests": {"cpu": str(number)}}
        told = [{"name": "c", "allocatedResources": {"cpu": "1"}, "resources": resources}]
        return version.set(("status", "containerStatuses"), told)
    node_name = "node" if deed == "bind" else "another node"
    return None if placed or deed == "resize" else version.set(("spec", "nodeName"), node_name)


class World:
    """What is stored, and two readers of its events."""

    def __init__(self):
        self.cache, self.queue, self.infos = SchedulerCache(), Queue(), PodInfos()
        self.events = PodEvents(self.cache, self.queue, self.infos, frozenset(["ours"]))
        self.rules, self.stored = Rules(), {}

    def create(self, name, number):
        pod = self.stored[name] = new_pod(name, number)
        self.events.on_add(pod)
        self.rules.add(pod)

    def delete(self, pod):
        del self.stored[pod.metadata.name]
        self.events.on_delete(pod)
        self.rules.delete(pod)

    def assume(self, pod):
        name, uid = pod.metadata.name, pod.metadata.uid
        if name in self.rules.waiting and self.cache.pod(uid) is None:
            assumed = self.infos.of(self.queue.waiting.pop(f"x/{name}")).on_node("node")
            self.cache.assume(assumed)
            self.rules.waiting.pop(name)
            self.rules.on_nodes[name] = assumed.pod

    def forget(self, pod):
        name, uid = pod.metadata.name, pod.metadata.uid
        if self.cache.is_assumed(uid):
            self.cache.forget(self.cache.pod(uid))
            self.queue.add(self.infos.of(pod))
            self.rules.on_nodes.pop(name)
            self.rules.waiting[name] = pod

    def update(self, old, new):
        self.stored[new.metadata.name] = new
        self.rules.update(old, new, self.cache.is_assumed(new.metadata.uid))
        self.events.on_update(old, new)

    def check(self):
        known = [self.cache.pod(pod.metadata.uid) for pod in self.stored.values()]
        there = {info.name: info for info in known if info is not None}
        assert {name: info.pod for name, info in there.items()} == self.rules.on_nodes
        for info in there.values():
            assert info.requests == self.infos.of(info.pod).requests
            assert info.spec == info.pod.spec
        waiting = {f"x/{name}": pod for name, pod in self.rules.waiting.items()}
        assert self.queue.waiting == waiting
        assert self.queue.told == self.rules.told
        self.cache.check_invariants()


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(DEEDS), st.booleans()), min_size=12)
)
def test_events_mean_what_the_rules_say(deeds):
    world = World()
    for number, (name, deed, audience) in enumerate(deeds):
        world.rules.audience = audience
        world.queue.audience[number % 2][:] = ["somebody"] if audience else []
        world.queue.audience[1 - number % 2].clear()
        pod = world.stored.get(name)
        if pod is None:
            if deed == "create":
                world.create(name, number)
        elif deed in ("delete", "assume", "forget"):
            getattr(world, deed)(pod)
        elif deed != "create":
            new = changed(pod, deed, number)
            if new is not None:
                world.update(pod, new)
        world.check()
