"""Observe a Deployment and its ReplicaSets, decide which kind of step is due, take it.

Upstream: pkg/controller/deployment/deployment_controller.go, `syncDeployment`.
"""

from kcore.controllers.deployment.handlers import LastPodHandler, ReplicaSetHandler
from kcore.controllers.deployment.plan import is_scaling
from kcore.controllers.deployment.revision import tell_apart
from kcore.controllers.deployment.status import stuck_check_delay_ns
from kcore.controllers.deployment.sync import DeploymentSync
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.labels import from_label_selector
from kcore.machinery.meta import controller_of
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.ownership import Claims, Strays, controller_uid
from kcore.reconcile.predicates import anything
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import EnqueueHandler, Handles, own_key
from kcore.reconcile.workqueue import WorkQueue


def build_deployment_controller(context: ControllerContext) -> Controller:
    """The Deployment controller, with its handlers registered."""
    queue, strays = WorkQueue(), Strays()
    deployments = context.informers.informer("deployments.apps")
    replica_sets = context.informers.informer("replicasets.apps")
    pods = context.informers.informer("pods")
    return Controller(
        "deployment-controller",
        context,
        DeploymentReconciler(context, strays),
        [
            Handles("deployments.apps", EnqueueHandler(queue, own_key, anything)),
            Handles("replicasets.apps", ReplicaSetHandler(queue, strays, deployments)),
            Handles("pods", LastPodHandler(queue, deployments, replica_sets, pods)),
        ],
        queue=queue,
    )


class DeploymentReconciler(Reconciler):
    """Moves one Deployment one step on. O(its ReplicaSets), O(its pods) when it recreates."""

    def __init__(self, context: ControllerContext, strays: Strays) -> None:
        self._client = context.client
        self._clock = context.clock
        self._recorder = context.recorder_for("deployment-controller")
        self._deployments = context.lister("deployments.apps")
        self._replica_sets = context.lister("replicasets.apps")
        self._pods = context.lister("pods")
        self._strays = strays

    def restart(self) -> None:
        """Forget strays; the informers list again."""
        self._strays.clear()

    def reconcile(self, request: NamespacedName) -> Result:
        """One step: status only, resize, or roll out."""
        deployment = self._deployments.get(request.namespace, request.name)
        if deployment is None:
            return DONE
        if _selects_everything(deployment):
            return self._refuse(deployment)
        owned = self._claim(deployment)
        now_ns = self._clock.now_ns()
        rollout = tell_apart(deployment, owned)
        sync = DeploymentSync(self._client, self._recorder, deployment, rollout, now_ns)
        if deployment.at("metadata", "deletionTimestamp") is not None:
            sync.refresh_new()
            sync.write_counted_status()
            return DONE
        sync.check_paused()
        if deployment.at("spec", "paused"):
            sync.follow_size()
            return DONE
        sync.refresh_new()
        if is_scaling(sync.deployment, sync.rollout.every):
            sync.follow_size()
            return DONE
        return self._roll_out(sync, owned, now_ns)

    def _roll_out(self, sync: DeploymentSync, owned: list[FrozenMap], now_ns: int) -> Result:
        if sync.rolling:
            sync.roll()
        else:
            sync.recreate(self._pods_of(sync.deployment, owned))
        if sync.write_rollout_status():
            return DONE
        status = sync.deployment.get("status") or EMPTY_MAP
        delay_ns = stuck_check_delay_ns(sync.deployment, status, now_ns)
        if delay_ns is None:
            return DONE
        return Result(requeue_after_ns=delay_ns) if delay_ns else Result(requeue=True)

    def _refuse(self, deployment: FrozenMap) -> Result:
        """An empty selector would take every pod of the namespace."""
        message = "This deployment is selecting all pods. A non-empty selector is required."
        self._recorder.event(deployment, "Warning", "SelectingAll", message)
        generation = deployment.at("metadata", "generation", default=0)
        if deployment.at("status", "observedGeneration", default=0) < generation:
            self._client.update_status(deployment.set(("status", "observedGeneration"), generation))
        return DONE

    def _claim(self, deployment: FrozenMap) -> list[FrozenMap]:
        """Own ReplicaSets, after adopting strays and releasing strangers."""
        metadata = deployment["metadata"]
        own = [
            replica_set
            for replica_set in self._replica_sets.by_index("owner", metadata["uid"])
            if controller_uid(replica_set) == metadata["uid"]
        ]
        namespace = metadata["namespace"]
        found = (self._replica_sets.get(namespace, n) for n in self._strays.names(namespace))
        strays = [obj for obj in found if obj is not None and controller_of(obj) is None]
        selector = from_label_selector(deployment["spec"]["selector"])
        claims = Claims(self._client, deployment, "deployments.apps", "replicasets.apps", selector)
        return claims.claim(own + strays)

    def _pods_of(self, deployment: FrozenMap, owned: list[FrozenMap]) -> list[FrozenMap]:
        """Pods of the ReplicaSets that the deployment's selector matches."""
        selector = from_label_selector(deployment["spec"]["selector"])
        return [
            pod
            for replica_set in owned
            for pod in self._pods.by_index("owner", replica_set["metadata"]["uid"])
            if controller_uid(pod) == replica_set["metadata"]["uid"]
            and selector.matches(pod.at("metadata", "labels"))
        ]


def _selects_everything(deployment: FrozenMap) -> bool:
    selector = deployment.at("spec", "selector", default=EMPTY_MAP)
    return not selector.get("matchLabels") and not selector.get("matchExpressions")
