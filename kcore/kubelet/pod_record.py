"""What a node's container runtime knows of one pod: immutable, and never lost in a restart."""

from dataclasses import dataclass
from typing import Literal

RunState = Literal["waiting", "running", "terminated"]


@dataclass(frozen=True, slots=True)
class Termination:
    """How one run of a container ended."""

    exit_code: int
    reason: str
    started_ns: int
    finished_ns: int
    serial: int


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """One container: its present state, and what its earlier runs left behind.

    `wake_ns` is when a waiting container starts (its image is there, its backoff is over); None
    while something else holds it. `serial` counts the containers made so far. `backoff_ns` is
    what the *next* restart waits, since `backoff_since_ns`.
    """

    name: str
    init: bool = False
    sidecar: bool = False
    state: RunState = "waiting"
    reason: str = ""
    message: str = ""
    wake_ns: int | None = None
    pulling_since_ns: int | None = None
    started_ns: int = 0
    stopping_ns: int | None = None
    ended: Termination | None = None
    last: Termination | None = None
    restart_count: int = 0
    serial: int = 0
    backoff_ns: int = 0
    backoff_since_ns: int = 0

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.state == "running"

    @property
    def begun(self) -> bool:
        """Whether its turn has come: it runs, ran, or is on the way to its first start."""
        return self.serial > 0 or self.wake_ns is not None or bool(self.reason)

    @property
    def succeeded(self) -> bool:
        """Whether its last run ended with code 0."""
        return self.ended is not None and self.ended.exit_code == 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the whole pod failed: refused at the door, or out of time."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class PodRecord:
    """One pod on its node. `runs` has the init containers first, in order.

    `stopping_ns` is when the kubelet began to end the pod (deletion, deadline). `written_version`
    is the resourceVersion of the kubelet's own last status write.
    """

    uid: str
    started_ns: int
    address: str = ""
    runs: tuple[ContainerRun, ...] = ()
    failure: Failure | None = None
    refused: bool = False
    stopping_ns: int | None = None
    mounted: bool = False
    mount_error: str = ""
    written_version: str = ""

    @property
    def stopped(self) -> bool:
        """Whether nothing runs."""
        return not any(run.running for run in self.runs)

    def with_run(self, run: ContainerRun) -> "tuple[ContainerRun, ...]":
        """The runs with one replaced. O(containers)."""
        return tuple(run if other.name == run.name else other for other in self.runs)


@dataclass(frozen=True, slots=True)
class Remark:
    """An Event to be written about the pod; `field_path` names a container."""

    event_type: Literal["Normal", "Warning"]
    reason: str
    message: str
    field_path: str = ""
