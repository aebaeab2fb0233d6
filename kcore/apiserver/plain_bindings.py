"""Bindings that bring a node and nothing else, to pods that wait for one: a short way for these.

What schedulers send differs in three texts: the pod's name and uid, and the node's name. Admission
either does not look at them or copies labels of the node, and says so (`admission/plugin.py`); and
most pods are found as they were created, without conditions. Such a binding becomes one amendment
in the store. Whatever else it may be (a refusal, too) is the long way's to answer
(`subresources/binding.py`).
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from kcore.api.core_v1.binding import BINDING_OF_POD
from kcore.apiserver.admission.plugin import CREATE, Attributes
from kcore.apiserver.registry import Registry
from kcore.apiserver.stamps import RecordingObjects
from kcore.apiserver.subresources.binding import DONE, assign, bind, first_conditions
from kcore.machinery.frozen import GuardedPatch, Paths, Template
from kcore.machinery.request import Request, Response, filled
from kcore.store.history import Amendment

if TYPE_CHECKING:
    from kcore.apiserver.admission.chain import Plan

ZONES_COUNT_MAX: Final = 1024
"""Sets of labels that nodes give, remembered for one namespace; more and all are forgotten."""

NAMESPACES_COUNT_MAX: Final = 256
"""Namespaces remembered by one server; more and all are forgotten."""

_ABSENT: Final = (
    ("metadata", "deletionTimestamp"),
    ("spec", "nodeName"),
    ("spec", "schedulingGates"),
    ("status", "nominatedNodeName"),
    ("status", "conditions"),
)


_Offered = tuple[str | None, ...]
_Placing = tuple[Amendment, tuple[str, ...]]
"""What places pods on nodes that give them certain labels, and the values of these."""


@lru_cache(maxsize=64)
def _placing(labels: tuple[str, ...]) -> GuardedPatch:
    """Puts node, conditions, values of these labels and version into a pod with the uid given."""
    return GuardedPatch(
        (("metadata", "uid"),),
        _ABSENT,
        ("spec", "nodeName"),
        ("status", "conditions"),
        *[("metadata", "labels", label) for label in labels],
        ("metadata", "resourceVersion"),
    )


class PlainBindings:
    """Answers the bindings of one server, and knows what admission makes of plain ones."""

    __slots__ = (
        "_admission",
        "_conditions",
        "_context",
        "_instant_ns",
        "_labels",
        "_last_placings",
        "_last_request",
        "_last_space",
        "_node",
        "_now_ns",
        "_offered",
        "_passed",
        "_placings",
        "_registry",
    )

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._context = context = registry.context
        rule = context.admission.of_bindings(registry.endpoint.bucket)
        self._admission: Plan | None = None if rule is None else rule[0]
        self._labels: tuple[str, ...] = () if rule is None else rule[1]
        self._offered = Paths(*[("metadata", "labels", label) for label in self._labels])
        # Namespaces where admission let bindings pass, with the last changes of what it read.
        self._passed: dict[str, dict[str, int]] = {}
        # What places pods there, by what a node offers: many of one zone offer the same.
        self._placings: dict[str, dict[_Offered, _Placing]] = {}
        # Many pods are bound at one instant, and say the same of it.
        self._instant_ns, self._conditions = -1, first_conditions("")
        # The last request that was no dry run, its namespace, and what places pods there.
        self._last_request: Request | None = None
        self._last_space = ""
        self._last_placings: dict[_Offered, _Placing] = {}
        self._now_ns, self._node = context.clock.now_ns, context.storage.store.value

    def bind(self, request: Request) -> Response:
        """Assign the pod to the node, in one step where the binding and the pod are plain.

        O(log n), and what a write takes.

        Raises:
            ApiError: as the long way does.
        """
        body = request.body
        texts = None if body is None else BINDING_OF_POD.read_texts(body)
        if texts is None or request.write_options.dry_run or texts[0] != request.name:
            return bind(self._registry, request)
        self._know(request)
        self.fill(request, BINDING_OF_POD, texts)
        return DONE

    def fill(self, request: Request, template: Template, texts: tuple[str, ...]) -> None:
        """As `bind` with the body that this template makes of these texts.

        It is not made, unless somebody wants to look at it.
        """
        if request is not self._last_request or template is not BINDING_OF_POD:
            self._fill_anew(request, template, texts)
            return
        name, uid, node_name = texts
        if not (name and uid and node_name):
            self._fill_anew(request, template, texts)
            return
        # Read first: a call of what a slot holds takes longer.
        find, clock, offer = self._node, self._now_ns, self._offered
        # A node that is there has a name that a target may have.
        node = find("nodes", f"/{node_name}")
        if node is None:
            bind(self._registry, _whole(request, texts))
            return
        now_ns = clock()
        if now_ns is not self._instant_ns:  # It is the same number while time stands still.
            self._instant_ns = now_ns
            self._conditions = first_conditions(self._context.now_text())
        offered = offer(node)
        known = self._last_placings.get(offered)
        if known is not None:
            placing, values = known
            given: tuple[Any, ...] = (uid, node_name, self._conditions)
            if values:
                given = (*given, *values)
            if placing(self._last_space, name, given) is not None:
                return
        self._bind_anew(_whole(request, texts), uid, node_name, offered)

    def _fill_anew(self, request: Request, template: Template, texts: tuple[str, ...]) -> None:
        """Bind, and know such a request the next time."""
        self.bind(filled(request, template, texts))
        if not request.write_options.dry_run:
            self._know(request)

    def _know(self, request: Request) -> None:
        self._last_request, self._last_space = request, request.namespace
        self._last_placings = self._placings.get(request.namespace, {})

    def _bind_anew(self, request: Request, uid: str, node_name: str, offered: _Offered) -> None:
        """Bind where admission has not been asked of late, or the pod is not plain."""
        if self._admission is None:
            bind(self._registry, request)
            return
        namespace = request.namespace
        reads = self._passed.get(namespace)
        if reads is None or not self._context.storage.store.is_unchanged(reads):
            reads = self._asked(request, self._admission)
        pairs = zip(self._labels, offered, strict=True)
        labels = {label: value for label, value in pairs if value is not None}
        placings = self._placings[namespace]
        if offered not in placings:  # Else it has just been tried in vain.
            if len(placings) >= ZONES_COUNT_MAX:
                placings.clear()
            journal, values = self._context.storage.journal, tuple(labels.values())
            placing = Amendment(journal, "update", "pods", _placing(tuple(labels)), reads)
            placings[offered] = placing, values
            given = (uid, node_name, self._conditions, *values)
            if placing(namespace, request.name, given) is not None:
                return
        binding = request.body
        assert binding is not None  # It has been read.
        if labels:
            binding = binding.set(("metadata", "labels"), labels)
        assign(self._registry, request, binding)

    def _asked(self, request: Request, admission: "Plan") -> dict[str, int]:
        """Ask the plugins that are blind to bindings, and tell what they read.

        Raises:
            ApiError: one of them refuses.
        """
        storage, endpoint = self._context.storage, self._registry.endpoint
        reads = RecordingObjects(storage)
        attributes = Attributes(
            CREATE,
            endpoint.info,
            endpoint.bucket,
            "binding",
            request.namespace,
            request.name,
            request.body,
            None,
            request.write_options.dry_run,
            request.user,
        )
        admission.admit(attributes, reads)
        if len(self._passed) >= NAMESPACES_COUNT_MAX:
            self._passed.clear()
            self._placings.clear()
        changes = {bucket: storage.store.last_change(bucket) for bucket in reads.buckets}
        self._passed[request.namespace] = changes
        # Those there were depend on what was.
        self._last_placings = self._placings[request.namespace] = {}
        return changes


def _whole(request: Request, texts: tuple[str, ...]) -> Request:
    """The request with its body, if that was not made yet."""
    return filled(request, BINDING_OF_POD, texts) if request.body is None else request
