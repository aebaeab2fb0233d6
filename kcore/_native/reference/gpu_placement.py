"""Where a pod that asks for GPUs, or a part of one, goes: six policies over packed nodes.

The readable twin of the compiled kernel. A `Placement` holds nodes and kinds of pods as numbers,
scores every node that can take a pod, and places it on one of the best. After each placement only
the node that changed is scored again, for each kind of pod when it comes next: a pod costs
O(placements since its kind came last), at most O(nodes), times the policy's own cost.

A whole pod's GPUs are idle ones; a pod with a part of a GPU (1..999 milli) gets it from one
device. The policies and their integer scores are those of Weng et al., "Beware of Fragmentation"
(USENIX ATC 2023) and of the authors' simulator, against which the figures are compared.
"""

import math
from collections.abc import Sequence
from typing import Final

POLICIES: Final = ("Random", "DotProd", "GpuClustering", "GpuPacking", "BestFit", "FGD")
WHOLE_GPU_MILLI: Final = 1000
MAX_GPUS: Final = 8
MAX_KINDS: Final = 4096
INFEASIBLE: Final = -1

_LARGEST_CPU_MILLI: Final = 128_000.0
_LARGEST_GPU_MILLI: Final = 8_000
_TOP_SCORE: Final = 100

Node = tuple[int, int, int, int]
"""cpu milli, memory MiB, GPUs, model (the number of a bit)."""
Pod = tuple[int, int, int, int, int]
"""cpu milli, memory MiB, GPUs, milli of each, models it accepts (bits; 0 is any)."""


