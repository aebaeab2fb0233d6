"""A scheduler's surroundings without an API server: nodes, pods and other objects as given."""

from kcore.errors import NotModelledError
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.runtime.choice import FairSource
from kcore.runtime.clock import VirtualClock
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.framework.profile import MULTI_POINT, EnabledPlugin, PluginSet, Profile
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.nominator import Nominator
from kcore.scheduler.pod_info import PodInfo

RESOURCES = {
    "namespaces": "namespaces",
    "persistentVolumes": "persistentvolumes",
    "persistentVolumeClaims": "persistentvolumeclaims",
    "storageClasses": "storageclasses.storage.k8s.io",
    "csiNodes": "csinodes.storage.k8s.io",
    "csiDrivers": "csidrivers.storage.k8s.io",
    "csiStorageCapacities": "csistoragecapacities.storage.k8s.io",
    "volumeAttachments": "volumeattachments.storage.k8s.io",
    "services": "services",
    "replicaSets": "replicasets.apps",
    "statefulSets": "statefulsets.apps",
    "replicationControllers": "replicationcontrollers",
    "podDisruptionBudgets": "poddisruptionbudgets.policy",
    "pods": "pods",
    "nodes": "nodes",
}


class ListOfObjects:
    """A lister over a fixed list."""

    def __init__(self, objects=()):
        self.objects = {self._key(obj): obj for obj in objects}
        self.view = self.objects
        self.seen = None  # Ask for the view.

    @staticmethod
    def _key(obj):
        return obj.at("metadata", "namespace", default=""), obj["metadata"]["name"]

    def get(self, namespace, name):
        return self.objects.get((namespace, name))

    def list(self, namespace="", selector=None):
        return [
            obj
            for (own, _), obj in sorted(self.objects.items(), key=lambda item: item[0])
            if namespace in ("", own)
            and (selector is None or selector.matches(obj.at("metadata", "labels")))
        ]


class World:
    """A handle over fixed objects. Bound pods count on their nodes, the others do not."""

    def __init__(self, cluster=None, client=None):
        cluster = freeze(cluster or {})
        self.cache = SchedulerCache()
        self.nominated = Nominator()
        self.clock = VirtualClock()
        self.choices = FairSource()
        self.client = client
        self.listers = {
            resource: ListOfObjects(cluster.get(field) or ())
            for field, resource in RESOURCES.items()
        }
        self.runners = {}
        for node in cluster.get("nodes") or ():
            self.cache.set_node(node)
        for pod in cluster.get("pods") or ():
            info = PodInfo(pod)
            if info.node_name:
                self.cache.set_pod(info)
            elif info.nominated_node_name:
                self.nominated.nominate(info)
        self.cache.refresh()

    @property
    def snapshot(self):
        return self.cache.snapshot

    def lister(self, resource):
        if resource not in self.listers:
            raise NotModelledError(resource)
        return self.listers[resource]

    def filters_of(self, scheduler_name):
        return self.runners[scheduler_name]

    def runner(self, *plugins, args=None):
        """A profile of just these plugins, in this order."""
        enabled = tuple(EnabledPlugin(name) for name in plugins)
        profile = Profile(
            plugins={MULTI_POINT: PluginSet(enabled=enabled)},
            args={name: freeze(value) for name, value in (args or {}).items()},
        )
        return self.runner_of(profile)

    def runner_of(self, profile):
        runner = Runner(profile, REGISTRY)
        self.runners[runner.scheduler_name] = runner
        return runner


def info(pod) -> PodInfo:
    return PodInfo(pod if isinstance(pod, FrozenMap) else freeze(pod))
