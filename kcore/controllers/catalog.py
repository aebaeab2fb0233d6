"""The one list of controllers, and of what they do not do.

`build_controllers` is kcore's kube-controller-manager. A kind whose controller is missing is still
stored, listed and watched; nothing acts on it, and `unmodelled_work` says so by name.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from kcore.controllers.deployment.reconciler import build_deployment_controller
from kcore.controllers.endpoint_slice.reconciler import build_endpoint_slice_controller
from kcore.controllers.endpoints import build_endpoints_controller
from kcore.controllers.garbage_collector.reconciler import build_garbage_collector
from kcore.controllers.namespace.reconciler import build_namespace_controller
from kcore.controllers.node_lifecycle.monitor import build_node_lifecycle_controller
from kcore.controllers.node_metadata import build_node_metadata_controller
from kcore.controllers.pod_gc import build_pod_gc_controller
from kcore.controllers.replica_set.kind import REPLICA_SET, REPLICATION_CONTROLLER
from kcore.controllers.replica_set.reconciler import build_replica_controller
from kcore.controllers.root_ca import build_root_ca_controller
from kcore.controllers.service_account import build_service_account_controller
from kcore.controllers.taint_eviction.evictor import build_taint_eviction_controller
from kcore.controllers.volume_binder import build_volume_binder
from kcore.controllers.volume_protection import build_volume_protection_controller
from kcore.machinery.frozen import FrozenMap
from kcore.reconcile.controller import ControllerContext
from kcore.runtime.process import Process

MODELLED_KINDS: Final = (
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "EndpointSlice",
    "Endpoints",
    "Namespace",
    "ServiceAccount",
    "PersistentVolume",
)
"""Kinds whose objects kcore's controllers act on."""


def build_controllers(context: ControllerContext) -> list[Process]:
    """Every controller, in the order in which they join the loop."""
    return [
        build_namespace_controller(context),
        build_service_account_controller(context),
        build_root_ca_controller(context),
        build_deployment_controller(context),
        build_replica_controller(context, REPLICA_SET),
        build_replica_controller(context, REPLICATION_CONTROLLER),
        build_endpoint_slice_controller(context),
        build_endpoints_controller(context),
        build_pod_gc_controller(context),
        build_garbage_collector(context),
        build_node_metadata_controller(context),
        build_volume_binder(context),
        build_volume_protection_controller(context),
    ]


def build_node_controllers(context: ControllerContext) -> list[Process]:
    """Those that act on silent kubelets; a world whose nodes have no kubelets leaves them out."""
    return [build_node_lifecycle_controller(context), build_taint_eviction_controller(context)]


def unmodelled_work(objects: Iterable[FrozenMap]) -> list[str]:
    """One sentence per object of `objects` that waits for a controller kcore does not have."""
    return [sentence for obj in objects for sentence in _sentences(obj)]


def _sentences(obj: FrozenMap) -> Iterator[str]:
    describe = _MISSING.get(obj["kind"])
    words = None if describe is None else describe(obj)
    if words is not None:
        metadata = obj["metadata"]
        namespace = metadata.get("namespace") or ""
        where = f"{namespace}/{metadata['name']}" if namespace else metadata["name"]
        yield f"{obj['kind']} {where}: {words}"


def _missing(kind: str, work: str) -> str:
    return f"the {kind} controller is not part of kcore yet, {work}"


def _stateful_set(obj: FrozenMap) -> str | None:
    count = obj.at("spec", "replicas", default=1)
    if count == 0:
        return None
    return _missing("StatefulSet", f"its {_pods(count)} not created")


def _daemon_set(_obj: FrozenMap) -> str | None:
    return _missing("DaemonSet", "its pods (one per matching node) are not created")


def _job(obj: FrozenMap) -> str | None:
    if obj.at("spec", "suspend") or obj.at("status", "completionTime"):
        return None
    count = obj.at("spec", "parallelism", default=1)
    return _missing("Job", f"its {_pods(count)} not created") if count else None


def _cron_job(obj: FrozenMap) -> str | None:
    if obj.at("spec", "suspend"):
        return None
    schedule = obj.at("spec", "schedule", default="")
    return _missing("CronJob", f'no Job is started on its schedule "{schedule}"')


def _autoscaler(_obj: FrozenMap) -> str | None:
    return _missing("HorizontalPodAutoscaler", "its target keeps the size it has")


def _claim(obj: FrozenMap) -> str | None:
    if obj.at("spec", "volumeName"):
        return None
    return "no volume is bound to it and kcore provisions none, pods run as if it were bound"


def _ingress(_obj: FrozenMap) -> str | None:
    return "no ingress controller is part of kcore, it gets no address and routes nothing"


def _service(obj: FrozenMap) -> str | None:
    if obj.at("spec", "type") != "LoadBalancer":
        return None
    return "no cloud provider is part of kcore, it gets no external address"


def _disruption_budget(_obj: FrozenMap) -> str | None:
    return _missing("disruption", "its status does not count the pods it protects")


def _quota(_obj: FrozenMap) -> str | None:
    return _missing("ResourceQuota", "its status does not count what is used")


def _pods(count: int) -> str:
    return "1 pod is" if count == 1 else f"{count} pods are"


_MISSING: Final[dict[str, Callable[[FrozenMap], str | None]]] = {
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "HorizontalPodAutoscaler": _autoscaler,
    "PersistentVolumeClaim": _claim,
    "Ingress": _ingress,
    "Service": _service,
    "PodDisruptionBudget": _disruption_budget,
    "ResourceQuota": _quota,
}