class Placement:
    """Nodes being filled with pods of known kinds under one policy."""

    def __init__(
        self,
        policy: str,
        nodes: Sequence[Node],
        pods: Sequence[Pod],
        typical: Sequence[tuple[int, float]] = (),
    ) -> None:
        """`typical` is the expected workload: kinds (indexes of `pods`) and their shares.

        Raises:
            ValueError: an unknown policy, or a number out of its range.
        """
        if policy not in POLICIES:
            raise ValueError(f"policy: {policy!r} is none of {', '.join(POLICIES)}")
        for node in nodes:
            _check_node(node)
        for pod in pods:
            _check_pod(pod)
        if len(pods) > MAX_KINDS:
            raise ValueError(f"pods: more than {MAX_KINDS} kinds")
        for kind, share in typical:
            if not 0 <= kind < len(pods) or not 0.0 <= share <= 1.0:
                raise ValueError(f"typical: ({kind}, {share}) is no kind of pod with its share")
        self._policy = policy
        self._nodes = list(nodes)
        self._pods = list(pods)
        self._typical = list(typical)
        self._cpu = [node[0] for node in nodes]
        self._memory = [node[1] for node in nodes]
        self._devices = [[WHOLE_GPU_MILLI] * node[2] for node in nodes]
        # Which affinities (kinds of GPU use: shared, one, two ... whole GPUs) a node has seen.
        self._tags: list[int] = [0] * len(nodes)
        self._fragments = [self._fragment(node, self._cpu[node]) for node in range(len(nodes))]
        self._changes: list[int] = []
        self._scores: dict[int, list[int]] = {}
        self._seen: dict[int, int] = {}

    def candidates(self, kind: int) -> int:
        """How many nodes are the best for a pod of this kind; 0 when none can take it."""
        return len(self._best(kind))

    def place(self, kind: int, candidate: int, device: int = 0) -> int:
        """Put a pod on the best node of this number, in node order; the node's index.

        `device` chooses among `device_choices` and matters to the policy Random alone.

        Raises:
            ValueError: no such candidate or device.
        """
        best = self._best(kind)
        if not 0 <= candidate < len(best):
            raise ValueError(f"candidate: {candidate} of {len(best)}")
        node = best[candidate]
        pod = self._pods[kind]
        for index in self._chosen_devices(node, pod, device):
            self._devices[node][index] -= pod[3]
        self._cpu[node] -= pod[0]
        self._memory[node] -= pod[1]
        if pod[2]:
            self._tags[node] |= 1 << _affinity(pod)
        self._fragments[node] = self._fragment(node, self._cpu[node])
        self._changes.append(node)
        return node

    def occupy(self, node: int, left: Sequence[int], tags: int) -> None:
        """Say what is left on each device of a node, and which affinities it has seen (bits).

        Raises:
            ValueError: not one number from 0 to 1000 for each device.
        """
        if len(left) != self._nodes[node][2] or not all(0 <= one <= 1000 for one in left):
            raise ValueError(f"left: {list(left)} is not what {self._nodes[node][2]} GPUs can have")
        self._devices[node] = list(left)
        self._tags[node] = tags
        self._fragments[node] = self._fragment(node, self._cpu[node])
        self._changes.append(node)

    def device_choices(self, kind: int, candidate: int) -> int:
        """Among how many devices chance decides on that node: 1 unless Random shares a GPU."""
        best = self._best(kind)
        if not 0 <= candidate < len(best):
            raise ValueError(f"candidate: {candidate} of {len(best)}")
        pod = self._pods[kind]
        if self._policy != "Random" or not _is_share(pod):
            return 1
        return sum(left >= pod[3] for left in self._devices[best[candidate]])

    def idle_gpu_milli(self) -> int:
        """What no pod holds, over all nodes. O(GPUs)."""
        return sum(sum(devices) for devices in self._devices)

    def fragmented_gpu_milli(self) -> float:
        """Of the idle, what the expected workload cannot use, weighted by shares. O(nodes)."""
        return float(sum(self._fragments))

    def left(self, node: int) -> tuple[int, int, tuple[int, ...]]:
        """Free cpu (milli), memory (MiB) and milli of each device of a node."""
        return self._cpu[node], self._memory[node], tuple(self._devices[node])

    def score(self, kind: int, node: int) -> int:
        """What the policy gives this node for such a pod; `INFEASIBLE` if it cannot take it."""
        if not self._feasible(node, self._pods[kind]):
            return INFEASIBLE
        return self._score(node, self._pods[kind])

    def check_invariants(self) -> None:
        """Nothing is below zero or above its capacity, and what is remembered is true."""
        for node, (cpu, memory, gpus, _) in enumerate(self._nodes):
            assert 0 <= self._cpu[node] <= cpu
            assert 0 <= self._memory[node] <= memory
            assert len(self._devices[node]) == gpus
            assert all(0 <= left <= WHOLE_GPU_MILLI for left in self._devices[node])
            assert self._fragments[node] == self._fragment(node, self._cpu[node])
        for kind, scores in self._scores.items():
            stale = set(self._changes[self._seen[kind] :])
            for node, score in enumerate(scores):
                assert node in stale or score == self.score(kind, node)

    def _best(self, kind: int) -> list[int]:
        scores = self._repaired(kind)
        top = max(scores, default=INFEASIBLE)
        return [] if top < 0 else [node for node, score in enumerate(scores) if score == top]

    def _repaired(self, kind: int) -> list[int]:
        if kind not in self._scores:
            if not 0 <= kind < len(self._pods):
                raise ValueError(f"kind: {kind} of {len(self._pods)}")
            self._scores[kind] = [self.score(kind, node) for node in range(len(self._nodes))]
        else:
            scores = self._scores[kind]
            for node in dict.fromkeys(self._changes[self._seen[kind] :]):
                scores[node] = self.score(kind, node)
        self._seen[kind] = len(self._changes)
        return self._scores[kind]

    def _feasible(self, node: int, pod: Pod) -> bool:
        cpu, memory, gpus, milli, models = pod
        if self._cpu[node] < cpu or self._memory[node] < memory:
            return False
        if models and not models >> self._nodes[node][3] & 1:
            return False
        return not gpus or sum(left >= milli for left in self._devices[node]) >= gpus

    def _score(self, node: int, pod: Pod) -> int:
        match self._policy:
            case "DotProd":
                return self._dot_product(node, pod)
            case "GpuClustering":
                return self._clustering(node, pod)
            case "GpuPacking":
                return self._packing(node, pod)
            case "BestFit":
                return self._best_fit(node, pod)
            case "FGD":
                return self._descent(node, pod)
        return 0

    def _dot_product(self, node: int, pod: Pod) -> int:
        cpu = self._cpu[node] / _LARGEST_CPU_MILLI * (pod[0] / _LARGEST_CPU_MILLI)
        left = sum(self._devices[node])
        gpu = left / _LARGEST_GPU_MILLI * (pod[2] * pod[3] / _LARGEST_GPU_MILLI)
        return int(_TOP_SCORE * (1.0 - (cpu + gpu) / 2.0))

    def _clustering(self, node: int, pod: Pod) -> int:
        if not pod[2]:
            return 0
        left = sum(self._devices[node])
        fullness = _TOP_SCORE // 4 * (_LARGEST_GPU_MILLI - left) // _LARGEST_GPU_MILLI
        tags, own = self._tags[node], 1 << _affinity(pod)
        if tags & own:
            return fullness + (75 if tags == own else 50)
        return fullness if tags else fullness + 25

    def _packing(self, node: int, pod: Pod) -> int:
        if not pod[2]:
            return 0
        devices = self._devices[node]
        idle = sum(left == WHOLE_GPU_MILLI for left in devices)
        if idle == len(devices):
            return max(_TOP_SCORE // 3 - idle, idle)
        chosen = sorted(left for left in devices if left >= pod[3])[: pod[2]]
        opened = sum(left == WHOLE_GPU_MILLI for left in chosen)
        if opened:
            return max(_TOP_SCORE // 2 - opened, _TOP_SCORE // 3)
        free_percent = sum(left * 100 // WHOLE_GPU_MILLI for left in chosen)
        return max(_TOP_SCORE - free_percent // 10, _TOP_SCORE // 2)

    def _best_fit(self, node: int, pod: Pod) -> int:
        cpu = (self._cpu[node] - pod[0]) / _LARGEST_CPU_MILLI * 0.5
        left = sum(self._devices[node]) - pod[2] * pod[3]
        return int((1.0 - (cpu + left / _LARGEST_GPU_MILLI * 0.5)) * _TOP_SCORE)

    def _descent(self, node: int, pod: Pod) -> int:
        """How much fragmentation shrinks, through a sigmoid, on the best device."""
        devices = self._devices[node]
        cpu = self._cpu[node] - pod[0]
        if not _is_share(pod):
            after = [list(devices)]
            for index in _whole_devices(devices, pod[2]):
                after[0][index] -= pod[3]
        else:
            after = [
                [*devices[:index], left - pod[3], *devices[index + 1 :]]
                for index, left in enumerate(devices)
                if left >= pod[3]
            ]
        best = min(self._fragment(node, cpu, changed) for changed in after)
        return int(_TOP_SCORE * _sigmoid((self._fragments[node] - best) / 1000.0))

    def _fragment(self, node: int, cpu: int, devices: Sequence[int] | None = None) -> float:
        """Expected idle milli that a pod of the workload could not use. O(typical * GPUs)."""
        devices = self._devices[node] if devices is None else devices
        model = self._nodes[node][3]
        idle = sum(devices)
        total = 0.0
        for kind, share in self._typical:
            need_cpu, _, gpus, milli, models = self._pods[kind]
            fits = sum(left >= milli for left in devices) >= gpus > 0
            if fits and cpu >= need_cpu and (not models or models >> model & 1):
                total += share * sum(left for left in devices if left < milli)
            else:
                total += share * idle
        return total

    def _chosen_devices(self, node: int, pod: Pod, device: int) -> list[int]:
        """Which devices the pod gets: idle ones, or the one that the policy prefers."""
        devices = self._devices[node]
        if not _is_share(pod):
            return _whole_devices(devices, pod[2])
        fitting = [index for index, left in enumerate(devices) if left >= pod[3]]
        if self._policy == "Random":
            if not 0 <= device < len(fitting):
                raise ValueError(f"device: {device} of {len(fitting)}")
            return [fitting[device]]
        if self._policy == "FGD":
            return [max(fitting, key=lambda index: (self._on_device(node, pod, index), -index))]
        return [min(fitting, key=lambda index: (devices[index], index))]

    def _on_device(self, node: int, pod: Pod, index: int) -> int:
        changed = list(self._devices[node])
        changed[index] -= pod[3]
        after = self._fragment(node, self._cpu[node] - pod[0], changed)
        return int(_TOP_SCORE * _sigmoid((self._fragments[node] - after) / 1000.0))


def _whole_devices(devices: Sequence[int], count: int) -> list[int]:
    return [index for index, left in enumerate(devices) if left == WHOLE_GPU_MILLI][:count]


def _is_share(pod: Pod) -> bool:
    return pod[2] == 1 and pod[3] < WHOLE_GPU_MILLI


def _affinity(pod: Pod) -> int:
    return 0 if _is_share(pod) else pod[2]


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))


def _check_node(node: Node) -> None:
    cpu, memory, gpus, model = node
    if min(cpu, memory) < 0 or max(cpu, memory) >= 2**31:
        raise ValueError(f"node {node}: cpu and memory must be between 0 and 2147483647")
    if not 0 <= gpus <= MAX_GPUS:
        raise ValueError(f"node {node}: must have 0 to {MAX_GPUS} GPUs")
    if not 0 <= model < 63:
        raise ValueError(f"node {node}: the model must be between 0 and 62")


def _check_pod(pod: Pod) -> None:
    cpu, memory, gpus, milli, models = pod
    if min(cpu, memory) < 0 or max(cpu, memory) >= 2**31:
        raise ValueError(f"pod {pod}: cpu and memory must be between 0 and 2147483647")
    if not 0 <= gpus <= MAX_GPUS:
        raise ValueError(f"pod {pod}: must ask for 0 to {MAX_GPUS} GPUs")
    if gpus and not (milli == WHOLE_GPU_MILLI or (gpus == 1 and 0 < milli < WHOLE_GPU_MILLI)):
        raise ValueError(f"pod {pod}: whole GPUs, or 1 to 999 milli of a single one")
    if not gpus and milli:
        raise ValueError(f"pod {pod}: milli without a GPU")
    if not 0 <= models < 2**63:
        raise ValueError(f"pod {pod}: models must be bits 0 to 62")
