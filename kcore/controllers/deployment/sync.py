"""One reconcile of one Deployment: applies plans, one write after the other.

The order of writes is upstream's, because a crash may fall between any two of them. Objects are
read once at the start; what this reconcile writes itself it carries on in `deployment`.
"""

from collections.abc import Sequence

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.controllers.deployment.annotations import REVISION, annotations_of, with_size
from kcore.controllers.deployment.plan import (
    Scale,
    is_rolling,
    max_surge,
    plan_recreate_down,
    plan_rolling,
    plan_scaling,
    replicas_of,
    total_status,
)
from kcore.controllers.deployment.revision import (
    Rollout,
    expendable,
    new_replica_set,
    refreshed_new,
    same_template,
)
from kcore.controllers.deployment.status import (
    FAILED_CREATE,
    FOUND_REPLICA_SET,
    NEW_REPLICA_SET,
    PROGRESSING,
    counted_status,
    has_deadline,
    is_complete,
    new_condition,
    pause_condition,
    rollout_status,
    with_condition,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import condition_of
from kcore.reconcile.ownership import controller_reference, controller_uid


class DeploymentSync:
    """The writes of one reconcile. Lives as long as the call."""

    def __init__(
        self,
        client: Client,
        recorder: EventRecorder,
        deployment: FrozenMap,
        rollout: Rollout,
        now_ns: int,
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._now_ns = now_ns
        self.deployment = deployment
        self.rollout = rollout

    # Status ------------------------------------------------------------------------------------

    def check_paused(self) -> None:
        """Say in the status that the deployment was paused or resumed."""
        condition = pause_condition(self.deployment, self._now_ns)
        if condition is not None:
            self._set_condition(condition)
            self._update_status()

    def write_counted_status(self) -> None:
        """Write counts and availability."""
        status = counted_status(self.deployment, self.rollout.every, self.rollout.new, self._now_ns)
        self._write_status_if_changed(status)

    def write_rollout_status(self) -> bool:
        """Write the whole status; False when it said so already."""
        status = rollout_status(self.deployment, self.rollout.every, self.rollout.new, self._now_ns)
        return self._write_status_if_changed(status)

    def _write_status_if_changed(self, status: FrozenMap) -> bool:
        if status == (self.deployment.get("status") or EMPTY_MAP):
            return False
        self.deployment = self.deployment.set(("status",), status)
        self._update_status()
        return True

    def _set_condition(self, condition: FrozenMap) -> None:
        status = self.deployment.get("status") or EMPTY_MAP
        self.deployment = self.deployment.set(("status",), with_condition(status, condition))

    def _set_progress(self, status: str, reason: str, message: str) -> None:
        self._set_condition(new_condition(PROGRESSING, status, reason, message, self._now_ns))

    def _update_status(self) -> None:
        self.deployment = self._client.update_status(self.deployment)

    # The new ReplicaSet ------------------------------------------------------------------------

    def refresh_new(self) -> None:
        """Bring the present new ReplicaSet's annotations and delay up to date, if there is one."""
        new = self.rollout.new
        if new is None:
            return
        refreshed = refreshed_new(self.deployment, self.rollout, new)
        if refreshed is not None:
            self.rollout = Rollout(self._client.update(refreshed), self.rollout.olds)
            return
        changed = self._take_revision(annotations_of(new).get(REVISION) or "")
        if has_deadline(self.deployment) and condition_of(self.deployment, PROGRESSING) is None:
            message = f'Found new replica set "{new["metadata"]["name"]}"'
            self._set_progress("True", FOUND_REPLICA_SET, message)
            changed = True
        if changed:
            self._update_status()

    def ensure_new(self) -> None:
        """Refresh the new ReplicaSet, or create it.

        Raises:
            ApiError: refused, also when its name is taken: the hash collided and a counter that
                goes into the next hash was raised.
        """
        if self.rollout.new is not None:
            self.refresh_new()
            return
        draft = new_replica_set(
            self.deployment, self.rollout, controller_reference(self.deployment)
        )
        try:
            created = self._client.create(draft)
            existed = False
        except ApiError as error:
            created = self._existing(draft, error)
            existed = True
        self.rollout = Rollout(created, self.rollout.olds)
        name, size = created["metadata"]["name"], replicas_of(draft)
        if not existed and size > 0:
            self._tell_scaled("up", name, 0, size)
        changed = self._take_revision(annotations_of(draft)[REVISION])
        if not existed and has_deadline(self.deployment):
            self._set_progress("True", NEW_REPLICA_SET, f'Created new replica set "{name}"')
            changed = True
        if changed:
            self._update_status()

    def _existing(self, draft: FrozenMap, error: ApiError) -> FrozenMap:
        """The ReplicaSet that has the name already, if it is ours; else raise."""
        if error.reason == "AlreadyExists":
            metadata = draft["metadata"]
            found = self._client.get("replicasets.apps", metadata["name"], metadata["namespace"])
            ours = controller_uid(found) == self.deployment["metadata"]["uid"]
            if ours and same_template(self.deployment, found):
                return found
            count = self.deployment.at("status", "collisionCount", default=0)
            self.deployment = self.deployment.set(("status", "collisionCount"), count + 1)
            self._update_status()
        elif not any(cause.reason == "NamespaceTerminating" for cause in error.details.causes):
            self._tell_failed(draft["metadata"]["name"], error)
        raise error

    def _tell_failed(self, name: str, error: ApiError) -> None:
        message = f'Failed to create new replica set "{name}": {error}'
        if has_deadline(self.deployment):
            self._set_progress("False", FAILED_CREATE, message)
            self._update_status()
        self._recorder.event(self.deployment, "Warning", FAILED_CREATE, message)

    def _take_revision(self, revision: str) -> bool:
        """Note the new ReplicaSet's revision on the deployment; True when it was another."""
        if annotations_of(self.deployment).get(REVISION) == revision:
            return False
        path = ("metadata", "annotations", REVISION)
        self.deployment = self.deployment.set(path, revision)
        return True

    # Scaling -----------------------------------------------------------------------------------

    def scale(self, scales: Sequence[Scale]) -> bool:
        """Apply a plan; True when a size changed."""
        changed = [self._scale_one(scale) for scale in scales]
        return any(changed)

    def _scale_one(self, scale: Scale) -> bool:
        replica_set, old = scale.replica_set, replicas_of(scale.replica_set)
        wanted = replicas_of(self.deployment)
        annotations = annotations_of(replica_set)
        sized = with_size(annotations, wanted, wanted + max_surge(self.deployment))
        if old == scale.replicas and sized == annotations:
            return False
        fresh = self._latest(replica_set).set(("metadata", "annotations"), sized)
        updated = self._client.update(fresh.set(("spec", "replicas"), scale.replicas))
        self._replace(updated)
        if old == scale.replicas:
            return False
        direction = "up" if old < scale.replicas else "down"
        self._tell_scaled(direction, replica_set["metadata"]["name"], old, scale.replicas)
        return True

    def _latest(self, replica_set: FrozenMap) -> FrozenMap:
        """The same ReplicaSet as this reconcile last wrote it."""
        uid = replica_set["metadata"]["uid"]
        return next(
            (known for known in self.rollout.every if known["metadata"]["uid"] == uid),
            replica_set,
        )

    def _replace(self, updated: FrozenMap) -> None:
        uid = updated["metadata"]["uid"]

        def fresh(known: FrozenMap) -> FrozenMap:
            return updated if known["metadata"]["uid"] == uid else known

        new = self.rollout.new
        olds = tuple(fresh(old) for old in self.rollout.olds)
        self.rollout = Rollout(None if new is None else fresh(new), olds)

    def _tell_scaled(self, direction: str, name: str, old: int, size: int) -> None:
        message = f"Scaled {direction} replica set {name} from {old} to {size}"
        self._recorder.event(self.deployment, "Normal", "ScalingReplicaSet", message)

    def follow_size(self) -> None:
        """The deployment was scaled or is paused: resize what there is, start nothing."""
        self.refresh_new()
        self.scale(plan_scaling(self.deployment, self.rollout.new, self.rollout.olds))
        if self.deployment.at("spec", "paused"):
            self.clean_up()
        self.write_counted_status()

    # Rollouts ----------------------------------------------------------------------------------

    def roll(self) -> None:
        """One step of strategy RollingUpdate. The status is the caller's to write."""
        self.ensure_new()
        new = self.rollout.new
        if new is None or self.scale(plan_rolling(self.deployment, new, self.rollout.olds)):
            return
        self._clean_up_if_complete()

    def recreate(self, pods: Sequence[FrozenMap]) -> None:
        """One step of strategy Recreate: all old pods go before the first new one comes."""
        self.refresh_new()
        if self.scale(plan_recreate_down(self.rollout.olds)):
            return
        if self._old_pods_run(pods):
            return
        if self.rollout.new is None:
            self.ensure_new()
        new = self.rollout.new
        if new is not None and replicas_of(new) != replicas_of(self.deployment):
            self.scale([Scale(new, replicas_of(self.deployment))])
        self._clean_up_if_complete()

    def _old_pods_run(self, pods: Sequence[FrozenMap]) -> bool:
        if total_status(self.rollout.olds, "replicas") > 0:
            return True
        new = self.rollout.new
        new_uid = "" if new is None else new["metadata"]["uid"]
        return any(
            controller_uid(pod) != new_uid
            and pod.at("status", "phase") not in ("Failed", "Succeeded")
            for pod in pods
        )

    def _clean_up_if_complete(self) -> None:
        if is_complete(self.deployment, self.deployment.get("status") or EMPTY_MAP):
            self.clean_up()

    def clean_up(self) -> None:
        """Delete old ReplicaSets beyond the history limit."""
        for old in expendable(self.deployment, self.rollout.olds):
            metadata = old["metadata"]
            try:
                self._client.delete("replicasets.apps", metadata["name"], metadata["namespace"])
            except ApiError as error:
                if error.code != 404:
                    raise

    @property
    def rolling(self) -> bool:
        """Whether the strategy is RollingUpdate."""
        return is_rolling(self.deployment)
