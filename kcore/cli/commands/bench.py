"""`kcore bench scheduler`: Kubernetes' scheduler benchmark, run from its own files."""

import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kcore.cli.commands.replay import ReportFormat
from kcore.cli.line_chart import Line, Panel, check_chart_path, write_chart
from kcore.config import scheduler_options
from kcore.errors import KcoreError
from kcore.runtime.clock import Clock, CpuClock, WallClock
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler_perf.config import LabelFilter, Workload, read_config
from kcore.scheduler_perf.core import CoreExecution
from kcore.scheduler_perf.execution import Execution, Outcome
from kcore.scheduler_perf.measurements import PERCENTILES, DataItem, perf_dash

bench_app = typer.Typer(help="Benchmarks of a control plane.", no_args_is_help=True)


class SearchEngine(StrEnum):
    """The values of `--engine`."""

    PACKED = "packed"
    READABLE = "readable"
    PARANOID = "paranoid"


class MeasuredTime(StrEnum):
    """The values of `--clock`."""

    WALL = "wall"
    CPU = "cpu"

    def start(self) -> Clock:
        """A clock that starts now."""
        return CpuClock() if self is MeasuredTime.CPU else WallClock()


@dataclass(frozen=True, slots=True)
class _Row:
    """A workload that ran, or why it did not."""

    workload: Workload
    outcome: Outcome | None = None
    error: str = ""

    @property
    def items(self) -> list[DataItem]:
        collectors = [] if self.outcome is None else self.outcome.collectors
        return [one.item(self.workload.full_name) for one in collectors]

    @property
    def ratio(self) -> float | None:
        """Throughput over the file's threshold."""
        if self.outcome is None or not self.workload.threshold:
            return None
        return self.outcome.average / self.workload.threshold


@bench_app.callback()
def group() -> None:
    """Benchmarks of a control plane."""


@bench_app.command("scheduler")
def scheduler(  # noqa: PLR0913 - one parameter per option
    *,
    config: Annotated[
        list[Path], typer.Option(metavar="FILE", help="A performance-config.yaml; repeatable.")
    ],
    labels: Annotated[
        str, typer.Option("--filter", metavar="LABELS", help="`performance,-short`.")
    ] = "performance",
    workload: Annotated[
        str, typer.Option(metavar="NAME", help="CASE/WORKLOAD, with * and ?; overrides --filter.")
    ] = "",
    engine: Annotated[
        SearchEngine, typer.Option(help="How searches run; what they find is the same.")
    ] = SearchEngine.PACKED,
    core_only: Annotated[
        bool, typer.Option("--core-only", help="Measure decisions alone, without the API.")
    ] = False,
    clock: Annotated[
        MeasuredTime, typer.Option(help="Seconds of real time, or of CPU on a busy machine.")
    ] = MeasuredTime.WALL,
    seed: Annotated[int, typer.Option(help="Decides everything open.")] = 1,
    output: Annotated[ReportFormat, typer.Option("--output", "-o")] = ReportFormat.TABLE,
    data_items: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write perf-dash's JSON there.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw throughput: .html or .png.")
    ] = None,
) -> int:
    """Run workloads through API server, store and scheduler, and compare with their thresholds.

    Exit code 2: a workload needs something that kcore does not model, or cannot end.
    """
    if plot is not None:
        check_chart_path(plot)
    chosen = _chosen(config, labels, workload)
    kind = CoreExecution if core_only else Execution
    rows = _run(chosen, _Run(kind, engine, clock, seed))
    items = [item for row in rows for item in row.items]
    if output is ReportFormat.JSON:
        typer.echo(json.dumps(perf_dash(items), indent=2))
    else:
        typer.echo(_table(rows))
    if data_items is not None:
        data_items.write_text(json.dumps(perf_dash(items), indent=2) + "\n", encoding="utf-8")
    if plot is not None:
        write_chart([_panel(rows)], plot)
    for row in rows:
        if row.error:
            typer.echo(f"kcore: {row.workload.full_name}: {row.error}", err=True)
    return 2 if any(row.error for row in rows) else 0


def _chosen(paths: Sequence[Path], labels: str, name: str) -> list[Workload]:
    found = [workload for path in paths for workload in read_config(path)]
    if name:
        chosen = [one for one in found if fnmatchcase(one.full_name, name)]
        how = f"--workload {name}"
    else:
        accepts = LabelFilter.parse(labels).accepts
        chosen = [one for one in found if accepts(one)]
        how = f"--filter {labels}"
    if not chosen:
        raise KcoreError(f"{how}: no such workload among {len(found)} of {len(paths)} files")
    return chosen


@dataclass(frozen=True, slots=True)
class _Run:
    """How every workload is run."""

    kind: type[Execution]
    engine: SearchEngine
    clock: MeasuredTime
    seed: int

    def execution(self, workload: Workload, tell: Callable[[str], None]) -> Execution:
        options = replace(_options(workload), engine=self.engine.value)
        return self.kind(workload, options, self.clock.start(), tell, self.seed)


def _run(workloads: Sequence[Workload], how: _Run) -> list[_Row]:
    rows = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(workloads))
        for number, workload in enumerate(workloads, start=1):
            where = f"[{number}/{len(workloads)}] {workload.full_name}"

            def tell(what: str, where: str = where) -> None:
                progress.update(task, description=f"{where}: {what}")

            tell("starting")
            gc.collect()  # The last world is one knot of references.
            try:
                rows.append(_Row(workload, how.execution(workload, tell).run()))
            except KcoreError as error:
                rows.append(_Row(workload, error=str(error)))
            progress.advance(task)
    return rows


def _options(workload: Workload) -> SchedulerOptions:
    if workload.scheduler_config:
        return scheduler_options(workload.folder / workload.scheduler_config)
    return SchedulerOptions()


def _table(rows: Sequence[_Row]) -> str:
    header = ["WORKLOAD", "PODS", "AVERAGE", *(f"PERC{percent}" for percent in PERCENTILES)]
    lines = [[*header, "THRESHOLD", "RATIO"]]
    for row in rows:
        collectors = [] if row.outcome is None else row.outcome.collectors
        for collector in collectors:
            data = collector.data()
            threshold, ratio = row.workload.threshold, row.ratio
            lines.append(
                [
                    f"{row.workload.full_name}/{collector.name}",
                    str(collector.scheduled),
                    *(f"{value:.0f}" for value in data.values()),
                    "" if threshold is None else f"{threshold:.0f}",
                    "" if ratio is None else f"{ratio:.1f}x",
                ]
            )
        if not collectors:
            lines.append([row.workload.full_name, row.error and "not run", *[""] * 7])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _panel(rows: Sequence[_Row]) -> Panel:
    lines: list[Any] = [
        Line(f"{row.workload.full_name}/{collector.name}", collector.samples)
        for row in rows
        if row.outcome is not None
        for collector in row.outcome.collectors
    ]
    return Panel("Scheduling throughput", "seconds", "pods/s", lines)
