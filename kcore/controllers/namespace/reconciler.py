"""Deletes the content of a Terminating namespace, pods first, then its finalizer.

Starts five seconds after the deletion, as upstream does to let every API server learn of it.

Upstream: pkg/controller/namespace/{namespace_controller,deletion/namespaced_resources_deleter}.go.
"""

from typing import Final, Self

from kcore.api.catalog import default_scheme
from kcore.controllers.namespace.plan import (
    KUBERNETES_FINALIZER,
    Remaining,
    look_again_ns,
    survey,
    with_conditions,
    without_finalizer,
)
from kcore.controllers.pod_condition import is_terminating
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.request import DeleteOptions
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext, fork_clock
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import Handles, key_of
from kcore.reconcile.workqueue import WorkQueue
from kcore.runtime.clock import SECOND_NS, Clock

# Upstream's namespaceDeletionGracePeriod.
DELETION_GRACE_NS: Final = 5 * SECOND_NS


def build_namespace_controller(context: ControllerContext) -> Controller:
    """The namespace controller; its keys are namespaces that are being deleted."""
    queue = WorkQueue()
    return Controller(
        "namespace-controller",
        context,
        NamespaceReconciler(context),
        [Handles("namespaces", DyingNamespaceHandler(queue, context.clock))],
        queue=queue,
    )


def contained_resources() -> tuple[str, ...]:
    """Every built-in namespaced resource that can be listed and deleted; pods first."""
    found = [
        str(info.group_resource)
        for info in default_scheme()
        if info.preferred and info.namespaced and {"list", "delete"} <= set(info.verbs)
    ]
    # core Events and events.k8s.io Events are the same objects.
    others = sorted(name for name in found if name not in ("pods", "events.events.k8s.io"))
    return ("pods", *others)


class DyingNamespaceHandler:
    """Asks for namespaces with a deletion timestamp, a little later."""

    def __init__(self, queue: WorkQueue, clock: Clock) -> None:
        self._queue = queue
        self._clock = clock

    def on_add(self, namespace: FrozenMap) -> None:
        """A namespace seen for the first time."""
        if is_terminating(namespace):
            self._queue.add_after(key_of(namespace), DELETION_GRACE_NS, self._clock.now_ns())

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A namespace changed."""
        self.on_add(new)

    def on_delete(self, namespace: FrozenMap) -> None:
        """Nothing is left to do."""

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue."""
        return type(self)(memo(self._queue), fork_clock(self._clock, memo))


class NamespaceReconciler(Reconciler):
    """One round of emptying. O(content)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._clock = context.clock
        self._resources = contained_resources()

    def reconcile(self, request: NamespacedName) -> Result:
        """Delete what is there; finish when nothing is left, else look again."""
        namespace = self._live(request.name)
        if namespace is None or not is_terminating(namespace):
            return DONE
        if KUBERNETES_FINALIZER not in namespace.at("spec", "finalizers", default=EMPTY_LIST):
            return DONE
        remaining = self._delete_content(namespace)
        namespace = self._write_conditions(namespace, remaining)
        if remaining.by_resource:
            return Result(requeue_after_ns=look_again_ns(remaining))
        self._client.update(without_finalizer(namespace), subresource="finalize")
        return DONE

    def _live(self, name: str) -> FrozenMap | None:
        try:
            return self._client.get("namespaces", name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _delete_content(self, namespace: FrozenMap) -> Remaining:
        """Pods first: other content goes when nothing runs any more."""
        name, now_ns = namespace["metadata"]["name"], self._clock.now_ns()
        pods = self._empty("pods", name)
        left = {"pods.": pods}
        if not pods:
            for resource in self._resources[1:]:
                left[_full_name(resource)] = self._empty(resource, name)
        return survey(left, namespace, now_ns)

    def _empty(self, resource: str, namespace: str) -> tuple[FrozenMap, ...]:
        """Delete all objects of one resource and return those that are still there."""
        objects = self._client.list(resource, namespace)
        for obj in objects:
            if not is_terminating(obj):
                self._delete(resource, obj)
        return self._client.list(resource, namespace) if objects else ()

    def _delete(self, resource: str, obj: FrozenMap) -> None:
        metadata = obj["metadata"]
        options = DeleteOptions(propagation_policy="Background", uid=metadata["uid"])
        try:
            self._client.delete(resource, metadata["name"], metadata["namespace"], options)
        except ApiError as error:
            if error.code != 404:
                raise

    def _write_conditions(self, namespace: FrozenMap, remaining: Remaining) -> FrozenMap:
        told = with_conditions(namespace, remaining, self._clock.now_ns())
        return namespace if told == namespace else self._client.update_status(told)


def _full_name(resource: str) -> str:
    """`pods.` and `deployments.apps`, as upstream prints them."""
    return resource if "." in resource else f"{resource}."
