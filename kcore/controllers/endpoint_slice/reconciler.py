"""Observe a Service, its pods and its slices; plan; write.

Upstream: pkg/controller/endpointslice/endpointslice_controller.go.
"""

from typing import Self

from kcore.controllers.endpoint_slice.endpoints import desired_endpoints
from kcore.controllers.endpoint_slice.plan import (
    MANAGED_BY,
    MANAGER,
    SERVICE_NAME,
    SlicePlan,
    address_types,
    plan_slices,
)
from kcore.controllers.endpoint_slice.tracker import SliceTracker
from kcore.controllers.pod_condition import is_terminating
from kcore.controllers.service_pods import ServicePodHandler
from kcore.controllers.service_ports import labels_of
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import from_set
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.ownership import controller_reference
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For, Handles
from kcore.reconcile.workqueue import WorkQueue

SLICES = "endpointslices.discovery.k8s.io"
COMPONENT = "endpoint-slice-controller"


def build_endpoint_slice_controller(context: ControllerContext) -> Controller:
    """The EndpointSlice controller; its keys are Services."""
    queue, tracker = WorkQueue(), SliceTracker()
    services = context.informers.informer("services")
    return Controller(
        "endpointslice-controller",
        context,
        EndpointSliceReconciler(context, tracker),
        [
            For("services"),
            Handles("pods", ServicePodHandler(queue, services)),
            Handles(SLICES, SliceHandler(queue, tracker)),
        ],
        reads=["nodes"],
        queue=queue,
    )


class SliceHandler:
    """Slices somebody else changed or deleted are put right again."""

    def __init__(self, queue: WorkQueue, tracker: SliceTracker) -> None:
        self._queue = queue
        self._tracker = tracker

    def on_add(self, found: FrozenMap) -> None:
        """A slice appeared, perhaps the one just written."""
        self._enqueue(found)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A slice changed."""
        self._enqueue(old)
        self._enqueue(new)

    def on_delete(self, found: FrozenMap) -> None:
        """A slice is gone."""
        for entry in found.at("metadata", "ownerReferences", default=()):
            self._tracker.deleted(entry.get("uid") or "", found["metadata"]["uid"])
        self._enqueue(found)

    def _enqueue(self, found: FrozenMap) -> None:
        labels = labels_of(found)
        if labels.get(MANAGED_BY) == MANAGER and labels.get(SERVICE_NAME):
            self._queue.add(f"{found['metadata']['namespace']}/{labels[SERVICE_NAME]}")

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and tracker."""
        return type(self)(memo(self._queue), memo(self._tracker))


class EndpointSliceReconciler(Reconciler):
    """Keeps the slices of one Service. O(pods of the namespace)."""

    def __init__(self, context: ControllerContext, tracker: SliceTracker) -> None:
        self._client = context.client
        self._recorder = context.recorder_for(COMPONENT)
        self._services = context.lister("services")
        self._pods = context.lister("pods")
        self._nodes = context.lister("nodes")
        self._slices = context.lister(SLICES)
        self._tracker = tracker

    def restart(self) -> None:
        """Forget what was written; the informers list again."""
        self._tracker.clear()

    def reconcile(self, request: NamespacedName) -> Result:
        """One Service."""
        service = self._services.get(request.namespace, request.name)
        if service is None or service.at("spec", "type") == "ExternalName":
            return DONE
        selector = service.at("spec", "selector")
        if not selector:
            return DONE
        slices = self._own_slices(service)
        if self._tracker.is_stale(service["metadata"]["uid"], slices):
            return DONE  # the events that are still to come ask for this key again
        pods = self._pods.list(request.namespace, from_set(selector))
        skipped = False
        for address_type in address_types(service):
            skipped |= self._sync(service, slices, pods, address_type)
        self._drop_other_types(service, slices)
        return Result(requeue=True) if skipped else DONE

    def _own_slices(self, service: FrozenMap) -> list[FrozenMap]:
        metadata = service["metadata"]
        found = self._slices.by_index("service", f"{metadata['namespace']}/{metadata['name']}")
        return [
            known
            for known in found
            if labels_of(known).get(MANAGED_BY) == MANAGER and not is_terminating(known)
        ]

    def _sync(
        self,
        service: FrozenMap,
        slices: list[FrozenMap],
        pods: list[FrozenMap],
        address_type: str,
    ) -> bool:
        """Write one address type; True when pods had to be left out for now."""
        own = [known for known in slices if known.get("addressType") == address_type]
        desired = desired_endpoints(service, pods, address_type, self._node)
        reference = controller_reference(service)
        self._write(service, plan_slices(service, own, desired, address_type, reference))
        return bool(desired.skipped)

    def _node(self, name: str) -> FrozenMap | None:
        return self._nodes.get("", name) if name else None

    def _write(self, service: FrozenMap, plan: SlicePlan) -> None:
        uid, going = service["metadata"]["uid"], is_terminating(service)
        try:
            for new in () if going else plan.create:
                self._tracker.wrote(uid, self._client.create(new))
            for changed in plan.update:
                self._tracker.wrote(uid, self._client.update(changed))
            for unused in plan.delete:
                self._delete(uid, unused)
        except ApiError as error:
            if any(cause.reason == "NamespaceTerminating" for cause in error.details.causes):
                return
            message = (
                f"Error updating Endpoint Slices for Service {service['metadata']['namespace']}/"
                f"{service['metadata']['name']}: {error}"
            )
            if error.code != 409:
                self._recorder.event(service, "Warning", "FailedToUpdateEndpointSlices", message)
            raise

    def _delete(self, service_uid: str, unused: FrozenMap) -> None:
        metadata = unused["metadata"]
        try:
            self._client.delete(SLICES, metadata["name"], metadata["namespace"])
        except ApiError as error:
            if error.code != 404:
                raise
        self._tracker.deleted(service_uid, metadata["uid"])

    def _drop_other_types(self, service: FrozenMap, slices: list[FrozenMap]) -> None:
        """Slices of an IP family the Service no longer has."""
        types = address_types(service)
        for known in slices:
            if known.get("addressType") not in types:
                self._delete(service["metadata"]["uid"], known)
