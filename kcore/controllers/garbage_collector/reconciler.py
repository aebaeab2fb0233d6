"""Reads the live object and its live owners, judges, and deletes, orphans or lets go.

Caches only suggest what to look at: everything decided here is read from the API first, and each
write carries the state it was decided on as a precondition, so that a stale cache, a restart or a
namesake never costs an object its life.
"""

from kcore.api.catalog import default_scheme
from kcore.controllers.garbage_collector.edges import Edges
from kcore.controllers.garbage_collector.graph import (
    FOREGROUND,
    ORPHAN,
    Owner,
    blocks,
    classify,
    has_finalizer,
    is_being_deleted,
    judge,
    references,
    waits_for_dependents,
    without_blocking,
    without_finalizer,
    without_owners,
)
from kcore.controllers.garbage_collector.handler import (
    CHECK,
    JUDGE,
    ORPHANS,
    GraphHandler,
    work_key,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import MERGE_PATCH, DeleteOptions, PropagationPolicy
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result, TerminalError
from kcore.reconcile.sources import Handles
from kcore.reconcile.workqueue import WorkQueue

COMPONENT = "garbage-collector-controller"


def monitored_resources() -> list[str]:
    """Every built-in resource that can be listed, watched and deleted, except Events."""
    needed = {"list", "watch", "delete"}
    return [
        str(info.group_resource)
        for info in default_scheme()
        if info.preferred and needed <= set(info.verbs) and info.resource != "events"
    ]


def build_garbage_collector(context: ControllerContext) -> Controller:
    """The garbage collector over all built-in resources."""
    queue = WorkQueue()
    resources = monitored_resources()
    pairs = [(resource, context.informers.informer(resource)) for resource in resources]
    edges = Edges(context.client, pairs)
    sources = [Handles(name, GraphHandler(name, queue, edges)) for name in resources]
    reconciler = GarbageCollector(context, queue, edges)
    return Controller("garbage-collector", context, reconciler, sources, queue=queue)


class GarbageCollector(Reconciler):
    """One key is one object to judge. O(its owners and dependents)."""

    def __init__(self, context: ControllerContext, queue: WorkQueue, edges: Edges) -> None:
        self._client = context.client
        self._recorder = context.recorder_for(COMPONENT)
        self._queue = queue
        self._edges = edges

    def restart(self) -> None:
        """Forget which resources have owners; the informers list again."""
        self._edges.restart()

    def reconcile(self, request: NamespacedName) -> Result:
        """Judge or orphan; the request's namespace is the verb, its name the object's key."""
        resource, namespace, name = request.name.split("/", 2)
        obj = self._live(resource, namespace, name)
        if obj is None:
            return DONE
        if request.namespace == ORPHANS:
            self._orphan_dependents(resource, obj)
        else:
            if request.namespace == CHECK:
                self._report_other_namespaces(obj)
            self._judge(resource, obj)
        return DONE

    def _live(self, resource: str, namespace: str, name: str) -> FrozenMap | None:
        try:
            return self._client.get(resource, name, namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _judge(self, resource: str, obj: FrozenMap) -> None:
        if waits_for_dependents(obj):
            self._finish_waiting(resource, obj)
            return
        if is_being_deleted(obj) or not references(obj):
            return
        uid = obj["metadata"]["uid"]
        owners = [(entry.get("uid") or "", self._owner(entry, obj)) for entry in references(obj)]
        verdict = judge(obj, owners, lambda: [o for _, o in self._edges.dependents(uid)])
        if verdict.forget:
            self._patch(resource, obj, without_owners(obj, verdict.forget))
        if verdict.unblock and obj != (loose := self._unblocked(resource, obj)):
            obj = loose
        if verdict.delete is not None:
            self._delete(resource, obj, verdict.delete)

    def _unblocked(self, resource: str, obj: FrozenMap) -> FrozenMap:
        if not any(entry.get("blockOwnerDeletion") for entry in references(obj)):
            return obj
        return self._patch(resource, obj, without_blocking(obj)) or obj

    def _owner(self, reference: FrozenMap, obj: FrozenMap) -> Owner:
        """What became of an owner, asked of the API.

        Raises:
            TerminalError: the reference cannot be resolved; the object stays until it changes.
        """
        info = self._edges.resource_of(reference)
        metadata = obj["metadata"]
        kind = f"{reference.get('apiVersion')}/{reference.get('kind')}"
        if info is None:
            raise TerminalError(f"{metadata['name']}: the server has no kind {kind}")
        namespace = metadata.get("namespace") or ""
        if info.namespaced and not namespace:
            raise TerminalError(
                f"{metadata['name']} is cluster-scoped and cannot have an owner of kind {kind}"
            )
        where = namespace if info.namespaced else ""
        owner = self._live(str(info.group_resource), where, reference.get("name") or "")
        return classify(owner, reference.get("uid") or "")

    def _finish_waiting(self, resource: str, obj: FrozenMap) -> None:
        """Let a foreground deletion go on once no dependent blocks it."""
        uid = obj["metadata"]["uid"]
        blocking = [pair for pair in self._edges.dependents(uid) if blocks(pair[1], uid)]
        if not blocking:
            self._patch(resource, obj, without_finalizer(obj, FOREGROUND))
            return
        for dependent_resource, dependent in blocking:
            if not is_being_deleted(dependent):
                self._queue.add(work_key(JUDGE, dependent_resource, dependent))

    def _orphan_dependents(self, resource: str, obj: FrozenMap) -> None:
        """Take the owner out of all dependents, then let its deletion go on."""
        if not (is_being_deleted(obj) and has_finalizer(obj, ORPHAN)):
            return
        uid = obj["metadata"]["uid"]
        for dependent_resource, known in self._edges.dependents(uid):
            metadata = known["metadata"]
            where = metadata.get("namespace") or ""
            live = self._live(dependent_resource, where, metadata["name"])
            if live is not None and live["metadata"]["uid"] == metadata["uid"]:
                self._patch(dependent_resource, live, without_owners(live, (uid,)))
        self._patch(resource, obj, without_finalizer(obj, ORPHAN))

    def _patch(self, resource: str, obj: FrozenMap, patch: object) -> FrozenMap | None:
        metadata = obj["metadata"]
        try:
            return self._client.patch(
                resource,
                metadata["name"],
                patch,
                metadata.get("namespace") or "",
                patch_type=MERGE_PATCH,
            )
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _delete(self, resource: str, obj: FrozenMap, policy: PropagationPolicy) -> None:
        metadata = obj["metadata"]
        options = DeleteOptions(
            propagation_policy=policy,
            uid=metadata["uid"],
            resource_version=metadata["resourceVersion"],
        )
        try:
            where = metadata.get("namespace") or ""
            self._client.delete(resource, metadata["name"], where, options)
        except ApiError as error:
            if error.code != 404:
                raise

    def _report_other_namespaces(self, obj: FrozenMap) -> None:
        """An owner in another namespace does not count; tell whoever wrote the reference."""
        own = obj["metadata"].get("namespace") or ""
        for entry in references(obj):
            if not own or own in (others := self._edges.namespaces_of(entry)) or not others:
                continue
            words = (
                f"ownerRef [{entry.get('apiVersion')}/{entry.get('kind')}, namespace: {own}, "
                f"name: {entry.get('name')}, uid: {entry.get('uid')}] "
                f'does not exist in namespace "{own}"'
            )
            self._recorder.event(obj, "Warning", "OwnerRefInvalidNamespace", words)
