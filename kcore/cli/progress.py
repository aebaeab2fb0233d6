"""A line that tells how far a run is, while somebody watches a terminal."""

from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from kcore.api.readiness import is_available
from kcore.cluster import Cluster
from kcore.runtime.clock import SECOND_NS, WallClock

REFRESH_NS: Final = 100_000_000
"""Ten times a second: fast enough to look alive, slow enough to cost nothing."""

STEPS_PER_LOOK_COUNT: Final = 64
"""Looking at the wall clock costs as much as a step, so it happens every so many steps."""

FIRST_SLICE_NS: Final = SECOND_NS
"""Virtual time of the first slice of a run; each next one is twice as long."""


def headline(cluster: Cluster) -> str:
    """`t=12.3s  deployments 3/12 available  pods 17/40 ready`. O(deployments + pods)."""
    deployments = cluster.client.list("deployments")
    available = sum(1 for deployment in deployments if is_available(deployment))
    pods = cluster.client.list("pods")
    ready = sum(
        1
        for pod in pods
        for condition in pod.at("status", "conditions", default=())
        if condition.type == "Ready" and condition.status == "True"
    )
    return (
        f"t={cluster.elapsed_ns / SECOND_NS:.1f}s  deployments {available}/{len(deployments)} "
        f"available  pods {ready}/{len(pods)} ready  {len(cluster.trace)} actions"
    )


class Progress:
    """Shows the headline of a running cluster on a terminal, and nothing anywhere else."""

    def __init__(self, cluster: Cluster, console: Console, clock: WallClock) -> None:
        self._cluster = cluster
        self._clock = clock
        self._shown_ns = -REFRESH_NS
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._enabled = console.is_terminal

    def __enter__(self) -> Self:
        """Take over the last line of the terminal."""
        if self._enabled:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the line back."""
        if self._enabled:
            self._live.stop()

    def show(self) -> None:
        """Refresh the line if the last time was long enough ago."""
        if not self._enabled or self._clock.now_ns() - self._shown_ns < REFRESH_NS:
            return
        self._live.update(Text(headline(self._cluster)), refresh=True)
        self._shown_ns = self._clock.now_ns()

    def drain(self) -> None:
        """Do everything that is due at this instant, showing how far it is."""
        step_count = 0
        while self._cluster.step():
            step_count += 1
            if step_count % STEPS_PER_LOOK_COUNT == 0:
                self.show()
