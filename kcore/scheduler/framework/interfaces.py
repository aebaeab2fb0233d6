"""The extension points: one Protocol each, in the order in which an attempt passes them.

A plugin is an object with a `name` and the methods of the points it takes part in; it inherits
from nothing. It is built once per profile by a factory (see `registry`) from its args alone. It
keeps no memory between attempts and refers to no world: what an attempt computes goes into its
`CycleState`, and what it may reach is the state's `handle`. Hence plugins are values, and forks
share them.

Common rules: `None` instead of a `Status` means success; a refusal is a `Status`, never an
exception; an exception is a bug. Nodes and pods are immutable views (`NodeInfo`, `PodInfo`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import EventRegistration
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

if TYPE_CHECKING:
    from kcore.scheduler.framework.diagnosis import Diagnosis
    from kcore.scheduler.queued_pod import QueuedPod

MAX_NODE_SCORE: Final = 100
MIN_NODE_SCORE: Final = 0


@dataclass(frozen=True, slots=True)
class PreFilterResult:
    """What PreFilter found: a refusal or skip, or to which nodes the search can be narrowed."""

    status: Status | None = None
    node_names: frozenset[str] | None = None
    """Membership only; None means every node."""


PASSED: Final = PreFilterResult()


@dataclass(frozen=True, slots=True)
class PostFilterResult:
    """What PostFilter did for a pod that fits nowhere.

    `nominated_node_name` None leaves the nomination as it is, empty clears it.
    """

    status: Status | None = None
    nominated_node_name: str | None = None


class Plugin(Protocol):
    """Anything with a name; messages, profiles and queueing hints use it."""

    @property
    def name(self) -> str:
        """Upstream's plugin name, `NodeResourcesFit`."""


@runtime_checkable
class PreEnqueuePlugin(Plugin, Protocol):
    """Asked before a pod may enter the active queue."""

    def pre_enqueue(self, handle: Handle, pod: PodInfo) -> Status | None:
        """A refusal keeps the pod out until an event this plugin registered for."""


@runtime_checkable
class QueueSortPlugin(Plugin, Protocol):
    """Orders the active queue; a profile has exactly one."""

    def sort_key(self, queued: "QueuedPod") -> tuple[Any, ...]:
        """The smallest key is next; equal keys come out in the order they went in.

        Upstream asks `less(a, b)`; a key says the same and can be kept in a heap.
        """


@runtime_checkable
class EnqueueExtensions(Plugin, Protocol):
    """Says which changes might make a pod fit that this plugin refused."""

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Events, each with a hint or without one (then every occurrence counts)."""


@runtime_checkable
class PreFilterPlugin(Plugin, Protocol):
    """Computes once per attempt what Filter needs, and may refuse the pod outright."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Skip leaves this plugin's Filter out for all nodes."""


@runtime_checkable
class PreFilterExtensions(Plugin, Protocol):
    """Keeps what PreFilter computed true while pods come and go in thought."""

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """`other` now counts on `node` (which shows it already)."""

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """`other` no longer counts on `node`."""


@runtime_checkable
class FilterPlugin(Plugin, Protocol):
    """Says whether a pod may run on a node. The first refusal ends the chain."""

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """None if the pod may; otherwise why not."""


@runtime_checkable
class PostFilterPlugin(Plugin, Protocol):
    """Tries to make room when no node is feasible."""

    def post_filter(
        self, state: CycleState, pod: PodInfo, diagnosis: "Diagnosis"
    ) -> PostFilterResult:
        """Success ends the chain; a message ends up in the pod's condition."""


@runtime_checkable
class PreScorePlugin(Plugin, Protocol):
    """Computes once per attempt what Score needs."""

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """`nodes` are the feasible ones. Skip leaves this plugin's Score out."""


@runtime_checkable
class ScorePlugin(Plugin, Protocol):
    """Says how good a feasible node is."""

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Any integer if the plugin normalises, else 0 to 100."""


@runtime_checkable
class NormalizeScorePlugin(Plugin, Protocol):
    """Brings its own raw scores to 0..100."""

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """Scores in the order of `nodes`."""


@runtime_checkable
class SignPlugin(Plugin, Protocol):
    """Says what of a pod its Filter and Score read, so that equal pods can share a search."""

    def sign(self, pod: PodInfo) -> Mapping[str, Any] | None:
        """JSON values by name; None when the answer depends on more than pod and node."""


@runtime_checkable
class ReservePlugin(Plugin, Protocol):
    """Holds something for the chosen node until the pod is bound."""

    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """A refusal calls `unreserve` of every Reserve plugin."""

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Give back; must work when nothing was reserved."""


@runtime_checkable
class PermitPlugin(Plugin, Protocol):
    """Asked once a node is chosen and reserved, before anything is written."""

    def permit(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """A refusal ends the attempt. `Wait` holds the pod.

        Upstream keeps a held pod on its node until somebody allows it or a timeout strikes; here
        the node is promised to it, and it is tried again when an event happens that the plugin
        registered for, or after five minutes.
        """


@runtime_checkable
class PreBindPlugin(Plugin, Protocol):
    """Does what must be done before the binding is written."""

    def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """A refusal ends the attempt."""


@runtime_checkable
class BindPlugin(Plugin, Protocol):
    """Writes the binding."""

    def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """Skip hands the pod to the next Bind plugin."""


@runtime_checkable
class PostBindPlugin(Plugin, Protocol):
    """Told of a successful binding."""

    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Nothing can be refused any more."""
