"""`kcore run`: manifests into a fresh cluster, until nothing is left to happen."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from kcore.cli.output import Format
from kcore.cli.progress import FIRST_SLICE_NS, Progress
from kcore.cli.report import RunReport
from kcore.cli.timeline import PodLives, check_suffix, write_timeline
from kcore.cluster import ApplyError, ApplyReport, Cluster
from kcore.cluster.applying import read_manifests
from kcore.cluster.outcome import Applied
from kcore.config import ClusterConfig, node_specs, scheduler_options
from kcore.errors import KcoreError, ManifestError
from kcore.limits import SETTLE_VIRTUAL_NS_MAX
from kcore.machinery.durations import parse_duration
from kcore.runtime.clock import WallClock

SETTLED: Final = 0
ERROR: Final = 1
CANNOT_SETTLE: Final = 2

Source = Path | str
"""A file or folder, or the text of standard input."""


def run_manifests(  # noqa: PLR0913 - one parameter per option
    manifests: Annotated[
        list[str], typer.Argument(metavar="MANIFEST...", help="Files or folders; - is stdin.")
    ],
    *,
    nodes: Annotated[int, typer.Option(min=0, help="How many hollow nodes.")] = 5,
    seed: Annotated[int, typer.Option(help="Decides everything open; same seed, same run.")] = 1,
    namespace: Annotated[
        str, typer.Option("--namespace", "-n", help="For objects that name none.")
    ] = "default",
    output: Annotated[Format, typer.Option("--output", "-o")] = Format.TABLE,
    events: Annotated[bool, typer.Option("--events", help="Show every event.")] = False,
    timeline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the pods' lives: .html or .png.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep the end state for `kcore get`.")
    ] = None,
    atomic: Annotated[
        bool, typer.Option("--atomic", help="Apply nothing if any object is refused.")
    ] = False,
    duration: Annotated[
        str, typer.Option("--for", metavar="TIME", help="Run this long (5m) instead of settling.")
    ] = "",
    scheduler_config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A KubeSchedulerConfiguration.")
    ] = None,
) -> int:
    """Run manifests in a fresh cluster and report how it ends.

    Exit code 0: settled. 2: something cannot settle, with its reasons. 1: an error.
    """
    if timeline is not None:
        check_suffix(timeline)
    duration_ns = _duration_ns(duration)
    clock = WallClock()
    cluster = Cluster(config=_config(nodes, seed, scheduler_config))
    cluster.settle()  # Manifests meet a running cluster, whose nodes have registered.
    lives = PodLives(cluster) if timeline is not None else None
    try:
        applied = _apply(cluster, [_source(text) for text in manifests], namespace, atomic=atomic)
    except ApplyError as error:
        return _refused(error.report)
    quiet = _run(cluster, duration_ns, clock, lives)
    report = RunReport(cluster, applied, cluster.unmet(), quiet, clock.now_ns(), events)
    typer.echo(report.render(output))
    if timeline is not None and lives is not None:
        write_timeline(lives, cluster.config.start_ns, timeline)
    if save is not None:
        cluster.save(save)
    return SETTLED if report.settled else CANNOT_SETTLE


def _config(nodes: int, seed: int, scheduler_config: Path | None) -> ClusterConfig:
    """The cluster as the options describe it.

    Raises:
        ManifestError: the scheduler's configuration cannot be used.
    """
    config = ClusterConfig(node_specs(nodes), seed)
    if scheduler_config is None:
        return config
    return replace(config, scheduler=scheduler_options(scheduler_config))


def _duration_ns(text: str) -> int:
    if not text:
        return 0
    try:
        duration_ns = parse_duration(text)
    except ValueError as error:
        raise KcoreError(f"--for {text}: {error}") from None
    if duration_ns <= 0:
        raise KcoreError(f"--for {text}: must be longer than nothing")
    return duration_ns


def _source(argument: str) -> Source:
    return sys.stdin.read() if argument == "-" else Path(argument)


def _apply(
    cluster: Cluster, sources: Sequence[Source], namespace: str, *, atomic: bool
) -> list[Applied]:
    """Apply every source in order.

    Raises:
        ManifestError: one of them cannot be read; nothing was applied.
        ApplyError: objects were refused; its report covers all sources.
    """
    for source in sources:
        if not read_manifests(source):
            name = str(source) if isinstance(source, Path) else "<stdin>"
            raise ManifestError("holds no object", source=name)
    if atomic:
        trial = _apply_each(cluster.fork(), sources, namespace)
        if trial.errors:
            raise ApplyError(ApplyReport((), trial.errors))
    report = _apply_each(cluster, sources, namespace)
    if report.errors:
        raise ApplyError(report)
    return list(report.applied)


def _apply_each(cluster: Cluster, sources: Sequence[Source], namespace: str) -> ApplyReport:
    applied: list[Applied] = []
    errors: list[ManifestError] = []
    for source in sources:
        try:
            applied.extend(cluster.apply(source, namespace=namespace).applied)
        except ApplyError as error:
            applied.extend(error.report.applied)
            errors.extend(error.report.errors)
    return ApplyReport(tuple(applied), tuple(errors))


def _refused(report: ApplyReport) -> int:
    """Say what was refused, and what stands nevertheless."""
    for error in report.errors:
        typer.echo(f"kcore: {error}", err=True)
    for applied in report.applied:
        typer.echo(str(applied), err=True)
    typer.echo(
        f"kcore: {len(report.applied)} objects applied, {len(report.errors)} problems; "
        "nothing was run",
        err=True,
    )
    return ERROR


def _run(cluster: Cluster, duration_ns: int, clock: WallClock, lives: PodLives | None) -> bool:
    """Run for `duration_ns`, or until the cluster is quiet; False when it never is.

    Virtual time passes in slices, each twice as long as the one before, so that a watching
    person sees progress and a long wait costs few looks.
    """
    end_ns = cluster.now_ns + (duration_ns or SETTLE_VIRTUAL_NS_MAX)
    slice_ns = FIRST_SLICE_NS
    with Progress(cluster, Console(stderr=True), clock) as progress:
        while True:
            progress.drain()
            progress.show()
            if lives is not None:
                lives.listen()
            left_ns = end_ns - cluster.now_ns
            passing = f"{min(slice_ns, left_ns)}ns"
            if duration_ns:
                cluster.run_for(passing)
            elif cluster.settle(passing).quiet:
                return True
            if slice_ns >= left_ns:
                return bool(duration_ns)
            slice_ns *= 2
