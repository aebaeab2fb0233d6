"""Scheduling throughput: samples over real time, their summary, and perf-dash's JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kcore.machinery.frozen import FrozenMap
from kcore.runtime.clock import SECOND_NS, Clock
from kcore.scheduler_perf.pod_progress import has_labels

SAMPLE_NS: Final = SECOND_NS // 10
"""Upstream samples each second; runs here rarely last that long."""

PERCENTILES: Final = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class DataItem:
    """One measured quantity in perf-dash's form."""

    labels: Mapping[str, str]
    data: Mapping[str, float]
    unit: str = "pods/s"

    def to_dict(self) -> dict[str, Any]:
        """As it stands in `dataItems`."""
        return {"data": dict(self.data), "unit": self.unit, "labels": dict(self.labels)}


@dataclass(slots=True)
class ThroughputCollector:
    """Counts pods that get a node in some namespaces, from `start` to `stop`."""

    name: str
    namespaces: frozenset[str]
    labels: Mapping[str, str]
    clock: Clock
    samples: list[tuple[float, float]] = field(default_factory=list)
    scheduled: int = 0
    _start_ns: int = 0
    _last_ns: int = 0
    _last_count: int = 0
    _end_ns: int | None = None

    def start(self) -> None:
        """Begin now."""
        self._start_ns = self._last_ns = self.clock.now_ns()

    def note(self, namespace: str, pods: Sequence[FrozenMap]) -> None:
        """Pods of a namespace got their nodes."""
        if self._end_ns is not None or namespace not in self.namespaces:
            return
        if self.labels:
            pods = [pod for pod in pods if has_labels(pod, self.labels)]
        self.scheduled += len(pods)

    def sample(self) -> None:
        """Close a sample if it is long enough."""
        now_ns = self.clock.now_ns()
        if self._end_ns is None and now_ns - self._last_ns >= SAMPLE_NS:
            self._close(now_ns)

    def stop(self) -> None:
        """End now; what is left becomes the last sample."""
        if self._end_ns is None:
            self._end_ns = self.clock.now_ns()
            if self.scheduled > self._last_count or not self.samples:
                self._close(self._end_ns)

    def _close(self, now_ns: int) -> None:
        seconds = (now_ns - self._last_ns) / SECOND_NS
        rate = (self.scheduled - self._last_count) / seconds if seconds else 0.0
        self.samples.append(((now_ns - self._start_ns) / SECOND_NS, rate))
        self._last_ns, self._last_count = now_ns, self.scheduled

    @property
    def seconds(self) -> float:
        """From start to stop."""
        end_ns = self.clock.now_ns() if self._end_ns is None else self._end_ns
        return (end_ns - self._start_ns) / SECOND_NS

    @property
    def average(self) -> float:
        """Pods per second over the whole time."""
        return self.scheduled / self.seconds if self.seconds else 0.0

    def data(self) -> dict[str, float]:
        """Average and percentiles of the samples."""
        rates = sorted(rate for _, rate in self.samples)
        return {
            "Average": self.average,
            **{f"Perc{percent}": percentile(rates, percent) for percent in PERCENTILES},
        }

    def item(self, workload: str) -> DataItem:
        """The throughput as a data item, named as upstream names it."""
        name = f"BenchmarkPerfScheduling/{workload}/{self.name}"
        return DataItem({"Metric": "SchedulingThroughput", "Name": name}, self.data())


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The nearest-rank percentile of ascending values; 0 for none."""
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def perf_dash(items: Sequence[DataItem]) -> dict[str, Any]:
    """The file that perf-dash reads."""
    return {"version": "v1", "dataItems": [item.to_dict() for item in items]}
