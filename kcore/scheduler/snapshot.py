"""What one scheduling attempt sees of the nodes: a list in visiting order, by name, and two parts.

The cache refreshes a snapshot node by node. Because a `NodeInfo` never changes, refreshing is
replacing references, and a fork shares the list until either side replaces one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

from kcore.scheduler.node_info import NodeInfo


class Snapshot:
    """Nodes in order. Read by plugins; changed by the cache between attempts only."""

    __slots__ = (
        "_affinity",
        "_anti_affinity",
        "_changed",
        "_has_parts",
        "_infos",
        "_position",
        "_shared",
        "_unordered",
    )

    def __init__(self, infos: Iterable[NodeInfo] = ()) -> None:
        self._infos: list[NodeInfo] = []
        self._position: Mapping[str, int] = {}
        # Nodes that are known and have no place in the order (yet).
        self._unordered: dict[str, NodeInfo] = {info.name: info for info in infos}
        self._affinity: list[NodeInfo] | None = None
        self._anti_affinity: list[NodeInfo] | None = None
        # Whether a part is known.
        self._has_parts = False
        # Positions changed since somebody asked; None: any, and nobody has asked yet.
        self._changed: dict[int, None] | None = None
        self._shared = False
        self.reorder(self._unordered)

    @property
    def nodes(self) -> Sequence[NodeInfo]:
        """Every node, in the order in which they are tried."""
        return self._infos

    @property
    def nodes_with_affinity(self) -> Sequence[NodeInfo]:
        """Nodes that hold pods with pod affinity or anti-affinity, in order. O(nodes) once."""
        if self._affinity is None:
            self._has_parts = True
            self._affinity = [info for info in self._infos if info.held_with_affinity]
        return self._affinity

    @property
    def nodes_with_required_anti_affinity(self) -> Sequence[NodeInfo]:
        """Nodes that hold pods which refuse others, in order. O(nodes) once."""
        if self._anti_affinity is None:
            self._has_parts = True
            self._anti_affinity = [
                info for info in self._infos if info.held_with_required_anti_affinity
            ]
        return self._anti_affinity

    def get(self, name: str) -> NodeInfo | None:
        """The node, or None. O(1)."""
        position = self._position.get(name)
        return self._unordered.get(name) if position is None else self._infos[position]

    def position(self, name: str) -> int | None:
        """Where the node stands in the order, or None. O(1)."""
        return self._position.get(name)

    def among(self, names: frozenset[str]) -> list[NodeInfo]:
        """The nodes with these names, in order. O(nodes), or O(1) for a single name."""
        if len(names) == 1:
            found = [self.get(name) for name in names]
            return [info for info in found if info is not None]
        return [info for info in self._infos if info.name in names]

    def __len__(self) -> int:
        """Return how many nodes are tried."""
        return len(self._infos)

    @property
    def known_count(self) -> int:
        """How many nodes the snapshot holds, ordered or not."""
        return len(self._infos) + len(self._unordered)

    def __iter__(self) -> Iterator[NodeInfo]:
        return iter(self._infos)

    def replace(self, info: NodeInfo) -> bool:
        """Show a newer version of a node; whether its name is new. O(1)."""
        return self.replace_all((info,))

    def replace_all(self, infos: Iterable[NodeInfo]) -> bool:
        """Show newer versions of some nodes; whether a name is new. O(of them)."""
        if self._shared:
            self._own()
        listed, places, changed = self._infos, self._position, self._changed
        is_new = False
        for info in infos:
            position = places.get(info.name)
            if position is None:
                is_new = is_new or info.name not in self._unordered
                self._unordered[info.name] = info
                continue
            if self._has_parts:
                old = listed[position]
                # A pod that says something of others is in the first of both parts, at least.
                if (
                    old.held_with_affinity is not info.held_with_affinity
                    or old.facts is not info.facts
                ):
                    self._note_change(old, info)
            listed[position] = info
            if changed is not None:
                changed[position] = None
        return is_new

    def keep_only(self, names: Mapping[str, object]) -> None:
        """Forget nodes that are not among `names`; the order is to be set anew. O(nodes)."""
        kept = {name: info for name, info in self._known().items() if name in names}
        self._infos, self._position, self._unordered = [], {}, kept
        self._shared = False

    def reorder(self, names: Iterable[str]) -> None:
        """Set the visiting order; unknown names are left out. O(nodes)."""
        known = self._known()
        order = [name for name in names if name in known]
        self._position = {name: index for index, name in enumerate(order)}
        self._infos = [known.pop(name) for name in order]
        self._unordered = known
        self._shared = False
        self._affinity = self._anti_affinity = None
        self._has_parts = False
        self._changed = None

    def take_changes(self) -> list[int] | None:
        """Positions whose node was replaced since the last call; None: any, and the order too.

        For the one reader that keeps something beside the snapshot. O(changes).
        """
        changed, self._changed = self._changed, {}
        return None if changed is None else list(changed)

    def with_node(self, info: NodeInfo) -> "Snapshot":
        """A snapshot in which one node is different, for thinking. O(nodes)."""
        twin = self.copy()
        twin.replace(info)
        return twin

    def copy(self) -> Self:
        """An independent snapshot with the same content. O(1) now, O(nodes) at its first change."""
        twin = object.__new__(type(self))
        twin._infos, twin._position = self._infos, self._position
        twin._unordered = self._unordered
        twin._affinity, twin._anti_affinity = self._affinity, self._anti_affinity
        twin._has_parts = self._has_parts
        twin._changed = None if self._changed is None else dict(self._changed)
        twin._shared = self._shared = True
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless list, index and parts agree. O(nodes)."""
        for index, info in enumerate(self._infos):
            assert self._position[info.name] == index, info.name
            assert info.name not in self._unordered, info.name
            info.check_invariants()
        assert len(self._position) == len(self._infos), "places are not those of the nodes"

    def _own(self) -> None:
        if self._shared:
            self._infos = list(self._infos)
            self._unordered = dict(self._unordered)
            self._shared = False

    def _known(self) -> dict[str, NodeInfo]:
        return {**{info.name: info for info in self._infos}, **self._unordered}

    def _note_change(self, old: NodeInfo, new: NodeInfo) -> None:
        # Whoever goes through these nodes reads their labels as well.
        is_other = old.facts is not new.facts
        before, after = old.held_with_affinity, new.held_with_affinity
        if before is not after or (is_other and after):
            self._affinity = None
        before = old.held_with_required_anti_affinity
        after = new.held_with_required_anti_affinity
        if before is not after or (is_other and after):
            self._anti_affinity = None
