"""The server's only way to its store: bakes in resourceVersions and tells the trace.

Knows buckets, keys and the place of the resourceVersion; no rule of any kind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, Strings, dumps
from kcore.runtime.trace import Trace
from kcore.store.history import Journal
from kcore.store.mvcc import Store
from kcore.store.revision import KeyValue
from kcore.store.snapshot import BucketView

RESOURCE_VERSION: Final = ("metadata", "resourceVersion")
VALUE: Final = attrgetter("value")
"""The object of a store's entry; with `map` it costs a third of a generator."""

Indexes = Mapping[str, Callable[[FrozenMap], Sequence[str]]]
Commit = Callable[[str, str, str, FrozenMap, int], FrozenMap]


def object_key(namespace: str, name: str) -> str:
    """Where an object is kept within its bucket; cluster-scoped ones have an empty namespace."""
    return f"{namespace}/{name}"


class Storage:
    """Reads and committed writes of one server."""

    __slots__ = ("_declared", "_trace", "commit", "journal", "store")

    def __init__(self, store: Store, trace: Trace) -> None:
        self.store = store
        self.journal = Journal(store, trace.write, dumps)
        """Writes what it is given, and tells the trace."""
        # Every write ends here, and no call of Python stands between.
        self.commit: Commit = self.journal.commit
        """Store an object that carries the next revision as its resourceVersion already; `(verb,
        bucket, key, object, expect)`. It raises CompareFailedError where the key is not at revision
        `expect` (0: absent)."""
        self._trace = trace
        self._declared: frozenset[str] = frozenset()

    @property
    def trace(self) -> Trace:
        """Who is told of every write."""
        return self._trace

    def declare(self, bucket: str) -> None:
        """Make sure `bucket` exists with the server's indexes. O(1) after the first time."""
        if bucket not in self._declared:
            self.store.declare(bucket, indexes_of(bucket))
            self._declared |= {bucket}

    def get(self, bucket: str, namespace: str, name: str) -> FrozenMap | None:
        """The latest object, or None. O(log n)."""
        return self.store.value(bucket, f"{namespace}/{name}")

    def read(self, bucket: str, key: str) -> KeyValue | None:
        """The latest object with its revision, or None. O(log n)."""
        return self.store.get(bucket, key)

    def objects(self, bucket: str, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object of a bucket, or of one namespace of it. O(log n + m)."""
        view = self.store.view(bucket)
        found = view.range(f"{namespace}/", f"{namespace}0") if namespace else view.range()
        return map(VALUE, found)

    def by_index(self, bucket: str, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`. O(log n + m)."""
        return map(VALUE, self.store.view(bucket).by_index(index, value))

    def view(self, bucket: str, revision: int | None = None) -> BucketView:
        """The bucket at one revision, now by default."""
        return self.store.view(bucket, revision)

    def create(self, bucket: str, key: str, obj: FrozenMap) -> FrozenMap:
        """Store a new object and return it with its resourceVersion.

        Raises:
            CompareFailedError: there is one already.
        """
        obj = obj.set(RESOURCE_VERSION, str(self.store.next_revision))
        return self.commit("create", bucket, key, obj, 0)

    def update(self, bucket: str, key: str, obj: FrozenMap, expect: int) -> FrozenMap:
        """Replace an object that is still at revision `expect`.

        Raises:
            CompareFailedError: it is not.
        """
        obj = obj.set(RESOURCE_VERSION, str(self.store.next_revision))
        return self.commit("update", bucket, key, obj, expect)

    def delete(self, bucket: str, key: str, expect: int) -> FrozenMap:
        """Remove an object; returns its last content at the deletion's resourceVersion.

        Raises:
            CompareFailedError: it is not at revision `expect` any more.
        """
        deleted = self.store.delete(bucket, key, expect=expect)
        revision = self.store.revision
        self._trace.write("delete", bucket, key, revision, b"")
        return deleted.value.set(RESOURCE_VERSION, str(revision))

    def check_invariants(self) -> None:
        """Raise AssertionError when what is kept is not what the API promises. O(everything).

        Every object lies under its own name, carries the version it was written at, and has a uid
        that no other object has.
        """
        self.store.check_invariants()
        owners: dict[str, str] = {}
        for bucket in self.store.buckets():
            for entry in self.store.view(bucket).range():
                metadata = entry.value["metadata"]
                place = f"{bucket}/{entry.key}"
                assert entry.key == object_key(metadata.get("namespace") or "", metadata["name"])
                assert metadata["resourceVersion"] == str(entry.mod_revision), place
                assert owners.setdefault(metadata["uid"], place) == place, "a uid twice"

    def fork(self, memo: ForkMemo) -> Self:
        """The same over the forked store and trace."""
        twin = type(self)(memo(self.store), memo(self._trace))
        twin._declared = self._declared
        return twin


OWNER_UIDS: Final = Strings("metadata", "ownerReferences", "uid")
"""Index `owner`: the uids of metadata.ownerReferences."""

NODE_NAME: Final = Strings("spec", "nodeName")
"""Index `node` of pods: spec.nodeName. Pods without a node are in none: nearly all get one."""

INVOLVED_UID: Final = Strings("involvedObject", "uid")
"""Index `involved` of events: the uid of what they are about."""


def service_key(endpoint_slice: FrozenMap) -> Sequence[str]:
    """Index `service` of endpoint slices: namespace/name of the service they belong to."""
    metadata = endpoint_slice["metadata"]
    name = metadata.at("labels", "kubernetes.io/service-name", default="")
    return (f"{metadata.get('namespace') or ''}/{name}",) if name else ()


def cluster_ips(service: FrozenMap) -> Sequence[str]:
    """Index `clusterIP` of services: the addresses they hold."""
    held = service.at("spec", "clusterIPs", default=EMPTY_LIST)
    return [address for address in held if address and address != "None"]


def node_ports(service: FrozenMap) -> Sequence[str]:
    """Index `nodePort` of services: the node ports they hold."""
    ports = service.at("spec", "ports", default=EMPTY_LIST)
    held = {str(port.get("nodePort")) for port in ports if port.get("nodePort")}
    health = service.at("spec", "healthCheckNodePort", default=0)
    if health:
        held.add(str(health))
    return sorted(held)


def global_default(priority_class: FrozenMap) -> Sequence[str]:
    """Index `globalDefault` of priority classes."""
    return ("true",) if priority_class.get("globalDefault") else ()


_INDEXES: Final[Mapping[str, Indexes]] = {
    "pods": {"node": NODE_NAME},
    "endpointslices.discovery.k8s.io": {"service": service_key},
    "events": {"involved": INVOLVED_UID},
    "services": {"clusterIP": cluster_ips, "nodePort": node_ports},
    "priorityclasses.scheduling.k8s.io": {"globalDefault": global_default},
}

INDEXED_BUCKETS: Final = tuple(_INDEXES)
"""Buckets whose indexes the server itself reads, whether or not they hold anything."""


def indexes_of(bucket: str) -> Indexes:
    """The indexes that the server keeps for `bucket`."""
    return {"owner": OWNER_UIDS, **_INDEXES.get(bucket, {})}
