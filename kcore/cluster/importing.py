"""Objects of another cluster into a world of ours.

An object keeps its uid, times and revisions; where it lies follows from its version and kind. What
has no place (kinds that are not served, records that are no objects of the API) is left out, and
the report says which and why. The world begins when the youngest object was written, with a hollow
node for every Node object.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from kcore.api.apiextensions_v1.stored_form import is_stored_form, served_form
from kcore.api.catalog import default_scheme
from kcore.apiserver.custom_resources import DEFINITIONS, scheme_with
from kcore.apiserver.storage import RESOURCE_VERSION, object_key
from kcore.cluster.world import World, build_world
from kcore.config import ClusterConfig, NodeSpec
from kcore.errors import ManifestError
from kcore.kubelet.node_shapes import DEFAULT_SHAPE, NodeShape
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, thaw
from kcore.machinery.quantity import parse_value
from kcore.machinery.scheme import ResourceInfo, Scheme
from kcore.machinery.timestamps import parse_time
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import EPOCH_NS
from kcore.store.mvcc import Store
from kcore.store.revision import FIRST_REVISION, KeyValue

ZONE_LABEL: Final = "topology.kubernetes.io/zone"
NODES: Final = "nodes"

_NO_VERSION: Final = "names no apiVersion and kind"
_NO_NAME: Final = "has no name: a record of the API server, not an object"
_PLAIN_RESOURCES: Final = ("cpu", "memory", "pods", "ephemeral-storage")


@dataclass(frozen=True, slots=True)
class ForeignObject:
    """An object with its revisions and its place in the source (a key, a line)."""

    place: str
    value: FrozenMap
    create_revision: int
    mod_revision: int
    version: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not taken over."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A world made of foreign objects, how it is described, and what became of the objects."""

    config: ClusterConfig
    world: World
    counts: Mapping[str, int]
    """Objects by resource."""
    left_out: Sequence[LeftOut]

    def with_left_out(self, more: Sequence[LeftOut]) -> "Imported":
        """The same, with records that its source could not even read."""
        return replace(self, left_out=(*more, *self.left_out))


@dataclass(slots=True)
class _Sorting:
    """Objects by where they will lie."""

    rows: dict[str, dict[str, KeyValue]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)
    youngest_ns: int = EPOCH_NS


def import_objects(objects: Iterable[ForeignObject], revision: int, seed: int = 0) -> Imported:
    """A world with these objects at `revision`. O(n log n).

    Raises:
        ManifestError: two objects have one place or one uid, or a node cannot be.
    """
    found = [_served(one) for one in objects]
    scheme = _scheme_of(found)
    sorting = _Sorting()
    for one in found:
        _place(one, scheme, sorting)
    config = ClusterConfig(_nodes(sorting), seed, sorting.youngest_ns)
    store = Store()
    if revision > FIRST_REVISION:
        rows = {bucket: _ordered(entries) for bucket, entries in sorted(sorting.rows.items())}
        store.restore(revision, rows)
    world = build_world(config, SeededSource(seed), store)
    counts = Counter({bucket: len(entries) for bucket, entries in sorting.rows.items()})
    return Imported(config, world, MappingProxyType(counts), tuple(sorting.left_out))


def _served(one: ForeignObject) -> ForeignObject:
    """Definitions of custom kinds are stored in a version that is not served any more."""
    return replace(one, value=served_form(one.value)) if is_stored_form(one.value) else one


def _ordered(entries: Mapping[str, KeyValue]) -> list[KeyValue]:
    return [entries[key] for key in sorted(entries)]


def _scheme_of(objects: Iterable[ForeignObject]) -> Scheme:
    """The kinds that are served once the definitions among the objects are."""
    scheme = default_scheme()
    found = [one.value for one in objects if _bucket(one.value, scheme) == DEFINITIONS]
    return scheme_with(scheme, found)


