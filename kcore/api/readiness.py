"""What objects ask for and do not have: the question behind `kubectl wait` and every report.

Pure: reads objects, changes nothing, and judges only by what stands in them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.meta import condition_of


@dataclass(frozen=True, slots=True)
class Unmet:
    """One object that is not as it asks to be, and why, in the words of its status."""

    kind: str
    namespace: str
    name: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        """`Pod default/web: 0/5 nodes are available: 5 Insufficient cpu.`."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {where}: {'; '.join(self.reasons)}"


def unmet(objects: Iterable[FrozenMap]) -> list[Unmet]:
    """Every object of `objects` that still waits for something. O(objects)."""
    found = []
    for obj in objects:
        judge = _JUDGES.get(obj["kind"], _generic)
        reasons = tuple(judge(obj))
        if reasons:
            metadata = obj["metadata"]
            namespace = metadata.get("namespace") or ""
            found.append(Unmet(obj["kind"], namespace, metadata["name"], reasons))
    return found


def is_available(deployment: FrozenMap) -> bool:
    """Whether a Deployment has what it asks for, all of it from the latest template."""
    return not list(_deployment(deployment))


def _generic(obj: FrozenMap) -> Iterator[str]:
    metadata = obj["metadata"]
    if metadata.get("deletionTimestamp"):
        finalizers = metadata.get("finalizers") or EMPTY_LIST
        waits = f", waits for {', '.join(finalizers)}" if finalizers else ""
        yield f"is being deleted{waits}"


def _deployment(obj: FrozenMap) -> Iterator[str]:
    yield from _generic(obj)
    wanted = obj.at("spec", "replicas", default=1)
    generation = obj.at("metadata", "generation", default=0)
    if obj.at("status", "observedGeneration", default=0) < generation:
        yield "the latest spec has not been observed"
        return
    updated = obj.at("status", "updatedReplicas", default=0)
    available = obj.at("status", "availableReplicas", default=0)
    if obj.at("spec", "paused"):
        return
    if available < wanted or updated < wanted:
        yield f"{available} of {wanted} replicas available, {updated} up to date"
        yield from _failed_conditions(obj, ("Progressing", "ReplicaFailure"))
    elif obj.at("status", "replicas", default=0) > wanted:
        yield "old replicas are pending termination"


def _failed_conditions(obj: FrozenMap, types: tuple[str, ...]) -> Iterator[str]:
    for condition_type in types:
        entry = condition_of(obj, condition_type)
        bad = "True" if condition_type == "ReplicaFailure" else "False"
        if entry is not None and entry.get("status") == bad:
            yield entry.get("message") or entry.get("reason") or condition_type


def _replica_set(obj: FrozenMap) -> Iterator[str]:
    yield from _generic(obj)
    wanted = obj.at("spec", "replicas", default=1)
    ready = obj.at("status", "readyReplicas", default=0)
    if ready < wanted:
        yield f"{ready} of {wanted} replicas ready"
        yield from _failed_conditions(obj, ("ReplicaFailure",))


def _pod(obj: FrozenMap) -> Iterator[str]:
    yield from _generic(obj)
    phase = obj.at("status", "phase", default="Pending")
    if phase == "Succeeded":
        return
    if phase == "Failed":
        yield obj.at("status", "message") or obj.at("status", "reason") or "failed"
        return
    scheduled = condition_of(obj, "PodScheduled")
    if not obj.at("spec", "nodeName"):
        message = scheduled.get("message") if scheduled is not None else None
        yield message or "not scheduled yet"
        return
    ready = condition_of(obj, "Ready")
    if ready is None or ready.get("status") != "True":
        waiting = list(_waiting(obj))
        yield from waiting or ["not ready"]


def _waiting(obj: FrozenMap) -> Iterator[str]:
    for field in ("initContainerStatuses", "containerStatuses"):
        for status in obj.at("status", field, default=EMPTY_LIST):
            waiting = status.at("state", "waiting")
            if waiting is not None and waiting.get("reason") not in (None, *_NORMAL_WAITS):
                message = waiting.get("message") or ""
                text = f"{waiting['reason']}: {message}" if message else waiting["reason"]
                yield f"container {status['name']}: {text}"


_NORMAL_WAITS: Final = ("ContainerCreating", "PodInitializing")

_JUDGES: Final[Mapping[str, Callable[[FrozenMap], Iterator[str]]]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "Pod": _pod,
}
