"""Pure: what is left in a dying namespace, said as conditions, and when to look again.

Upstream: pkg/controller/namespace/deletion/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.controllers.pod_condition import is_terminal
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.timestamps import format_time, parse_time
from kcore.runtime.clock import SECOND_NS

KUBERNETES_FINALIZER: Final = "kubernetes"

# Upstream's finalizerEstimateSeconds: how long content with finalizers is given.
FINALIZER_ESTIMATE_S: Final = 15


@dataclass(frozen=True, slots=True)
class Remaining:
    """Counts of objects that are left, by `resource.group`, and of their finalizers."""

    by_resource: Mapping[str, int]
    by_finalizer: Mapping[str, int]
    estimate_s: int


def survey(left: Mapping[str, Sequence[FrozenMap]], namespace: FrozenMap, now_ns: int) -> Remaining:
    """Count what is left; `left` maps `resource.group` to objects. O(objects)."""
    finalizers: dict[str, int] = {}
    for objects in left.values():
        for obj in objects:
            for name in obj["metadata"].get("finalizers") or EMPTY_LIST:
                finalizers[name] = finalizers.get(name, 0) + 1
    counts = {resource: len(objects) for resource, objects in left.items() if objects}
    estimate_s = _grace_s(left.get("pods.", ()), namespace, now_ns)
    if counts and not estimate_s:
        estimate_s = FINALIZER_ESTIMATE_S
    return Remaining(counts, finalizers, estimate_s)


def _grace_s(pods: Sequence[FrozenMap], namespace: FrozenMap, now_ns: int) -> int:
    """What is left of the longest grace period, counted from the namespace's deletion."""
    graces = [
        pod.at("spec", "terminationGracePeriodSeconds", default=0)
        for pod in pods
        if not is_terminal(pod)
    ]
    deleted_ns = parse_time(namespace["metadata"]["deletionTimestamp"])
    return max(0, max(graces, default=0) - (now_ns - deleted_ns) // SECOND_NS)


def look_again_ns(remaining: Remaining) -> int:
    """Upstream waits half of what it expects, plus one second."""
    return (remaining.estimate_s // 2 + 1) * SECOND_NS


def with_conditions(namespace: FrozenMap, remaining: Remaining, now_ns: int) -> FrozenMap:
    """The namespace with the five conditions of its deletion."""
    conditions = [
        ("NamespaceDeletionDiscoveryFailure", *_discovered()),
        ("NamespaceDeletionGroupVersionParsingFailure", *_parsed()),
        ("NamespaceDeletionContentFailure", *_deleted()),
        ("NamespaceContentRemaining", *_content(remaining)),
        ("NamespaceFinalizersRemaining", *_finalizers(remaining)),
    ]
    for condition in conditions:
        namespace = _with_condition(namespace, condition, now_ns)
    return namespace


def without_finalizer(namespace: FrozenMap) -> FrozenMap:
    """The namespace without the finalizer that stands for its content."""
    present = namespace.at("spec", "finalizers", default=EMPTY_LIST)
    kept = [name for name in present if name != KUBERNETES_FINALIZER]
    return namespace.set(("spec",), freeze({"finalizers": kept}) if kept else EMPTY_MAP)


def _discovered() -> tuple[str, str, str]:
    return "False", "ResourcesDiscovered", "All resources successfully discovered"


def _parsed() -> tuple[str, str, str]:
    return "False", "ParsedGroupVersions", "All legacy kube types successfully parsed"


def _deleted() -> tuple[str, str, str]:
    words = "All content successfully deleted, may be waiting on finalization"
    return "False", "ContentDeleted", words


def _content(remaining: Remaining) -> tuple[str, str, str]:
    if not remaining.by_resource:
        return "False", "ContentRemoved", "All content successfully removed"
    counts = sorted(
        f"{resource} has {count} resource instances"
        for resource, count in remaining.by_resource.items()
    )
    return "True", "SomeResourcesRemain", f"Some resources are remaining: {', '.join(counts)}"


def _finalizers(remaining: Remaining) -> tuple[str, str, str]:
    if not remaining.by_finalizer:
        return "False", "ContentHasNoFinalizers", "All content-preserving finalizers finished"
    counts = sorted(
        f"{name} in {count} resource instances" for name, count in remaining.by_finalizer.items()
    )
    words = f"Some content in the namespace has finalizers remaining: {', '.join(counts)}"
    return "True", "SomeFinalizersRemain", words


def _with_condition(
    namespace: FrozenMap, condition: tuple[str, str, str, str], now_ns: int
) -> FrozenMap:
    """Set one condition; its transition time moves only with its status."""
    condition_type, status, reason, message = condition
    since = format_time(now_ns)
    entries = []
    placed = False
    for entry in namespace.at("status", "conditions", default=EMPTY_LIST):
        if entry.get("type") != condition_type:
            entries.append(entry)
            continue
        placed = True
        kept = entry["lastTransitionTime"] if entry.get("status") == status else since
        entries.append(_condition(condition_type, status, reason, message, kept))
    if not placed:
        entries.append(_condition(condition_type, status, reason, message, since))
    return namespace.set(("status", "conditions"), freeze(entries))


def _condition(
    condition_type: str, status: str, reason: str, message: str, since: str
) -> FrozenMap:
    condition: FrozenMap = freeze(
        {
            "type": condition_type,
            "status": status,
            "lastTransitionTime": since,
            "reason": reason,
            "message": message,
        }
    )
    return condition