def _info(value: FrozenMap, scheme: Scheme) -> ResourceInfo | None:
    return scheme.by_kind(str(value.get("apiVersion") or ""), str(value.get("kind") or ""))


def _bucket(value: FrozenMap, scheme: Scheme) -> str:
    info = _info(value, scheme)
    return "" if info is None else str(info.group_resource)


def _place(one: ForeignObject, scheme: Scheme, sorting: _Sorting) -> None:
    reason = _unfit(one.value, scheme)
    if reason:
        sorting.left_out.append(LeftOut(one.place, reason))
        return
    metadata = one.value["metadata"]
    bucket = _bucket(one.value, scheme)
    key = object_key(metadata.get("namespace") or "", metadata["name"])
    rows = sorting.rows.setdefault(bucket, {})
    if key in rows:
        raise ManifestError("is there twice", source=one.place, subject=f"{bucket}/{key}")
    owner = sorting.uids.setdefault(metadata["uid"], one.place)
    if owner != one.place:
        rule = f"has the uid of {owner}"
        raise ManifestError(rule, source=one.place, subject=f"{bucket}/{key}")
    value = one.value.set(RESOURCE_VERSION, str(one.mod_revision))
    rows[key] = KeyValue(key, value, one.create_revision, one.mod_revision, one.version)
    written_ns = parse_time(metadata["creationTimestamp"])
    sorting.youngest_ns = max(sorting.youngest_ns, written_ns)


def _unfit(value: FrozenMap, scheme: Scheme) -> str:
    """Why an object has no place here; empty: it has one."""
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not api_version or not kind:
        return _NO_VERSION
    info = _info(value, scheme)
    if info is None:
        return f"{api_version} {kind} is not served"
    return _unfit_metadata(value.get("metadata") or EMPTY_MAP, namespaced=info.namespaced)


def _unfit_metadata(metadata: FrozenMap, *, namespaced: bool) -> str:
    if not metadata.get("name"):
        return _NO_NAME
    if bool(metadata.get("namespace")) != namespaced:
        return "has no namespace" if namespaced else "has a namespace"
    missing = [name for name in ("uid", "creationTimestamp") if not metadata.get(name)]
    if missing:
        return f"has no {missing[0]}"
    try:
        parse_time(metadata["creationTimestamp"])
    except ValueError as error:
        return f"creationTimestamp: {error}"
    return ""


def _nodes(sorting: _Sorting) -> tuple[NodeSpec, ...]:
    entries = _ordered(sorting.rows.get(NODES, {}))
    return tuple(_node(entry.value) for entry in entries)


def _node(node: FrozenMap) -> NodeSpec:
    """A hollow node as large as the Node object says."""
    metadata = node["metadata"]
    labels = thaw(metadata.get("labels") or EMPTY_MAP)
    taints = tuple(thaw(node.at("spec", "taints", default=())))
    zone = labels.get(ZONE_LABEL, "")
    capacity = node.at("status", "capacity", default=EMPTY_MAP)
    shape = _shape(metadata["name"], thaw(capacity))
    return NodeSpec(metadata["name"], shape, zone, labels, taints)


def _shape(name: str, capacity: Mapping[str, str]) -> NodeShape:
    for resource, amount in capacity.items():
        try:
            parse_value(str(amount))
        except ValueError as error:
            place = f"status.capacity.{resource}"
            raise ManifestError(str(error), subject=f"nodes/{name}", field=place) from None
    extended = {
        resource: str(amount)
        for resource, amount in capacity.items()
        if resource not in _PLAIN_RESOURCES and not resource.startswith("hugepages-")
    }
    return NodeShape(
        "imported",
        str(capacity.get("cpu", DEFAULT_SHAPE.cpu)),
        str(capacity.get("memory", DEFAULT_SHAPE.memory)),
        parse_value(str(capacity.get("pods", DEFAULT_SHAPE.pods_count))),
        str(capacity.get("ephemeral-storage", DEFAULT_SHAPE.ephemeral_storage)),
        extended,
    )
