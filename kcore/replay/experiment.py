"""One policy on one trace: shuffle, fill up, place pod after pod, and look at every percent.

As in Weng et al. (ATC 2023): the pods arrive in random order, pods drawn from the trace at random
follow until the asked GPUs reach 130 % of those there are, a pod that fits nowhere is dropped, and
nobody leaves. Of equally good nodes the first is taken, in an order of the nodes that is drawn once
for each run: policies that leave many nodes equal then fill nodes up one after another, as they do
in the authors' simulator, and the mean over runs does not hang on how nodes happen to be named.
Allocation and fragmentation are read as a function of the load that has arrived.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from kcore.replay.openb import PodKind, Trace
from kcore.runtime.choice import ChoiceSource
from kcore.scheduler.gpu_share.placement import Placement

Item = TypeVar("Item")

RANDOM: Final = "Random"
ARRIVAL_PERCENT: Final = 130
TYPICAL_PERCENT: Final = 95
"""The most frequent kinds that together make up this much are the expected workload."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The cluster once `arrived_percent` of its GPUs have been asked for; all in percent."""

    arrived_percent: int
    gpu_allocation_percent: float
    fragmentation_percent: float


@dataclass(frozen=True, slots=True)
class Run:
    """What one policy did with one order of arrival: a reading for each percent, and the end."""

    policy: str
    readings: tuple[Reading, ...]
    placed: int
    dropped: int
    cpu_percent: float
    memory_percent: float

    def at(self, arrived_percent: int) -> Reading:
        """The reading at this load.

        Raises:
            ValueError: the run did not get there.
        """
        for reading in self.readings:
            if reading.arrived_percent == arrived_percent:
                return reading
        raise ValueError(f"arrived_percent: nothing was read at {arrived_percent}")


@dataclass(frozen=True, slots=True)
class Workload:
    """A trace in numbers: kinds of pods, who is of which kind, and the expected mix."""

    trace: Trace
    kinds: tuple[PodKind, ...]
    pods: tuple[int, ...]
    typical: tuple[tuple[int, float], ...]
    models: tuple[str, ...]

    @classmethod
    def of(cls, trace: Trace) -> "Workload":
        """Number the kinds in the order of their first pod. O(pods)."""
        numbers = {kind: number for number, kind in enumerate(dict.fromkeys(trace.pods))}
        models = dict.fromkeys(node.model for node in trace.nodes)
        models.update(dict.fromkeys(model for kind in numbers for model in kind.models))
        pods = tuple(numbers[kind] for kind in trace.pods)
        return cls(trace, tuple(numbers), pods, typical_kinds(tuple(numbers), pods), tuple(models))

    def placement(self, policy: str, choices: ChoiceSource) -> Placement:
        """Empty nodes in random order under a policy."""
        bits = {model: number for number, model in enumerate(self.models)}
        nodes = [
            (node.cpu_milli, node.memory_mib, node.gpus, bits[node.model])
            for node in shuffled(self.trace.nodes, choices, "replay-nodes")
        ]
        pods = [
            (
                kind.cpu_milli,
                kind.memory_mib,
                kind.gpus,
                kind.gpu_milli,
                sum(1 << bits[model] for model in kind.models),
            )
            for kind in self.kinds
        ]
        return Placement(policy, nodes, pods, self.typical)

    def arrivals(self, choices: ChoiceSource) -> list[int]:
        """Kinds in the order in which pods arrive: all pods shuffled, then random ones."""
        order = shuffled(self.pods, choices, "replay-pods")
        asked = sum(self.kinds[kind].total_gpu_milli for kind in order)
        wanted = self.trace.capacity_gpu_milli * ARRIVAL_PERCENT / 100
        while True:
            kind = self.pods[choices.choose(len(self.pods), "replay-more")]
            if asked + self.kinds[kind].gpu_milli > wanted:
                return order
            asked += self.kinds[kind].total_gpu_milli
            order.append(kind)


def shuffled(items: Sequence[Item], choices: ChoiceSource, stream: str) -> list[Item]:
    """The items in an order drawn from one stream of chance (Fisher and Yates). O(n)."""
    order = list(items)
    for last in range(len(order) - 1, 0, -1):
        other = choices.choose(last + 1, stream)
        order[last], order[other] = order[other], order[last]
    return order


def typical_kinds(kinds: Sequence[PodKind], pods: Sequence[int]) -> tuple[tuple[int, float], ...]:
    """The expected workload: the most frequent kinds and their shares, which add up to 1.

    Memory makes no difference between kinds here, as in the paper.
    """
    counts: Counter[PodKind] = Counter()
    first: dict[PodKind, int] = {}
    for kind in pods:
        shape = kinds[kind]
        blurred = PodKind(shape.cpu_milli, 0, shape.gpus, shape.gpu_milli, shape.models)
        counts[blurred] += 1
        first.setdefault(blurred, kind)
    chosen, covered = [], 0
    for blurred, count in counts.most_common():
        if covered * 100 >= TYPICAL_PERCENT * len(pods):
            break
        chosen.append((first[blurred], count))
        covered += count
    return tuple((kind, count / covered) for kind, count in chosen)


def replay(workload: Workload, policy: str, choices: ChoiceSource) -> Run:
    """Place everything that arrives. O(pods * (nodes + repaired scores)).

    Raises:
        ValueError: an unknown policy.
    """
    placement = workload.placement(policy, choices)
    gauge = _Gauge(workload.trace.capacity_gpu_milli)
    used_cpu = used_memory = placed = dropped = 0
    for kind in workload.arrivals(choices):
        pod = workload.kinds[kind]
        if _place(placement, policy, kind, choices):
            placed += 1
            used_cpu += pod.cpu_milli
            used_memory += pod.memory_mib
        else:
            dropped += 1
        gauge.arrived(pod.total_gpu_milli, placement)
    gauge.finish(placement)
    nodes = workload.trace.nodes
    return Run(
        policy,
        tuple(gauge.readings),
        placed,
        dropped,
        100.0 * used_cpu / sum(node.cpu_milli for node in nodes),
        100.0 * used_memory / sum(node.memory_mib for node in nodes),
    )


def _place(placement: Placement, policy: str, kind: int, choices: ChoiceSource) -> bool:
    count = placement.candidates(kind)
    if not count:
        return False
    if policy != RANDOM:
        placement.place(kind, 0)
        return True
    candidate = choices.choose(count, "replay-node")
    device = choices.choose(placement.device_choices(kind, candidate), "replay-device")
    placement.place(kind, candidate, device)
    return True


class _Gauge:
    """Reads the cluster each time another percent of load has arrived."""

    def __init__(self, capacity_milli: int) -> None:
        self.readings: list[Reading] = []
        self._capacity_milli = capacity_milli
        self._arrived_milli = 0

    def arrived(self, milli: int, placement: Placement) -> None:
        """Count a pod that arrived, placed or not."""
        self._arrived_milli += milli
        percent = self._arrived_milli * 100 // self._capacity_milli
        while len(self.readings) < percent:
            self._read(placement)

    def finish(self, placement: Placement) -> None:
        """The last pod that would have gone beyond the end did not come: read the end."""
        while len(self.readings) < ARRIVAL_PERCENT:
            self._read(placement)

    def _read(self, placement: Placement) -> None:
        idle = placement.idle_gpu_milli()
        self.readings.append(
            Reading(
                len(self.readings) + 1,
                100.0 * (self._capacity_milli - idle) / self._capacity_milli,
                100.0 * placement.fragmented_gpu_milli() / idle if idle else 0.0,
            )
        )
