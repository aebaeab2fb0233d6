"""Observe an owner and its pods, plan, create or delete, write the status.

Upstream: pkg/controller/replicaset/replica_set.go, `syncReplicaSet`.
"""

from dataclasses import replace

from kcore.controllers.pod_condition import (
    is_active,
    is_terminal,
    is_terminating,
    next_availability_ns,
)
from kcore.controllers.pod_from_template import pod_from_template
from kcore.controllers.replica_set.counts import count_by_standing, count_pods, tally
from kcore.controllers.replica_set.handlers import OwnerHandler, PodHandler
from kcore.controllers.replica_set.kind import REPLICA_SET, ReplicaKind
from kcore.controllers.replica_set.plan import (
    ReplicaCounts,
    ReplicaPlan,
    next_status,
    observe_generation,
    plan_creations,
    plan_deletions,
    wanted_replicas,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.meta import controller_of
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.expectations import Expectations
from kcore.reconcile.ownership import (
    Claims,
    Strays,
    controller_reference,
    controller_uid,
)
from kcore.reconcile.reconciler import DONE, REQUEST_ERRORS, Reconciler, Result
from kcore.reconcile.slow_start import slow_start
from kcore.reconcile.sources import Handles
from kcore.reconcile.workqueue import WorkQueue


def build_replica_controller(
    context: ControllerContext, kind: ReplicaKind = REPLICA_SET
) -> Controller:
    """The controller of one replica kind, with its handlers registered."""
    queue, expectations, strays = WorkQueue(), Expectations(), Strays()
    owners = context.informers.informer(kind.resource)
    pods = PodHandler(kind, context.clock, queue, expectations, strays, owners)
    return Controller(
        kind.component,
        context,
        ReplicaReconciler(context, kind, expectations, strays),
        [Handles(kind.resource, OwnerHandler(queue, expectations)), Handles("pods", pods)],
        queue=queue,
    )


class ReplicaReconciler(Reconciler):
    """Keeps the number of an owner's active pods at `spec.replicas`. O(own pods) a call."""

    def __init__(
        self,
        context: ControllerContext,
        kind: ReplicaKind,
        expectations: Expectations,
        strays: Strays,
    ) -> None:
        self._kind = kind
        self._client = context.client
        self._clock = context.clock
        self._recorder = context.recorder_for(kind.component)
        self._owners = context.lister(kind.resource)
        self._pods = context.lister("pods")
        self._expectations = expectations
        self._strays = strays

    def restart(self) -> None:
        """Forget expectations and strays; the informers list again."""
        self._expectations.clear()
        self._strays.clear()

    def reconcile(self, request: NamespacedName) -> Result:
        """Create or delete pods, then write the status."""
        owner = self._owners.get(request.namespace, request.name)
        if owner is None:
            return DONE
        now_ns = self._clock.now_ns()
        may_act = self._expectations.satisfied(owner["metadata"]["uid"], now_ns)
        counts = self._counts_at_a_glance(owner)
        active: list[FrozenMap] = []
        if counts is None or counts.active > wanted_replicas(owner):
            pods = self._candidates(owner)
            active = self._claim(owner, [pod for pod in pods if is_active(pod)])
            counts = count_pods(owner, active, self._terminating_count(owner, pods), now_ns)
        error: Exception | None = None
        if may_act and not is_terminating(owner):
            error = self._apply(owner, self._plan(owner, counts, active, now_ns), now_ns)
        self._write_status(owner, counts, error, now_ns)
        if error is not None:
            raise error
        return self._next_check(owner, active, now_ns)

    def _counts_at_a_glance(self, owner: FrozenMap) -> ReplicaCounts | None:
        """Counts without looking at each pod; None when pods must be looked at."""
        if owner.at("spec", "minReadySeconds", default=0):
            return None
        metadata, selector = owner["metadata"], self._kind.selector_of(owner)
        for pod in self._stray_pods(metadata["namespace"]):
            if selector.matches(pod.at("metadata", "labels")):
                return None
        tallies = self._pods.summaries("owner", metadata["uid"], tally)
        counts = count_by_standing(owner, selector, tallies)
        if counts is None or self._kind.counts_terminating:
            return counts
        return replace(counts, terminating=None)

    def _candidates(self, owner: FrozenMap) -> list[FrozenMap]:
        """Own pods, and pods of the namespace that nobody controls."""
        metadata = owner["metadata"]
        own = [
            pod
            for pod in self._pods.by_index("owner", metadata["uid"])
            if controller_uid(pod) == metadata["uid"]
        ]
        return own + self._stray_pods(metadata["namespace"])

    def _stray_pods(self, namespace: str) -> list[FrozenMap]:
        strays = (self._pods.get(namespace, name) for name in self._strays.names(namespace))
        return [pod for pod in strays if pod is not None and controller_of(pod) is None]

    def _claim(self, owner: FrozenMap, pods: list[FrozenMap]) -> list[FrozenMap]:
        selector = self._kind.selector_of(owner)
        claims = Claims(self._client, owner, self._kind.resource, "pods", selector)
        return claims.claim(pods)

    def _plan(
        self, owner: FrozenMap, counts: ReplicaCounts, active: list[FrozenMap], now_ns: int
    ) -> ReplicaPlan:
        missing_count = wanted_replicas(owner) - counts.active
        if missing_count >= 0:
            return plan_creations(missing_count)
        return plan_deletions(-missing_count, active, self._related(owner), now_ns)

    def _related(self, owner: FrozenMap) -> list[FrozenMap]:
        """Active pods of all owners under the same controller, this one included."""
        parent = controller_uid(owner)
        siblings = [owner]
        if parent:
            found = self._owners.by_index("owner", parent)
            siblings = [sibling for sibling in found if controller_uid(sibling) == parent]
        return [
            pod
            for sibling in siblings
            for pod in self._pods.by_index("owner", sibling["metadata"]["uid"])
            if is_active(pod)
        ]

    def _terminating_count(self, owner: FrozenMap, pods: list[FrozenMap]) -> int | None:
        if not self._kind.counts_terminating:
            return None
        uid, selector = owner["metadata"]["uid"], self._kind.selector_of(owner)
        return sum(
            1
            for pod in pods
            if is_terminating(pod)
            and not is_terminal(pod)
            and controller_uid(pod) == uid
            and selector.matches(pod.at("metadata", "labels"))
        )

    def _apply(self, owner: FrozenMap, plan: ReplicaPlan, now_ns: int) -> Exception | None:
        if plan.creations:
            return self._create(owner, plan.creations, now_ns)
        if plan.victims:
            return self._delete(owner, plan.victims, now_ns)
        return None

    def _create(self, owner: FrozenMap, count: int, now_ns: int) -> Exception | None:
        metadata = owner["metadata"]
        reference = controller_reference(owner)
        pod = pod_from_template(owner["spec"]["template"], metadata["name"], reference)

        def create_one(_index: int) -> None:
            try:
                created = self._client.create(pod, metadata["namespace"])
            except REQUEST_ERRORS as error:
                if not _namespace_is_terminating(error):
                    message = f"Error creating: {error}"
                    self._recorder.event(owner, "Warning", "FailedCreate", message)
                raise
            message = f"Created pod: {created['metadata']['name']}"
            self._recorder.event(owner, "Normal", "SuccessfulCreate", message)

        self._expectations.expect_creations(metadata["uid"], count, now_ns)
        outcome = slow_start(count, create_one)
        skipped = count - outcome.successes
        if skipped:
            self._expectations.creation_observed(metadata["uid"], skipped)
        error = outcome.error
        return None if error is not None and _namespace_is_terminating(error) else error

    def _delete(
        self, owner: FrozenMap, victims: tuple[FrozenMap, ...], now_ns: int
    ) -> Exception | None:
        uid = owner["metadata"]["uid"]
        uids = [pod["metadata"]["uid"] for pod in victims]
        self._expectations.expect_deletions(uid, uids, now_ns)
        first: Exception | None = None
        for pod in victims:
            error = self._delete_one(owner, pod)
            if error is not None:
                self._expectations.deletion_observed(uid, pod["metadata"]["uid"])
                gone = isinstance(error, ApiError) and error.code == 404
                first = first if gone or first is not None else error
        return first

    def _delete_one(self, owner: FrozenMap, pod: FrozenMap) -> Exception | None:
        name = pod["metadata"]["name"]
        try:
            self._client.delete("pods", name, pod["metadata"]["namespace"])
        except REQUEST_ERRORS as error:
            if not (isinstance(error, ApiError) and error.code == 404):
                message = f"Error deleting: {error}"
                self._recorder.event(owner, "Warning", "FailedDelete", message)
            return error
        self._recorder.event(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name}")
        return None

    def _write_status(
        self,
        owner: FrozenMap,
        counts: ReplicaCounts,
        error: Exception | None,
        now_ns: int,
    ) -> None:
        """Write the status if it differs; after a conflict once more over the latest object."""
        wanted = next_status(owner, counts, error, now_ns)
        status = observe_generation(owner, wanted)
        if status is None:
            return
        try:
            self._client.update_status(owner.set(("status",), status))
        except ApiError as refusal:
            if refusal.code != 409:
                raise
            metadata = owner["metadata"]
            fresh = self._client.get(self._kind.resource, metadata["name"], metadata["namespace"])
            self._client.update_status(fresh.set(("status",), status))

    def _next_check(self, owner: FrozenMap, active: list[FrozenMap], now_ns: int) -> Result:
        """Look again when the next ready pod becomes available, should its event get lost."""
        min_ready_s = owner.at("spec", "minReadySeconds", default=0)
        delay_ns = next_availability_ns(active, min_ready_s, now_ns) if min_ready_s else None
        return DONE if delay_ns is None else Result(requeue_after_ns=delay_ns)


def _namespace_is_terminating(error: Exception) -> bool:
    if not isinstance(error, ApiError):
        return False
    return any(cause.reason == "NamespaceTerminating" for cause in error.details.causes)
