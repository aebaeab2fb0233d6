"""Which volumes a pod would get on a node: bound ones, free ones that match, or new ones.

The scheduler's half of late binding (upstream's volume binder); thinks only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kcore.api.core_v1.affinity import topology_terms_match
from kcore.api.core_v1.node_selector import compile_node_selector
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.labels import SelectorError, from_label_selector
from kcore.machinery.quantity import quantity_of
from kcore.scheduler.claims import (
    CLASSES,
    NO_PROVISIONER,
    SELECTED_NODE,
    VOLUMES,
    capacity_bytes,
    class_of,
    requested_bytes,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.node_info import NodeInfo

NODE_CONFLICT: Final = "node(s) didn't match PersistentVolume's node affinity"
BIND_CONFLICT: Final = "node(s) didn't find available persistent volumes to bind"
NOT_ENOUGH_SPACE: Final = "node(s) did not have enough free storage"
VOLUME_MISSING: Final = "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)"


class VolumeSearchError(Exception):
    """The search cannot go on: a claim without a class, a class that is not there."""


@dataclass(frozen=True, slots=True)
class Claims:
    """A pod's claims by what has to be done for them."""

    bound: tuple[FrozenMap, ...] = ()
    delayed: tuple[FrozenMap, ...] = ()
    volumes: Sequence[FrozenMap] = ()
    """Every volume of the classes of the delayed claims."""


@dataclass(frozen=True, slots=True)
class Provision:
    """A volume to be made for `claim`, from `capacity` if the driver publishes any."""

    claim: FrozenMap
    capacity: FrozenMap | None = None


@dataclass(frozen=True, slots=True)
class NodeVolumes:
    """What a pod would get on one node."""

    reasons: tuple[str, ...] = ()
    matches: tuple[tuple[FrozenMap, FrozenMap], ...] = ()
    """(claim, volume) pairs of free volumes."""
    provisions: tuple[Provision, ...] = ()


def volumes_on(handle: Handle, claims: Claims, node: NodeInfo) -> NodeVolumes:
    """Find volumes for all claims on a node. O(claims * volumes).

    Raises:
        VolumeSearchError: see there.
    """
    reasons = _bound_reasons(handle, claims.bound, node)
    if not claims.delayed:
        return NodeVolumes(reasons)
    chosen_here, undecided = [], []
    for claim in claims.delayed:
        selected = claim.at("metadata", "annotations", SELECTED_NODE)
        if selected is None:
            undecided.append(claim)
        elif selected == node.name:
            chosen_here.append(claim)
        else:
            return NodeVolumes((*reasons, BIND_CONFLICT))
    matches, unmatched = _match(undecided, claims.volumes, node)
    to_provision = [*chosen_here, *unmatched]
    provisions: list[Provision] = []
    for claim in to_provision:
        made = _provision(handle, claim, node)
        if isinstance(made, str):
            return NodeVolumes((*reasons, made), tuple(matches))
        provisions.append(made)
    return NodeVolumes(reasons, tuple(matches), tuple(provisions))


def is_reachable(volume: FrozenMap, node: NodeInfo) -> bool:
    """Whether the volume's node affinity allows the node; only labels count."""
    required = volume.at("spec", "nodeAffinity", "required")
    if required is None:
        return True
    terms = compile_node_selector(required).terms
    return any(term.matches(node.labels, "") for term in terms)


def _bound_reasons(handle: Handle, claims: Sequence[FrozenMap], node: NodeInfo) -> tuple[str, ...]:
    for claim in claims:
        volume = handle.lister(VOLUMES).get("", claim["spec"]["volumeName"])
        if volume is None:
            return (VOLUME_MISSING,)
        if not is_reachable(volume, node):
            return (NODE_CONFLICT,)
    return ()


def _match(
    claims: Sequence[FrozenMap], volumes: Sequence[FrozenMap], node: NodeInfo
) -> tuple[list[tuple[FrozenMap, FrozenMap]], list[FrozenMap]]:
    """The smallest claim first takes the smallest free volume that suits it."""
    taken: set[str] = set()
    matches, unmatched = [], []
    for claim in sorted(claims, key=lambda one: requested_bytes(one) or 0):
        volume = find_matching(claim, volumes, node, taken)
        if volume is None:
            unmatched.append(claim)
        else:
            taken.add(volume["metadata"]["name"])
            matches.append((claim, volume))
    return matches, unmatched


