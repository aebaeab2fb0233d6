"""A small world for controllers: API server, controllers, a hollow kubelet, the scheduler.

The kubelet makes bound pods run and be ready at once, as KWOK's fast stages do; annotations leave a
pod alone (`hollow.test/kubelet: manual`) or keep it while it terminates
(`hollow.test/hold-delete: "true"`). The scheduler is kcore's.
"""

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import Informer, InformerFactory
from kcore.client.transport import InProcessTransport
from kcore.controllers.catalog import build_controllers
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST, freeze
from kcore.machinery.request import DeleteOptions
from kcore.machinery.resource import NamespacedName
from kcore.machinery.timestamps import format_time
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler
from kcore.reconcile.sources import For
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.loop import Loop
from kcore.runtime.trace import Trace
from kcore.scheduler.scheduler import Scheduler
from kcore.store.mvcc import Store

MANUAL = "hollow.test/kubelet"
HOLD = "hollow.test/hold-delete"


class HollowWorld:
    """Everything wired; nothing has taken a turn yet.

    With `prompt` informers deliver every event before anybody else acts, as on a fast network;
    otherwise caches lag as the seed decides.
    """

    def __init__(self, seed=0, nodes=3, build=build_controllers, prompt=False):
        self.prompt = prompt
        self.clock = VirtualClock()
        self.choices = SeededSource(seed)
        self.trace = Trace()
        self.faults = Faults()
        self.store = Store()
        self.server = APIServer(self.store, default_scheme(), self.clock, self.choices, self.trace)
        bootstrap(self.server)
        self.loop = Loop(self.clock, self.choices, self.trace)
        self.transport = InProcessTransport(self.server, self.faults)
        self.client = self.client_of("user")
        self.context = self._context("kube-controller-manager")
        self.controllers = build(self.context)
        self.loop.add(*self.context.informers.informers, *self.controllers)
        context = self._context("kubelet")
        self.kubelet = HollowKubelet(context)
        self.loop.add(*self._processes(context, "kubelet", self.kubelet, [For("pods")]))
        client = self.client_of("kube-scheduler")
        informers = InformerFactory(client)
        recorder = EventRecorder(client, self.clock, "default-scheduler")
        scheduler = Scheduler(client, informers, self.clock, self.choices, recorder)
        self.loop.add(*informers.informers, scheduler)
        for number in range(1, nodes + 1):
            self.client.create(node(f"n{number}"))

    def _context(self, actor):
        client = self.client_of(actor)
        recorder = EventRecorder(client, self.clock, actor)
        return ControllerContext(
            client, InformerFactory(client), self.clock, self.choices, recorder
        )

    @staticmethod
    def _processes(context, name, reconciler, sources):
        controller = Controller(name, context, reconciler, sources, reads=["nodes"])
        return [*context.informers.informers, controller]

    def client_of(self, actor):
        return Client(self.transport, self.server.scheme, actor)

    def settle(self, seconds=60):
        """Run everything due within `seconds` of the last change, and let that time pass.

        Returns the number of turns taken.
        """
        turns, revision, changed_ns = 0, self.store.revision, self.clock.now_ns()
        while True:
            if self.prompt:
                self._deliver()
            if self.loop.act():
                turns += 1
                assert turns < 20_000, "the world does not come to rest"
                if self.store.revision != revision:
                    revision, changed_ns = self.store.revision, self.clock.now_ns()
                continue
            due_ns = self.loop.next_deadline_ns()
            if due_ns is None or due_ns > changed_ns + seconds * SECOND_NS:
                break
            self.clock.advance_to(max(due_ns, self.clock.now_ns()))
        return turns

    def _deliver(self):
        for process in self.loop.processes:
            if isinstance(process, Informer):
                while process.ready():
                    process.step()

    def settle_and_wait(self, seconds):
        self.settle(seconds)
        self.clock.advance_to(self.clock.now_ns() + seconds * SECOND_NS)

    def objects(self, resource, namespace=""):
        return list(self.client.list(resource, namespace))

    def get(self, resource, name, namespace="default"):
        try:
            return self.client.get(resource, name, namespace)
        except ApiError as error:
            if error.code != 404:
                raise
            return None


def node(name, taints=(), labels=(), pods=500):
    spec = {"taints": list(taints)} if taints else {}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, **dict(labels)},
        },
        "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": "192.168.0.1"}],
            "allocatable": {"cpu": "64", "memory": "256Gi", "pods": str(pods)},
            "capacity": {"cpu": "64", "memory": "256Gi", "pods": str(pods)},
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
        },
    }


def deployment(name="web", replicas=3, image="app:1", annotations=(), **spec):
    template_metadata = {"labels": {"app": name}}
    if annotations:
        template_metadata["annotations"] = dict(annotations)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": template_metadata,
                "spec": {"containers": [{"name": "c", "image": image}]},
            },
            **spec,
        },
    }


def replica_set(name="r", replicas=3, **spec):
    return {**deployment(name, replicas, **spec), "kind": "ReplicaSet"}


