"""Opportunistic batching: what one search learned serves the next pod of the same signature.

After a full search the scored nodes that were not taken are kept in a heap. If the very next pod
has the same signature, the best of them is its *hint*: it is filtered like a nominated node and
taken without scoring the others. A node that took the last pod and still has room is scored anew
and joins the heap again. Scores of the other nodes are those of the first search, so placements
may differ from unbatched ones: that is upstream's (KEP-5598), and off by default here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.clock import SECOND_NS
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.runner import Runner, ScoreTable
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.score_heap import heapified, popped
from kcore.scheduler.signature import signature
from kcore.scheduler.snapshot import Snapshot

# Upstream's maxBatchAge.
AGE_NS_MAX: Final = SECOND_NS // 2


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a full search left behind."""

    signature: FrozenMap
    created_ns: int
    names: tuple[str, ...]
    """The candidates in heap order; the first is the best."""
    totals: tuple[int, ...]
    raw: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By plugin and node."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """One attempt: its number among all, its profile and its pod."""

    number: int
    runner: Runner
    state: CycleState
    pod: PodInfo
    snapshot: Snapshot

    @property
    def now_ns(self) -> int:
        """The time of the attempt."""
        return self.state.handle.clock.now_ns()


class Batch:
    """The memory of one profile between two attempts."""

    __slots__ = ("_hint", "_kept", "_last_node", "_last_number", "_signature")

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._last_number = -1
        self._last_node = ""
        self._signature: FrozenMap | None = None
        self._hint = ""

    def hint(self, cycle: Cycle) -> str:
        """The node to try first for this pod, or empty. After PreFilter. O(kept nodes)."""
        self._signature = signature(cycle.runner, cycle.pod)
        self._hint = ""
        kept = self._usable(cycle)
        if kept is None:
            return ""
        last = cycle.snapshot.get(self._last_node)
        if last is None:
            return ""
        if cycle.runner.filter(cycle.state, cycle.pod, last) is None:
            kept = _rescored(kept, cycle, self._last_node)
            if kept is None:
                return ""
        if kept.names:
            self._hint, self._kept = _next(kept)
        return self._hint

    def keep(self, cycle: Cycle, node_name: str, scores: ScoreTable) -> None:
        """The attempt chose `node_name`: remember the others, unless the hint was taken."""
        self._last_number, self._last_node = cycle.number, node_name
        if node_name == self._hint:
            return
        self._kept = None
        if self._signature is not None and len(scores.nodes) > 1:
            names = [node.name for node in scores.nodes]
            raw = {plugin: dict(zip(names, row, strict=True)) for plugin, row in scores.raw.items()}
            whole = _heaped(self._signature, cycle.now_ns, names, scores.totals, raw)
            top, rest = _next(whole)
            self._kept = rest if top == node_name else _without(whole, node_name)

    def clear(self) -> None:
        """Forget everything, as after a crash."""
        self._kept, self._last_number, self._last_node = None, -1, ""

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory in a forked world. O(1): what is kept is shared."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._kept = self._kept
        twin._last_number, twin._last_node = self._last_number, self._last_node
        twin._signature, twin._hint = self._signature, self._hint
        return twin

    def _usable(self, cycle: Cycle) -> _Kept | None:
        kept = self._kept
        if kept is None or not kept.names or cycle.number != self._last_number + 1:
            return None
        if self._signature is None or self._signature != kept.signature:
            return None
        return kept if cycle.now_ns - kept.created_ns <= AGE_NS_MAX else None


def _rescored(kept: _Kept, cycle: Cycle, last_node: str) -> _Kept | None:
    """The candidates and the node used last, whose scores alone are computed anew."""
    names = [*kept.names, last_node]
    nodes = [node for name in names if (node := cycle.snapshot.get(name)) is not None]
    if len(nodes) < len(names) or cycle.runner.pre_score(cycle.state, cycle.pod, nodes):
        return None
    scores = cycle.runner.rescore(cycle.state, cycle.pod, nodes, kept.raw)
    raw = {plugin: dict(zip(names, row, strict=True)) for plugin, row in scores.raw.items()}
    return _heaped(kept.signature, kept.created_ns, names, scores.totals, raw)


def _heaped(
    signed: FrozenMap,
    created_ns: int,
    names: Sequence[str],
    totals: Sequence[int],
    raw: Mapping[str, Mapping[str, int]],
) -> _Kept:
    order = heapified(totals)
    in_order = tuple(names[index] for index in order)
    return _Kept(signed, created_ns, in_order, tuple(totals[index] for index in order), raw)


def _without(kept: _Kept, node_name: str) -> _Kept:
    """The candidates without one that won a tie by chance instead of by its place in the heap."""
    others = [pair for pair in zip(kept.names, kept.totals, strict=True) if pair[0] != node_name]
    names, totals = [name for name, _ in others], [total for _, total in others]
    return _heaped(kept.signature, kept.created_ns, names, totals, kept.raw)


def _next(kept: _Kept) -> tuple[str, _Kept]:
    """The best candidate and what is left without it."""
    top, rest = popped(range(len(kept.names)), kept.totals)
    names = tuple(kept.names[index] for index in rest)
    totals = tuple(kept.totals[index] for index in rest)
    return kept.names[top], _Kept(kept.signature, kept.created_ns, names, totals, kept.raw)
