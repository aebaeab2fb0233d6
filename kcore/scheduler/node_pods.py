"""The pods of one node: a list that never changes, whose successors cost nothing to make.

Tens of thousands of pods may come to one node while nobody looks at them: its sums say all that
most decisions need. So a change copies no list, it is written down:

    [a b c]  <-  +d  <-  -a  <-  -d +d'         read: [d' c b] once, and kept

Whoever reads looks at every pod anyway, and replays the changes then. A reader that knows an
earlier version is told the changes since, without reading. After as many changes as there are pods
the list is read unasked, so that a chain of changes is never longer than what it leads to.

A persistent vector and a persistent map from uid to place would make reading O(pods) at once, and
each change O(log pods). Hardly anybody reads between two changes, so that would cost more.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from kcore.errors import InvariantError
from kcore.records import changed
from kcore.scheduler.pod_info import PodInfo

CHANGES_COUNT_MIN: Final = 8
"""So many changes may be written down even when there are fewer pods."""
# For so few changes, or pods, an index does not pay: those that leave came last, mostly.
_SCANS_COUNT_MAX: Final = 4
_SCANNED_COUNT_MAX: Final = 16

Move = tuple[PodInfo | None, PodInfo | None]
"""Who left, and who came after that."""


class NodePods:
    """Pods in upstream's order: added at the end, removed by moving the last one into the gap."""

    __slots__ = ("_before", "_changes_count", "_counts", "_move", "_pods", "size")

    def __init__(self, pods: Sequence[PodInfo] = ()) -> None:
        self._pods: tuple[PodInfo, ...] | None = tuple(pods)
        self.size = len(self._pods)
        """How many pods there are, for those who ask all the time."""
        # What this one follows from; nothing once the pods were read.
        self._before: NodePods | None = None
        self._move: Move = (None, None)
        self._changes_count = 0
        # How many pods a condition means, by the condition's name.
        self._counts: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return how many pods there are. O(1)."""
        return self.size

    def __iter__(self) -> Iterator[PodInfo]:
        return iter(self.read())

    def read(self) -> tuple[PodInfo, ...]:
        """Every pod, in order. O(pods) after a change, then O(1).

        Raises:
            InvariantError: a pod was removed that is not here.
        """
        if self._pods is None:
            pods, moves = self._moves_since_read()
            self._pods = tuple(_replayed(pods, moves))
            self._before = None
            self._changes_count = 0
        return self._pods

    def plus(self, info: PodInfo) -> "NodePods":
        """The list with one pod more. O(1) amortised."""
        return self._followed_by((None, info), self.size + 1)

    def minus(self, info: PodInfo) -> "NodePods":
        """The list without one of its pods. O(1) amortised."""
        return self._followed_by((info, None), self.size - 1)

    def renewed(self, old: PodInfo, new: PodInfo) -> "NodePods":
        """The list without a pod, and with its newer version at the end. O(1) amortised."""
        return self._followed_by((old, new), self.size)

    def move_since(self, old: "NodePods") -> Move | None:
        """What made this version from `old`; None if it was more than one move, or is forgotten."""
        return self._move if self._before is old else None

    def changes_since(self, old: "NodePods") -> list[tuple[PodInfo, int]]:
        """Pods that left (-1) and that came (+1), together those between both versions.

        One that came and left again may be among them, twice. O(changes) if this version was made
        from `old` and neither was read meanwhile, else O(pods).
        """
        changes: list[tuple[PodInfo, int]] = []
        one: NodePods = self
        while one is not old and one._before is not None:
            gone, came = one._move
            if came is not None:
                changes.append((came, 1))
            if gone is not None:
                changes.append((gone, -1))
            one = one._before
        return changes if one is old else _difference(old.read(), self.read())

    def count(self, key: str, means: Callable[[PodInfo], bool]) -> int:
        """How many pods a condition means; `key` stands for it and for nothing else.

        O(changes since it was asked before), O(pods) when it was not or the pods were read.
        """
        if self._counts is not None and key in self._counts:
            return self._counts[key]
        one: NodePods = self
        total = 0
        while one._before is not None and (one._counts is None or key not in one._counts):
            gone, came = one._move
            total += (came is not None and means(came)) - (gone is not None and means(gone))
            one = one._before
        if one._counts is not None and key in one._counts:
            total += one._counts[key]
        else:
            total = sum(map(means, self.read()))
        if self._counts is None:
            self._counts = {}
        self._counts[key] = total
        return total

    def _followed_by(self, move: Move, size: int) -> "NodePods":
        count = self._changes_count
        if count >= CHANGES_COUNT_MIN and count >= self.size:
            self.read()
            count = 0
        return changed(
            self,
            size=size,
            _pods=None,
            _before=self,
            _move=move,
            _changes_count=count + 1,
            _counts=None,
        )

    def _moves_since_read(self) -> tuple[tuple[PodInfo, ...], list[Move]]:
        """The last list that was read, and what happened since, the first thing first."""
        moves: list[Move] = []
        one: NodePods = self
        while one._pods is None:
            assert one._before is not None
            moves.append(one._move)
            one = one._before
        moves.reverse()
        return one._pods, moves


def _replayed(pods: Sequence[PodInfo], moves: Sequence[Move]) -> list[PodInfo]:
    result = list(pods)
    # Places by uid, once it pays: as long as those leave who came last nobody is looked for.
    places: dict[str, int] | None = None
    for gone, came in moves:
        if gone is None:
            pass
        elif places is None and result and result[-1] is gone:
            result.pop()
        else:
            if (
                places is None
                and len(moves) > _SCANS_COUNT_MAX
                and len(result) > _SCANNED_COUNT_MAX
            ):
                places = {info.uid: place for place, info in enumerate(result)}
            _take(result, gone, places)
        if came is not None:
            if places is not None:
                places[came.uid] = len(result)
            result.append(came)
    return result


def _take(pods: list[PodInfo], gone: PodInfo, places: dict[str, int] | None) -> None:
    """Move the last pod to where one leaves."""
    uid = gone.uid
    place = _last_place(pods, uid) if places is None else places.pop(uid, None)
    if place is None:
        raise InvariantError(f"pod {gone.key} ({uid}) left a node where it was not")
    last = pods.pop()
    if place < len(pods):
        pods[place] = last
        if places is not None:
            places[last.uid] = place


def _last_place(pods: Sequence[PodInfo], uid: str) -> int | None:
    for place in range(len(pods) - 1, -1, -1):
        if pods[place].uid == uid:
            return place
    return None


def _difference(old: Sequence[PodInfo], new: Sequence[PodInfo]) -> list[tuple[PodInfo, int]]:
    if len(new) == len(old) + 1 and new[:-1] == old:
        return [(new[-1], 1)]
    before = {pod.uid: pod for pod in old}
    after = {pod.uid: pod for pod in new}
    gone = [(pod, -1) for pod in old if after.get(pod.uid) is not pod]
    return [*gone, *((pod, 1) for pod in new if before.get(pod.uid) is not pod)]
