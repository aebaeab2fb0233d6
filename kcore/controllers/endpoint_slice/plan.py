"""Pure: spread endpoints over slices of at most 100, changing as few slices as possible.

Per list of ports: keep endpoints where they are; top up slices that change anyway, fullest first;
then put all that is left into one slice that has room for it, or into new slices. A Service
without endpoints keeps one empty slice as a placeholder, so that readers can tell "none" from "not
computed yet".

Upstream: staging/src/k8s.io/endpointslice/reconciler.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kcore.controllers.endpoint_slice.endpoints import (
    Desired,
    PortGroup,
    identity,
    ports_key,
)
from kcore.controllers.service_ports import is_headless, labels_of
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap, freeze

ENDPOINTS_COUNT_MAX: Final = 100
SERVICE_NAME: Final = "kubernetes.io/service-name"
MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
MANAGER: Final = "endpointslice-controller.k8s.io"
HEADLESS: Final = "service.kubernetes.io/headless"

# A Service's name may have 63 characters, a slice's 253: the prefix always fits.
_RESERVED: Final = (SERVICE_NAME, MANAGED_BY, HEADLESS)


@dataclass(slots=True)
class SlicePlan:
    """Writes to make, in this order."""

    create: list[FrozenMap] = field(default_factory=list)
    update: list[FrozenMap] = field(default_factory=list)
    delete: list[FrozenMap] = field(default_factory=list)


def plan_slices(
    service: FrozenMap,
    slices: Sequence[FrozenMap],
    desired: Desired,
    address_type: str,
    reference: FrozenMap,
) -> SlicePlan:
    """What to write so that `slices` (of one address type) hold what is desired."""
    by_ports: dict[bytes, list[FrozenMap]] = {}
    for existing in slices:
        key = ports_key(existing.get("ports") or EMPTY_LIST)
        by_ports.setdefault(key, []).append(existing)
    blank = _blank_slice(service, address_type, reference)
    plan = SlicePlan()
    for key, group in desired.groups.items():
        _plan_group(plan, by_ports.pop(key, []), group, blank)
    for unused in by_ports.values():
        plan.delete.extend(unused)
    _keep_placeholder(plan, slices, blank)
    _reuse(plan, service)
    return plan


def _plan_group(
    plan: SlicePlan, existing: list[FrozenMap], group: PortGroup, blank: FrozenMap
) -> None:
    wanted = dict(group.endpoints)
    changed, unchanged = [], []
    for known in existing:
        fresh, is_same = _refreshed(known, wanted, blank)
        if not fresh.get("endpoints"):
            plan.delete.append(known)
        elif is_same:
            unchanged.append(fresh)
        else:
            changed.append(fresh)
    rest = list(wanted.values())
    changed.sort(key=lambda known: -len(known["endpoints"]))
    for known in changed:
        room = ENDPOINTS_COUNT_MAX - len(known["endpoints"])
        taken, rest = rest[:room], rest[room:]
        plan.update.append(_with_endpoints(known, [*known["endpoints"], *taken]))
    _place_rest(plan, rest, unchanged, blank.set(("ports",), group.ports or None))


def _refreshed(
    known: FrozenMap, wanted: dict[bytes, FrozenMap], blank: FrozenMap
) -> tuple[FrozenMap, bool]:
    """The slice with what it should keep, taken out of `wanted`; and whether that changes it."""
    before = known.get("endpoints") or EMPTY_LIST
    kept = [endpoint for old in before if (endpoint := wanted.pop(identity(old), None)) is not None]
    fresh = _with_endpoints(known, kept)
    labels = blank["metadata"]["labels"]
    if labels_of(known) != labels:
        fresh = fresh.set(("metadata", "labels"), labels)
    return fresh, fresh == known


def _place_rest(
    plan: SlicePlan, rest: list[FrozenMap], unchanged: list[FrozenMap], new: FrozenMap
) -> None:
    while rest:
        target = _roomiest_fit(unchanged, len(rest))
        if target is not None:
            unchanged.remove(target)
            plan.update.append(_with_endpoints(target, [*target["endpoints"], *rest]))
            return
        taken, rest = rest[:ENDPOINTS_COUNT_MAX], rest[ENDPOINTS_COUNT_MAX:]
        plan.create.append(_with_endpoints(new, taken))


def _roomiest_fit(unchanged: Sequence[FrozenMap], count: int) -> FrozenMap | None:
    """The fullest slice that can take `count` more."""
    fits = [known for known in unchanged if len(known["endpoints"]) + count <= ENDPOINTS_COUNT_MAX]
    if count >= ENDPOINTS_COUNT_MAX:
        return None
    return max(fits, key=lambda known: len(known["endpoints"]), default=None)


def _keep_placeholder(plan: SlicePlan, slices: Sequence[FrozenMap], blank: FrozenMap) -> None:
    """One slice stays even when there is nothing to say."""
    if plan.create or len(plan.delete) < len(slices):
        return
    if len(plan.delete) == 1 and _is_placeholder(plan.delete[0], blank):
        plan.delete.clear()
        return
    plan.create.append(blank)


def _is_placeholder(known: FrozenMap, blank: FrozenMap) -> bool:
    empty = not known.get("endpoints") and not known.get("ports")
    return empty and labels_of(known) == labels_of(blank)


def _reuse(plan: SlicePlan, service: FrozenMap) -> None:
    """Turn a create and a delete into one update of the slice that would go."""
    uid = service["metadata"]["uid"]
    kept = []
    for doomed in plan.delete:
        if plan.create and _is_owned(doomed, uid):
            plan.update.append(_filled(doomed, plan.create.pop()))
        else:
            kept.append(doomed)
    plan.delete = kept


def _filled(known: FrozenMap, fresh: FrozenMap) -> FrozenMap:
    for path in (("endpoints",), ("ports",), ("metadata", "labels")):
        known = known.set(path, fresh.at(*path))
    return known


def _is_owned(known: FrozenMap, uid: str) -> bool:
    references = known.at("metadata", "ownerReferences", default=EMPTY_LIST)
    return any(entry.get("uid") == uid for entry in references)


def _with_endpoints(known: FrozenMap, endpoints: Sequence[FrozenMap]) -> FrozenMap:
    frozen: FrozenList = freeze(list(endpoints))
    return known.set(("endpoints",), frozen)


def _blank_slice(service: FrozenMap, address_type: str, reference: FrozenMap) -> FrozenMap:
    metadata = service["metadata"]
    blank: FrozenMap = freeze(
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": f"{metadata['name']}-",
                "namespace": metadata["namespace"],
                "labels": slice_labels(service),
                "ownerReferences": [reference],
            },
            "addressType": address_type,
            "endpoints": None,
            "ports": None,
        }
    )
    return blank


def slice_labels(service: FrozenMap) -> FrozenMap:
    """The Service's labels with the three that say whose slice it is."""
    labels = labels_of(service)
    for name in _RESERVED:
        if name in labels:
            labels = labels.remove((name,))
    labels = labels.set((SERVICE_NAME,), service["metadata"]["name"])
    labels = labels.set((MANAGED_BY,), MANAGER)
    return labels.set((HEADLESS,), "") if is_headless(service) else labels


def address_types(service: FrozenMap) -> list[str]:
    """The address types the Service has, from its IP families."""
    families = service.at("spec", "ipFamilies", default=EMPTY_LIST)
    return [family for family in families if family in ("IPv4", "IPv6")] or ["IPv4"]
