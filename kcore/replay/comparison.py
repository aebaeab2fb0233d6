"""Several policies over several seeds: means, as figures and as curves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.replay.experiment import ARRIVAL_PERCENT, Reading, Run

SHOWN_LOADS: Final = (20, 40, 60, 80, 90, 95, 100, ARRIVAL_PERCENT)
"""Loads (percent of GPUs asked for) that reports show."""


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """The runs of one policy, one for each seed, and the seconds one run took on average."""

    policy: str
    runs: Sequence[Run]
    seconds: float

    def mean(self, figure: Callable[[Run], float]) -> float:
        """The mean of a figure over the runs."""
        return sum(map(figure, self.runs)) / len(self.runs)

    def allocation(self, arrived_percent: int) -> float:
        """GPU allocation at this load, percent."""
        return self.mean(lambda run: run.at(arrived_percent).gpu_allocation_percent)

    def fragmentation(self, arrived_percent: int) -> float:
        """The share of idle GPU that the expected workload cannot use at this load, percent."""
        return self.mean(lambda run: run.at(arrived_percent).fragmentation_percent)

    def curve(self, figure: Callable[[Reading], float]) -> list[tuple[float, float]]:
        """Points (load, mean) at every percent."""
        return [
            (percent, self.mean(lambda run: figure(run.at(percent))))  # noqa: B023 - used at once
            for percent in range(1, ARRIVAL_PERCENT + 1)
        ]

    def to_dict(self) -> dict[str, Any]:
        """What `-o json` prints for this policy; percents with two decimals."""
        return {
            "gpuAllocationPercent": round(self.allocation(100), 2),
            "fragmentationPercent": round(self.fragmentation(100), 2),
            "seconds": round(self.seconds, 4),
            "seeds": len(self.runs),
            "gpuAllocationPercentByLoad": {
                str(load): round(self.allocation(load), 2) for load in SHOWN_LOADS
            },
            "fragmentationPercentByLoad": {
                str(load): round(self.fragmentation(load), 2) for load in SHOWN_LOADS
            },
            "cpuPercent": round(self.mean(lambda run: run.cpu_percent), 2),
            "memoryPercent": round(self.mean(lambda run: run.memory_percent), 2),
            "placedPods": round(self.mean(lambda run: run.placed), 1),
            "droppedPods": round(self.mean(lambda run: run.dropped), 1),
        }
