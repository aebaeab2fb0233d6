"""Pods that preemption has made room for, until they are bound or give up."""

from collections.abc import Sequence
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.scheduler.pod_info import PodInfo

CHANGES_COUNT_MIN: Final = 1024
"""So many changes are kept for those who follow them, whatever the number of nodes."""


class Nominator:
    """Nominated pods by node, in the order of nomination. Forks share until one side changes."""

    __slots__ = ("_by_node", "_changed", "_changed_before", "_shared", "promised")

    def __init__(self) -> None:
        self._changed: list[str] = []
        self._changed_before = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything, as after a crash."""
        self._forget_changes()
        self._by_node: dict[str, tuple[PodInfo, ...]] = {}
        self.promised: dict[str, str] = {}
        """Nodes by uid; for others to look into without a call."""
        self._shared = False

    def __len__(self) -> int:
        """Return how many pods are nominated."""
        return len(self.promised)

    @property
    def by_node(self) -> dict[str, tuple[PodInfo, ...]]:
        """A copy of everything, for inspection."""
        return dict(self._by_node)

    @property
    def change_count(self) -> int:
        """How many changes there were."""
        return self._changed_before + len(self._changed)

    def changed_since(self, seen: int) -> Sequence[str] | None:
        """Nodes whose promises changed since there were so many changes; None: any. O(changes)."""
        before = self._changed_before
        return None if seen < before else self._changed[seen - before :]

    def pods_on(self, node_name: str) -> tuple[PodInfo, ...]:
        """Pods nominated to the node. O(1)."""
        return self._by_node.get(node_name, ())

    def node_of(self, uid: str) -> str:
        """Where a pod is nominated to; empty when nowhere. O(1)."""
        return self.promised.get(uid, "")

    def nominate(self, info: PodInfo, node_name: str = "") -> None:
        """Promise `node_name`, or what the pod's status says; an earlier promise ends."""
        self.forget(info.uid)
        node_name = node_name or info.nominated_node_name
        if node_name:
            self._own()
            self._note(node_name)
            self._by_node[node_name] = (*self.pods_on(node_name), info)
            self.promised[info.uid] = node_name

    def forget(self, uid: str) -> None:
        """End a promise, if there is one."""
        if uid not in self.promised:
            return
        self._own()
        node_name = self.promised.pop(uid)
        self._note(node_name)
        rest = tuple(info for info in self._by_node[node_name] if info.uid != uid)
        if rest:
            self._by_node[node_name] = rest
        else:
            del self._by_node[node_name]

    def forget_node(self, node_name: str) -> None:
        """End all promises on a node that is gone."""
        for info in self.pods_on(node_name):
            self.forget(info.uid)

    def update(self, old: PodInfo, new: PodInfo) -> None:
        """Take a newer version of a pod; a promise that is not in the status yet is kept.

        The API learns of a nomination after the nominator does, so an update that shows none, on
        a pod that showed none, says nothing about it.
        """
        kept = ""
        if not old.nominated_node_name and not new.nominated_node_name:
            kept = self.node_of(old.uid)
        self.forget(old.uid)
        self.nominate(new, kept)

    def fork(self, memo: ForkMemo) -> Self:
        """Independent promises. O(1); the first change copies."""
        twin = type(self)()
        twin._by_node, twin.promised = self._by_node, self.promised
        twin._shared = self._shared = True
        twin._changed_before = self.change_count + 1
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless both tables agree."""
        listed = {info.uid: node for node, infos in self._by_node.items() for info in infos}
        assert listed == self.promised

    def _note(self, node_name: str) -> None:
        if len(self._changed) > 2 * len(self._by_node) + CHANGES_COUNT_MIN:
            self._forget_changes()
        self._changed.append(node_name)

    def _forget_changes(self) -> None:
        """Whoever follows changes must look at everything."""
        self._changed_before += len(self._changed) + 1
        self._changed = []

    def _own(self) -> None:
        if self._shared:
            self._by_node, self.promised = dict(self._by_node), dict(self.promised)
            self._shared = False
