"""One sync of one pod on its node: observe, advance the record, write what changed.

The record is kept before anything is written: containers do not vanish when a write fails. A
refused write is repeated by the next sync, which computes the same status again.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import Informer
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.kubelet.admission import refuse
from kcore.kubelet.behavior import Behavior
from kcore.kubelet.config_refs import CONFIG_MAP, config_error, mount_error, references_of
from kcore.kubelet.container_start import CONFIG_ERROR
from kcore.kubelet.hollow_node import HollowNode
from kcore.kubelet.pod_lifecycle import Outcome, World, advance, container_specs
from kcore.kubelet.pod_record import PodRecord, Remark
from kcore.kubelet.pod_resume import resume
from kcore.kubelet.pod_status import TERMINAL_PHASES, status_of
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import DeleteOptions
from kcore.runtime.faults import LostResponseError

REFUSED_PREFIX: Final = "Pod was rejected: "


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync left behind. `blocked`: it waits for a ConfigMap or a Secret."""

    node: HollowNode
    wake_ns: int | None
    blocked: bool = False


class PodSync:
    """Reads the fleet's caches, writes through its client."""

    __slots__ = ("_behavior", "_client", "_config_maps", "_nodes", "_pods", "_recorder", "_secrets")

    def __init__(
        self,
        client: Client,
        recorder: EventRecorder,
        behavior: Behavior,
        informers: tuple[Informer, Informer, Informer, Informer],
    ) -> None:
        """`informers` are those of pods, nodes, configmaps and secrets."""
        self._client = client
        self._recorder = recorder
        self._behavior = behavior
        self._pods, self._nodes, self._config_maps, self._secrets = informers

    def observe(
        self, node: HollowNode, key: str, pod: FrozenMap, address: str, now_ns: int
    ) -> PodRecord | None:
        """The record of the pod, made now if there is none; None when there is nothing to run."""
        record = node.pods.get(key)
        if record is not None and record.uid == pod["metadata"]["uid"]:
            return record
        if pod.at("status", "phase") in TERMINAL_PHASES:
            return None
        fresh = resume(pod, address, now_ns)
        machine = self._nodes.lister.get("", node.name)
        if machine is None or fresh.mounted:
            return fresh
        failure = refuse(pod, machine, self._active(node, key))
        if failure is None:
            return fresh
        self._remark(pod, (Remark("Warning", failure.reason, failure.message),))
        told = replace(failure, message=REFUSED_PREFIX + failure.message)
        return replace(fresh, failure=told, refused=True)

    def advance(self, node: HollowNode, pod: FrozenMap, record: PodRecord, now_ns: int) -> Outcome:
        """Apply everything due; nothing is written yet."""
        return advance(pod, record, self._world(node, pod, record, now_ns))

    def write(
        self, node: HollowNode, pod: FrozenMap, outcome: Outcome, now_ns: int
    ) -> PodRecord | None:
        """Write Events, status and, at the very end, the deletion; None: the pod is gone.

        Raises:
            ApiError: a write was refused; the next sync repeats it.
            LostResponseError: nobody knows whether a write was done.
        """
        self._remark(pod, outcome.remarks)
        record = outcome.record
        address = node.registration.address
        status = status_of(pod, record, self._behavior, address, now_ns)
        try:
            if status != pod.get("status"):
                written = self._client.update_status(pod.set("status", status))
                version = written["metadata"].get("resourceVersion") or ""
                record = replace(record, written_version=version)
            if pod.at("metadata", "deletionTimestamp") is not None and record.stopped:
                self.remove(pod)
                return None
        except ApiError as error:
            if error.code != 404:
                raise
            return None
        return record

    def remove(self, pod: FrozenMap) -> None:
        """Take a pod that has ended out of the API.

        Raises:
            ApiError: refused for another reason than that the pod is gone or replaced.
        """
        metadata = pod["metadata"]
        options = DeleteOptions(grace_period_s=0, uid=metadata["uid"])
        try:
            self._client.delete("pods", metadata["name"], metadata["namespace"], options)
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def is_blocked(self, record: PodRecord) -> bool:
        """Whether a ConfigMap or Secret could set the pod going."""
        return bool(record.mount_error) or any(run.reason == CONFIG_ERROR for run in record.runs)

    def _world(self, node: HollowNode, pod: FrozenMap, record: PodRecord, now_ns: int) -> World:
        if all(run.running for run in record.runs) or not references_of(pod):
            return World(now_ns, self._behavior, node.images)
        namespace = pod["metadata"]["namespace"]

        def look_up(kind: str, name: str) -> FrozenMap | None:
            informer = self._config_maps if kind == CONFIG_MAP else self._secrets
            return informer.lister.get(namespace, name)

        errors = {
            name: error
            for name, container in container_specs(pod).items()
            if (error := config_error(container, namespace, look_up))
        }
        return World(now_ns, self._behavior, node.images, errors, mount_error(pod, look_up))

    def _active(self, node: HollowNode, key: str) -> list[FrozenMap]:
        """Pods this kubelet has accepted and that have not ended."""
        found = []
        for other, record in node.pods.items():
            namespace, _, name = other.partition("/")
            pod = self._pods.lister.get(namespace, name)
            if other == key or record.refused or pod is None:
                continue
            if pod.at("status", "phase") not in TERMINAL_PHASES:
                found.append(pod)
        return found

    def _remark(self, pod: FrozenMap, remarks: tuple[Remark, ...]) -> None:
        for remark in remarks:
            self._recorder.event(
                pod, remark.event_type, remark.reason, remark.message, remark.field_path
            )

    def fork(self, memo: ForkMemo) -> Self:
        """The same over the forked caches and client."""
        informers = (self._pods, self._nodes, self._config_maps, self._secrets)
        pods, nodes, config_maps, secrets = (memo(informer) for informer in informers)
        return type(self)(
            memo(self._client),
            memo(self._recorder),
            self._behavior,
            (pods, nodes, config_maps, secrets),
        )


REQUEST_ERRORS: Final = (ApiError, LostResponseError)
"""What a request may raise: a refusal, or no answer at all."""