def find_matching(
    claim: FrozenMap, volumes: Sequence[FrozenMap], node: NodeInfo, taken: set[str]
) -> FrozenMap | None:
    """The volume that already names the claim, or the smallest free one that suits it."""
    wanted = requested_bytes(claim) or 0
    smallest: FrozenMap | None = None
    for volume in volumes:
        if volume["metadata"]["name"] in taken or not _suits(claim, volume, wanted):
            continue
        if volume.at("spec", "claimRef") is not None:
            # `_suits` has checked that the volume is meant for this claim.
            return volume if is_reachable(volume, node) else None
        if not (_is_free_for(claim, volume) and is_reachable(volume, node)):
            continue
        if smallest is None or capacity_bytes(volume) < capacity_bytes(smallest):
            smallest = volume
    return smallest


def _suits(claim: FrozenMap, volume: FrozenMap, wanted: int) -> bool:
    reference = volume.at("spec", "claimRef")
    if reference is not None and not _is_meant_for(reference, claim):
        return False
    spec, offered = claim["spec"], volume["spec"]
    return (
        capacity_bytes(volume) >= wanted
        and (spec.get("volumeMode") or "Filesystem") == (offered.get("volumeMode") or "Filesystem")
        and (spec.get("volumeAttributesClassName") or "")
        == (offered.get("volumeAttributesClassName") or "")
        and volume.at("metadata", "deletionTimestamp") is None
    )


def _is_meant_for(reference: FrozenMap, claim: FrozenMap) -> bool:
    metadata = claim["metadata"]
    uid = reference.get("uid")
    return (
        reference.get("name") == metadata["name"]
        and reference.get("namespace") == metadata.get("namespace")
        and (not uid or uid == metadata.get("uid"))
    )


def _is_free_for(claim: FrozenMap, volume: FrozenMap) -> bool:
    if volume.at("status", "phase") != "Available" or class_of(volume) != class_of(claim):
        return False
    selector = claim.at("spec", "selector")
    if selector is not None:
        try:
            if not from_label_selector(selector).matches(volume.at("metadata", "labels")):
                return False
        except SelectorError as error:
            name = claim["metadata"]["name"]
            raise VolumeSearchError(
                f"error creating internal label selector for claim: {name}: {error}"
            ) from error
    offered = volume.at("spec", "accessModes", default=EMPTY_LIST)
    return all(mode in offered for mode in claim.at("spec", "accessModes", default=EMPTY_LIST))


def _provision(handle: Handle, claim: FrozenMap, node: NodeInfo) -> Provision | str:
    """A volume to be made on the node, or the reason why none can be."""
    metadata = claim["metadata"]
    name = class_of(claim)
    if not name:
        full_name = f"{metadata['namespace']}/{metadata['name']}"
        raise VolumeSearchError(f'no class for claim "{full_name}"')
    storage_class = handle.lister(CLASSES).get("", name)
    if storage_class is None:
        raise VolumeSearchError(f'failed to find storage class "{name}"')
    provisioner = storage_class.get("provisioner") or ""
    if provisioner in ("", NO_PROVISIONER):
        return BIND_CONFLICT
    topologies = storage_class.get("allowedTopologies") or EMPTY_LIST
    if not topology_terms_match(topologies, node.labels):
        return BIND_CONFLICT
    return _with_capacity(handle, claim, provisioner, node)


def _with_capacity(
    handle: Handle, claim: FrozenMap, provisioner: str, node: NodeInfo
) -> Provision | str:
    """Only drivers that ask for it are checked against the capacity they publish."""
    wanted = requested_bytes(claim)
    driver = handle.lister("csidrivers.storage.k8s.io").get("", provisioner)
    if wanted is None or driver is None or not driver.at("spec", "storageCapacity"):
        return Provision(claim)
    for capacity in handle.lister("csistoragecapacities.storage.k8s.io").list():
        if (
            capacity.get("storageClassName") == class_of(claim)
            and _holds(capacity, wanted)
            and _covers(capacity, node)
        ):
            return Provision(claim, capacity)
    return NOT_ENOUGH_SPACE


def _holds(capacity: FrozenMap, wanted: int) -> bool:
    raw = capacity.get("maximumVolumeSize") or capacity.get("capacity")
    return raw is not None and quantity_of(raw).value() >= wanted


def _covers(capacity: FrozenMap, node: NodeInfo) -> bool:
    topology = capacity.get("nodeTopology")
    if topology is None:
        return False
    try:
        return from_label_selector(topology).matches(node.labels or EMPTY_MAP)
    except SelectorError:
        return False
