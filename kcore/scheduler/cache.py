"""What the scheduler believes about nodes and the pods on them, its own placements included.

A placement is *assumed* as soon as it is decided: the pod counts on its node before the API has
confirmed anything. The informer's event confirms it; a failed binding forgets it.

Knows no queue and no plugin.
"""

from collections.abc import Mapping
from typing import Self

from kcore.errors import InvariantError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.node_info import NO_IMAGES, NOBODY, ImageState, NodeFacts, NodeInfo
from kcore.scheduler.node_tree import NodeTree
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot


class SchedulerCache:
    """Nodes, their pods, and the snapshot that attempts read."""

    __slots__ = (
        "_changed",
        "_images",
        "_must_look",
        "_nodes",
        "_shared",
        "_snapshot",
        "_tree",
        "counted",
    )

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything, as after a crash."""
        self._nodes: dict[str, NodeInfo] = {}
        self._tree = NodeTree()
        self.counted: dict[str, PodInfo] = {}
        """Pods as they count, by uid; for others to look into without a call."""
        self._images: dict[str, tuple[int, frozenset[str]]] = {}
        # Nodes changed since the last refresh, in the order of the changes, those gone included.
        self._changed: dict[str, NodeInfo] = {}
        # Whether there are images, or nodes that are gone or of which only pods are known.
        self._must_look = False
        self._snapshot = Snapshot()
        self._shared = False

    @property
    def snapshot(self) -> Snapshot:
        """The picture as of the last `refresh`."""
        return self._snapshot

    def __len__(self) -> int:
        """Return how many nodes exist."""
        return len(self._tree)

    def node(self, name: str) -> NodeInfo | None:
        """The node as it is believed to be now, or None. O(1)."""
        return self._nodes.get(name)

    def pod(self, uid: str) -> PodInfo | None:
        """The pod as it counts on its node, or None. O(1)."""
        return self.counted.get(uid)

    def is_assumed(self, uid: str) -> bool:
        """Whether the pod counts because of a placement the API has not confirmed. O(1)."""
        known = self.counted.get(uid)
        return known is not None and known.is_assumed

    def assume(self, info: PodInfo) -> None:
        """Count a pod on the node it is about to be bound to (see `PodInfo.on_node`).

        Raises:
            InvariantError: the pod counts already.
        """
        uid = info.uid
        if uid in self.counted:
            raise InvariantError(f"pod {info.key} ({uid}) is in the cache, so can't be assumed")
        self._put_pod(info)

    def forget(self, info: PodInfo) -> None:
        """Take an assumed placement back; nothing happens when it was confirmed or removed."""
        if self.is_assumed(info.uid):
            self._own()
            self._take_pod(self.counted[info.uid])

    def set_pod(self, info: PodInfo) -> None:
        """Count a pod as the API shows it: a new one, a changed one, or one that was assumed."""
        known = self.counted.get(info.uid)
        if known is None:
            self._put_pod(info)
        # Where sums stay as they are; specs say more than sums are made of.
        elif (
            known.like is info.like or known.requests is info.requests
        ) and known.spec == info.spec:
            self.confirm(known, info)
        else:
            self._own()
            self._take_pod(known)
            self._put_pod(info)

    def confirm(self, known: PodInfo, info: PodInfo) -> None:
        """Count a pod that counts as `known` as the API shows it, with equal spec and requests."""
        if self._shared:
            self._own()
        name, nodes = info.node_name, self._nodes
        self._changed[name] = nodes[name] = nodes[name].with_newer(known, info)
        self.counted[info.uid] = info

    def remove_pod(self, uid: str) -> PodInfo | None:
        """Stop counting a pod; returns what it was, or None when it did not count."""
        known = self.counted.get(uid)
        if known is not None:
            self._own()
            self._take_pod(known)
        return known

    def set_node(self, node: FrozenMap) -> NodeInfo:
        """Add or update a node. O(images on it)."""
        self._own()
        name = node["metadata"]["name"]
        old = self._nodes.get(name)
        info = NodeInfo(node) if old is None else old.with_node(node)
        if old is not None and old.node is not None:
            self._forget_images(old.facts)
            if old.facts.zone_key != info.facts.zone_key:
                self._tree.remove(old.facts.zone_key, name)
        self._tree.add(info.facts.zone_key, name)
        self._note_images(info.facts)
        self._changed[name] = self._nodes[name] = info
        return info

    def remove_node(self, name: str) -> None:
        """Forget a node; its pods count until they are removed themselves."""
        old = self._nodes.get(name)
        if old is None or old.node is None:
            return
        self._own()
        self._tree.remove(old.facts.zone_key, name)
        self._forget_images(old.facts)
        if old.pods_count:
            self._nodes[name] = old.without_node()
        else:
            del self._nodes[name]
        self._changed[name] = NOBODY
        self._must_look = True

    def refresh(self) -> Snapshot:
        """Bring the snapshot up to date. O(nodes changed since last time).

        The visiting order is rebuilt only when a node appeared or disappeared, as upstream does:
        a node that merely moved to another zone keeps its place until then.
        """
        changed, snapshot = self._changed, self._snapshot
        if not changed:
            return snapshot
        # Another dictionary, not this one without its content: a fork may share it.
        self._changed = {}
        if self._must_look:
            is_rebuilt = snapshot.replace_all(self._shown(changed))
            is_rebuilt = self._has_forgotten() or is_rebuilt
        else:
            is_rebuilt = snapshot.replace_all(changed)
        if is_rebuilt:
            snapshot.reorder(self._tree.ordered())
        return snapshot

    def fork(self, memo: ForkMemo) -> Self:
        """An independent cache with the same content. O(1); the first change copies O(nodes)."""
        twin = object.__new__(type(self))
        twin._nodes, twin._tree, twin.counted = self._nodes, self._tree, self.counted
        twin._images, twin._changed = self._images, self._changed
        twin._must_look = self._must_look
        twin._snapshot = self._snapshot.copy()
        twin._shared = self._shared = True
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless nodes, pods, tree and images agree. O(everything)."""
        on_nodes = {info.uid: name for name, node in self._nodes.items() for info in node.pods}
        assert on_nodes == {uid: info.node_name for uid, info in self.counted.items()}
        known = [name for name, info in self._nodes.items() if info.node is not None]
        assert sorted(self._tree.ordered()) == sorted(known)
        for info in self._nodes.values():
            info.check_invariants()
        self._snapshot.check_invariants()

    def _own(self) -> None:
        if self._shared:
            self._nodes, self.counted = dict(self._nodes), dict(self.counted)
            self._images, self._changed = dict(self._images), dict(self._changed)
            self._tree = self._tree.copy()
            self._shared = False

    def _put_pod(self, info: PodInfo) -> None:
        if self._shared:
            self._own()
        name, nodes = info.node_name, self._nodes
        node = nodes.get(name)
        if node is None:
            node, self._must_look = NOBODY, True
        self._changed[name] = nodes[name] = node.with_pod(info)
        self.counted[info.uid] = info

    def _take_pod(self, info: PodInfo) -> None:
        name = info.node_name
        node = self._nodes[name].without_pod(info)
        if node.node is None and not node.pods_count:
            del self._nodes[name]
            self._changed[name] = NOBODY
        else:
            self._changed[name] = self._nodes[name] = node
        del self.counted[info.uid]

    def _shown(self, changed: Mapping[str, NodeInfo]) -> dict[str, NodeInfo]:
        """The changed nodes that a snapshot shows, and how widespread their images are."""
        return {
            name: info.with_images(self._image_states(info.facts))
            if info.facts.image_sizes
            else info
            for name, info in changed.items()
            if info.node is not None
        }

    def _has_forgotten(self) -> bool:
        """Whether nodes had to be taken out of the snapshot. O(nodes) if they had to, else O(1)."""
        self._must_look = bool(self._images) or len(self._nodes) > len(self._tree)
        if self._snapshot.known_count <= len(self._tree):
            return False
        self._snapshot.keep_only(
            {name: None for name, info in self._nodes.items() if info.node is not None}
        )
        return True

    def _note_images(self, facts: NodeFacts) -> None:
        self._must_look = self._must_look or bool(facts.image_sizes)
        for image, size in facts.image_sizes.items():
            known_size, names = self._images.get(image, (size, frozenset()))
            self._images[image] = (known_size, names | {facts.name})

    def _forget_images(self, facts: NodeFacts) -> None:
        for image in facts.image_sizes:
            size, names = self._images[image]
            rest = names - {facts.name}
            if rest:
                self._images[image] = (size, rest)
            else:
                del self._images[image]

    def _image_states(self, facts: NodeFacts) -> Mapping[str, ImageState]:
        if not facts.image_sizes:
            return NO_IMAGES
        states = {}
        for image in facts.image_sizes:
            size, names = self._images[image]
            states[image] = ImageState(size, len(names))
        return states
