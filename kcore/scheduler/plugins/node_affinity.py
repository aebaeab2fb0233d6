"""Node selectors and node affinity: where a pod must, and where it would rather run."""

from collections.abc import Sequence
from typing import Final

from kcore.api.core_v1.affinity import PreferredNodeAffinity, compile_preferred_terms
from kcore.api.core_v1.node_selector import compile_node_selector
from kcore.errors import ManifestError
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.labels import SelectorError
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    NODE,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
    HintError,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.scores import default_normalize
from kcore.scheduler.framework.status import SKIP, Status, failed, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unresolvable("node(s) didn't match Pod's node affinity/selector")
REFUSED_BY_ARGS: Final = unresolvable("node(s) didn't match scheduler-enforced node affinity")
CONFLICT: Final = unresolvable("pod affinity terms conflict")
_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
NODE_NAME_FIELD: Final = "metadata.name"
_NO_PREFERENCE: Final = PreferredNodeAffinity()


class NodeAffinity:
    """Filter by requirements, score by preferences; `addedAffinity` of the args counts as well."""

    name: Final = "NodeAffinity"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Parse `addedAffinity`.

        Raises:
            ManifestError: it cannot be parsed.
        """
        required = args.at("addedAffinity", _REQUIRED)
        self.added = None if required is None else compile_node_selector(required)
        problems = [] if self.added is None else [str(one) for one in self.added.errors()]
        try:
            self.added_preferred = compile_preferred_terms(
                args.at("addedAffinity", _PREFERRED, default=EMPTY_LIST)
            )
        except SelectorError as error:
            problems.append(str(error))
        if problems:
            raise ManifestError(
                "; ".join(problems), subject="NodeAffinityArgs", field="addedAffinity"
            )

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Skip pods that demand nothing; narrow to nodes demanded by name."""
        required = pod.spec.at("affinity", "nodeAffinity", _REQUIRED)
        if required is None and self.added is None and pod.spec.get("nodeSelector") is None:
            return PreFilterResult(SKIP)
        if required is None:
            return PASSED
        names = named_nodes(pod.spec)
        if names is None:
            return PASSED
        return PreFilterResult(node_names=names) if names else PreFilterResult(CONFLICT)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """The args' demands first, then the pod's."""
        if self.added is not None and not self.added.matches(node.facts.node):
            return REFUSED_BY_ARGS
        return None if pod.required_nodes.matches(node.facts.node) else REFUSED

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Parse the preferences; skip when there are none."""
        terms = pod.spec.at("affinity", "nodeAffinity", _PREFERRED, default=EMPTY_LIST)
        if not terms and not self.added_preferred.terms:
            return SKIP
        try:
            state.write(self.name, compile_preferred_terms(terms))
        except SelectorError as error:
            return failed(str(error))
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The weights of the preferences that the node meets."""
        preferred: PreferredNodeAffinity = state.find(self.name) or _NO_PREFERENCE
        return self.added_preferred.score(node.facts.node) + preferred.score(node.facts.node)

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """Relative to the best node."""
        return default_normalize(scores)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A node appeared or changed labels."""
        event = ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_LABEL)
        return (EventRegistration(event, self._after_node_change),)

    def _after_node_change(self, handle: Handle, pod: PodInfo, change: Change) -> Hint:
        old, new = change.old, change.new
        if new is None or not self._is_meant(pod, new):
            return Hint.SKIP
        return Hint.SKIP if old is not None and self._is_meant(pod, old) else Hint.QUEUE

    def _is_meant(self, pod: PodInfo, node: FrozenMap) -> bool:
        if self.added is not None and not self.added.matches(node):
            return False
        required = pod.required_nodes
        if required.matches(node):
            return True
        errors = required.errors()
        if errors and required.reaches_terms(node):
            raise HintError(errors.message())
        return False


def named_nodes(spec: FrozenMap) -> frozenset[str] | None:
    """The nodes that the terms of a pod's affinity name; None when some term does not name any."""
    terms = spec.at("affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms", default=EMPTY_LIST)
    if not terms:
        return None
    union: frozenset[str] = frozenset()
    for term in terms:
        names: frozenset[str] | None = None
        for field in term.get("matchFields") or EMPTY_LIST:
            if field.get("key") == NODE_NAME_FIELD and field.get("operator") == "In":
                values = frozenset(field.get("values") or EMPTY_LIST)
                names = values if names is None else names & values
        if names is None:
            return None
        union |= names
    return union
