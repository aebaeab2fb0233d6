"""`kcore replay`: recorded workloads under placement policies."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from kcore.cli.line_chart import Line, Panel, check_chart_path, write_chart
from kcore.errors import KcoreError
from kcore.replay.comparison import PolicyResult
from kcore.replay.experiment import Run, Workload, replay
from kcore.replay.openb import read_trace
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import SECOND_NS, WallClock
from kcore.scheduler.gpu_share.placement import POLICIES

COLUMNS: Final = ("20", "60", "80", "95", "100")

replay_app = typer.Typer(
    help="Play a recorded workload back under placement policies.", no_args_is_help=True
)


class ReportFormat(StrEnum):
    """The values of `-o` here."""

    TABLE = "table"
    JSON = "json"


@replay_app.callback()
def group() -> None:
    """Play a recorded workload back under placement policies."""


@replay_app.command("openb")
def openb(
    *,
    nodes: Annotated[Path, typer.Option(metavar="NODES.csv", help="The trace's node list.")],
    pods: Annotated[Path, typer.Option(metavar="PODS.csv", help="The trace's pod list.")],
    policy: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help=f"{', '.join(POLICIES)}; repeatable; all if none."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Runs of each policy; figures are means.")] = 10,
    output: Annotated[ReportFormat, typer.Option("--output", "-o")] = ReportFormat.TABLE,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the curves: .html or .png.")
    ] = None,
) -> int:
    """Fill a GPU cluster with Alibaba's openb trace and compare allocation and fragmentation."""
    chosen = _policies(policy or list(POLICIES))
    if plot is not None:
        check_chart_path(plot)
    workload = Workload.of(read_trace(nodes, pods))
    results = _run(workload, chosen, seeds)
    if output is ReportFormat.JSON:
        typer.echo(json.dumps({one.policy: one.to_dict() for one in results}, indent=2))
    else:
        typer.echo(_table(results))
    if plot is not None:
        write_chart(_panels(results), plot)
    return 0


def _policies(names: Sequence[str]) -> list[str]:
    known = {name.lower(): name for name in POLICIES}
    for name in names:
        if name.lower() not in known:
            raise KcoreError(f"--policy {name}: must be one of {', '.join(POLICIES)}")
    return list(dict.fromkeys(known[name.lower()] for name in names))


def _run(workload: Workload, policies: Sequence[str], seeds: int) -> list[PolicyResult]:
    """Every policy meets the same orders of arrival: seeds count from 1."""
    clock = WallClock()
    results = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("replay", total=len(policies) * seeds)
        for policy in policies:
            start_ns = clock.now_ns()
            runs: list[Run] = []
            for seed in range(1, seeds + 1):
                progress.update(task, description=f"{policy}, seed {seed}")
                runs.append(replay(workload, policy, SeededSource(seed)))
                progress.advance(task)
            seconds = (clock.now_ns() - start_ns) / SECOND_NS / seeds
            results.append(PolicyResult(policy, runs, seconds))
    return results


def _table(results: Sequence[PolicyResult]) -> str:
    """Allocation when all GPUs have been asked for, and fragmentation on the way there."""
    header = ["POLICY", "GPU ALLOCATION %", *(f"FRAG % AT {load}" for load in COLUMNS), "SECONDS"]
    rows = [header]
    rows.extend(
        [
            one.policy,
            f"{one.allocation(100):.2f}",
            *(f"{one.fragmentation(int(load)):.1f}" for load in COLUMNS),
            f"{one.seconds:.2f}",
        ]
        for one in results
    )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _panels(results: Sequence[PolicyResult]) -> list[Panel]:
    load = "GPUs asked for, % of those there are"
    return [
        Panel(
            "GPU allocation",
            load,
            "% of GPUs",
            [
                Line(one.policy, one.curve(lambda reading: reading.gpu_allocation_percent))
                for one in results
            ],
        ),
        Panel(
            "Fragmentation",
            load,
            "% of idle GPUs",
            [
                Line(one.policy, one.curve(lambda reading: reading.fragmentation_percent))
                for one in results
            ],
        ),
    ]
