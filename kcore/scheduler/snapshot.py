"""What one scheduling attempt sees of the nodes: a list in visiting order, by name, and two parts.

The cache refreshes a snapshot node by node. Because a `NodeInfo` never changes, refreshing is
replacing references, and a fork shares the list until either side replaces one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Self

from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.shelf import Shelf

CHANGES_PER_NODE_COUNT: Final = 4
"""To look at so many nodes takes as long as to look whether a change is one of a part."""


class Snapshot:
    """Nodes in order. Read by plugins; changed by the cache between attempts only."""

    __slots__ = (
        "_affinity",
        "_anti_affinity",
        "_changes_left",
        "_unordered",
        "shelf",
        "stamp",
    )

    def __init__(self, infos: Iterable[NodeInfo] = ()) -> None:
        self.shelf = Shelf()
        """Those that have a place; for the one reader that keeps something beside the snapshot."""
        # Nodes that are known and have no place in the order (yet): never written, but replaced.
        self._unordered: dict[str, NodeInfo] = {info.name: info for info in infos}
        self._affinity: list[NodeInfo] | None = None
        self._anti_affinity: list[NodeInfo] | None = None
        # For how many changes more a part is kept right that nobody reads; 0 while none is known.
        self._changes_left = 0
        self.stamp = object()
        """Another one whenever something else may be shown."""
        self.reorder(self._unordered)

    @property
    def nodes(self) -> Sequence[NodeInfo]:
        """Every node, in the order in which they are tried."""
        return self.shelf.items

    @property
    def nodes_with_affinity(self) -> Sequence[NodeInfo]:
        """Nodes that hold pods with pod affinity or anti-affinity, in order. O(nodes) once."""
        self._keep_parts()
        if self._affinity is None:
            self._affinity = [info for info in self.nodes if info.held_with_affinity]
        return self._affinity

    @property
    def nodes_with_required_anti_affinity(self) -> Sequence[NodeInfo]:
        """Nodes that hold pods which refuse others, in order. O(nodes) once."""
        self._keep_parts()
        if self._anti_affinity is None:
            self._anti_affinity = [
                info for info in self.nodes if info.held_with_required_anti_affinity
            ]
        return self._anti_affinity

    def get(self, name: str) -> NodeInfo | None:
        """The node, or None. O(1)."""
        position = self.shelf.place(name)
        return self._unordered.get(name) if position is None else self.shelf.items[position]

    def position(self, name: str) -> int | None:
        """Where the node stands in the order, or None. O(1)."""
        return self.shelf.place(name)

    def among(self, names: frozenset[str]) -> list[NodeInfo]:
        """The nodes with these names, in order. O(nodes), or O(1) for a single name."""
        if len(names) == 1:
            found = [self.get(name) for name in names]
            return [info for info in found if info is not None]
        return [info for info in self.nodes if info.name in names]

    def __len__(self) -> int:
        """Return how many nodes are tried."""
        return len(self.nodes)

    @property
    def known_count(self) -> int:
        """How many nodes the snapshot holds, ordered or not."""
        return len(self.nodes) + len(self._unordered)

    def __iter__(self) -> Iterator[NodeInfo]:
        return iter(self.nodes)

    def replace(self, info: NodeInfo) -> bool:
        """Show a newer version of a node; whether its name is new. O(1)."""
        return self.replace_all({info.name: info})

    def replace_all(self, infos: dict[str, NodeInfo]) -> bool:
        """Show newer versions of some nodes, by name; whether a name is new. O(of them)."""
        self.stamp = object()
        if self._changes_left:
            self._note_changes(infos)
        strangers = self.shelf.put(infos)
        if not strangers:
            return False
        before = self._unordered
        self._unordered = {**before, **{name: infos[name] for name in strangers}}
        return len(self._unordered) > len(before)

    def keep_only(self, names: Mapping[str, object]) -> None:
        """Forget nodes that are not among `names`; the order is to be set anew. O(nodes)."""
        self._unordered = {name: info for name, info in self._known().items() if name in names}
        self.shelf, self.stamp = Shelf(), object()

    def reorder(self, names: Iterable[str]) -> None:
        """Set the visiting order; unknown names are left out. O(nodes)."""
        known = self._known()
        order = [name for name in names if name in known]
        self.shelf = Shelf(order, [known.pop(name) for name in order])
        self._unordered = known
        self._affinity = self._anti_affinity = None
        self._changes_left = 0
        self.stamp = object()

    def with_node(self, info: NodeInfo) -> "Snapshot":
        """A snapshot in which one node is different, for thinking. O(nodes)."""
        twin = self.copy()
        twin.replace(info)
        return twin

    def copy(self) -> Self:
        """An independent snapshot with the same content. O(1) now, O(nodes) at its first change."""
        twin = object.__new__(type(self))
        twin.shelf = self.shelf.copy()
        twin._unordered = self._unordered
        twin._affinity, twin._anti_affinity = self._affinity, self._anti_affinity
        twin._changes_left = self._changes_left
        twin.stamp = self.stamp
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless list and index agree. O(nodes)."""
        for index, info in enumerate(self.nodes):
            assert self.position(info.name) == index, info.name
            assert info.name not in self._unordered, info.name
            info.check_invariants()

    def _known(self) -> dict[str, NodeInfo]:
        return {**{info.name: info for info in self.nodes}, **self._unordered}

    def _keep_parts(self) -> None:
        # To keep a part right for so long costs about what it takes to find it again.
        self._changes_left = len(self.nodes) // CHANGES_PER_NODE_COUNT + 1

    def _note_changes(self, infos: Mapping[str, NodeInfo]) -> None:
        self._changes_left -= 1
        if not self._changes_left:
            self._affinity = self._anti_affinity = None
            return
        for name, new in infos.items():
            old = self.get(name)
            # Where a crowd alone is another, both parts are what they were.
            if old is None or old.frame is new.frame:
                continue
            # Whoever goes through these nodes reads their labels as well.
            is_other = old.facts is not new.facts
            before, after = old.held_with_affinity, new.held_with_affinity
            if before is not after or (is_other and after):
                self._affinity = None
            before = old.held_with_required_anti_affinity
            after = new.held_with_required_anti_affinity
            if before is not after or (is_other and after):
                self._anti_affinity = None