class HollowKubelet(Reconciler):
    """Makes bound pods run, ready at once, and removes terminating ones."""

    def __init__(self, context):
        self._client = context.client
        self._clock = context.clock
        self._pods = context.lister("pods")
        self._nodes = context.lister("nodes")
        self._address = 0

    def reconcile(self, request: NamespacedName):
        pod = self._pods.get(request.namespace, request.name)
        if pod is None or not pod.at("spec", "nodeName", default=""):
            return DONE
        annotations = pod.at("metadata", "annotations", default={})
        if pod.at("metadata", "deletionTimestamp") is not None:
            if annotations.get(HOLD) != "true":
                self.remove(pod)
        elif annotations.get(MANUAL) != "manual":
            phase = pod.at("status", "phase")
            if phase == "Pending":
                self.make_ready(pod)
            elif phase == "Running" and _is_of_job(pod):
                self.finish(pod, "Succeeded", 0)
        return DONE

    def remove(self, pod):
        metadata = pod["metadata"]
        try:
            self._client.delete(
                "pods", metadata["name"], metadata["namespace"], DeleteOptions(grace_period_s=0)
            )
        except ApiError as error:
            if error.code != 404:
                raise

    def make_ready(self, pod, restarts=0):
        gates = [
            gate["conditionType"] for gate in pod.at("spec", "readinessGates", default=EMPTY_LIST)
        ]
        conditions = [("Initialized", "True"), ("Ready", "True"), ("ContainersReady", "True")]
        conditions += [(gate, "True") for gate in gates]
        self._write(pod, "Running", conditions, restarts=restarts)

    def run(self, pod):
        self._write(pod, "Running", [("Initialized", "True")], ready=False)

    def finish(self, pod, phase, code, reason=None, extra=()):
        why = "PodCompleted" if phase == "Succeeded" else "PodFailed"
        conditions = [("Ready", "False", why), ("ContainersReady", "False", why)]
        state = {"exitCode": code, "reason": reason or ("Completed" if code == 0 else "Error")}
        self._write(pod, phase, conditions, terminated=state, extra=extra)

    def _write(self, pod, phase, conditions, *, ready=True, restarts=0, terminated=None, extra=()):
        metadata = pod["metadata"]
        live = self._client.get("pods", metadata["name"], metadata["namespace"])
        if not ready:
            message = "containers with unready status"
            conditions = [
                *conditions,
                ("Ready", "False", "ContainersNotReady", message),
                ("ContainersReady", "False", "ContainersNotReady", message),
            ]
        status = self._addresses(live)
        status["phase"] = phase
        status["observedGeneration"] = live.at("metadata", "generation", default=1)
        status["conditions"] = self._merged(live, conditions, extra)
        is_up = ready and terminated is None
        status["containerStatuses"] = [
            {
                "name": container["name"],
                "image": container.get("image") or "",
                "imageID": "",
                "ready": is_up,
                "restartCount": restarts,
                "state": {"terminated": terminated}
                if terminated
                else {"running": {"startedAt": self._now()}},
            }
            for container in live["spec"]["containers"]
        ]
        for name in live.get("status") or ():
            status.setdefault(name, live["status"][name])
        self._client.update_status(live.set(("status",), freeze(status)))

    def _addresses(self, pod):
        if pod.at("status", "podIP"):
            return {}
        self._address += 1
        address = f"10.{self._address >> 16 & 255}.{self._address >> 8 & 255}.{self._address & 255}"
        status = {"startTime": self._now()}
        host = self._nodes.get("", pod["spec"]["nodeName"])
        if host is not None:
            addresses = host.at("status", "addresses", default=EMPTY_LIST)
            inner = [a["address"] for a in addresses if a["type"] == "InternalIP"]
            if inner:
                status["hostIP"] = inner[0]
                status["hostIPs"] = [{"ip": inner[0]}]
                if pod.at("spec", "hostNetwork"):
                    address = inner[0]
        return {**status, "podIP": address, "podIPs": [{"ip": address}]}

    def _merged(self, pod, conditions, extra):
        present = {
            c["type"]: dict_of(c) for c in pod.at("status", "conditions", default=EMPTY_LIST)
        }
        for condition_type, status, *words in conditions:
            known = present.get(condition_type)
            since = self._now()
            if known is not None and known["status"] == status:
                since = known.get("lastTransitionTime") or since
            entry = {"type": condition_type, "status": status, "lastTransitionTime": since}
            entry.update(zip(("reason", "message"), words, strict=False))
            present[condition_type] = entry
        for entry in extra:
            present[entry["type"]] = {"lastTransitionTime": self._now(), **entry}
        return list(present.values())

    def _now(self):
        return format_time(self._clock.now_ns())


def dict_of(value):
    return {key: value[key] for key in value}


def _is_of_job(pod):
    references = pod.at("metadata", "ownerReferences", default=EMPTY_LIST)
    return any(entry.get("kind") == "Job" for entry in references)
