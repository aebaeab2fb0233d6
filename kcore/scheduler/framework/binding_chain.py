"""From a decision to a binding: Reserve, Permit, PreBind, Bind, and what follows.

reserve -> permit -> pre-bind -> bind -> post-bind
   |          |          |         |
   +----------+----------+---------+--> refused: unreserve, last first
"""

from collections.abc import Callable, Sequence
from typing import cast

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import (
    BindPlugin,
    PermitPlugin,
    Plugin,
    PostBindPlugin,
    PreBindPlugin,
    ReservePlugin,
)
from kcore.scheduler.framework.quiet import (
    all_fields,
    fields_heard,
    has_last_word,
    may_speak,
    speaking,
)
from kcore.scheduler.framework.status import Status, failed
from kcore.scheduler.pod_facts import PodFacts
from kcore.scheduler.pod_info import PodInfo

BindMethod = Callable[[CycleState, PodInfo, str], Status | None]


class BindingChain:
    """The plugins of one profile that have a say once a node is chosen."""

    def __init__(
        self,
        reserve: Sequence[Plugin],
        permit: Sequence[Plugin],
        pre_bind: Sequence[Plugin],
        bind: Sequence[Plugin],
        post_bind: Sequence[Plugin],
    ) -> None:
        self._reserve = cast("list[ReservePlugin]", speaking(reserve, "reserve"))
        self._unreserve = cast("list[ReservePlugin]", speaking(reserve[::-1], "unreserve"))
        self._permit = cast("list[PermitPlugin]", speaking(permit, "permit"))
        self._pre_bind = cast("list[PreBindPlugin]", speaking(pre_bind, "pre_bind"))
        self._bind = cast("list[BindPlugin]", list(bind))
        self._post_bind = cast("list[PostBindPlugin]", speaking(post_bind, "post_bind"))
        self.tells = bool(self._post_bind)
        """Whether anybody wants to hear of bindings."""
        self._fields = all_fields(
            (
                fields_heard(reserve, "reserve"),
                fields_heard(permit, "permit"),
                fields_heard(pre_bind, "pre_bind"),
            )
        )

    def bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """Run everything up to the binding; the caller unreserves after a refusal.

        The first Permit plugin that refuses or wants to wait decides. Upstream asks the others too
        when one wants to wait; a pod that is held is asked again by all of them when it comes
        back. The first Bind plugin that does not step aside writes the binding.
        """
        for reserver in self._reserve:
            status = reserver.reserve(state, pod, node_name)
            if status is not None:
                return status.blame(reserver.name)
        for permitter in self._permit:
            status = permitter.permit(state, pod, node_name)
            if status is not None and not status.is_skip:
                return status.blame(permitter.name)
        for preparer in self._pre_bind:
            status = preparer.pre_bind(state, pod, node_name)
            if status is not None and not status.is_skip:
                return status.blame(preparer.name)
        for binder in self._bind:
            status = binder.bind(state, pod, node_name)
            if status is None or not status.is_skip:
                return None if status is None else status.blame(binder.name)
        return failed("no Bind plugin took the pod")

    def way_for(self, facts: PodFacts) -> BindMethod:
        """How to bind pods of this kind: `bind`, or less where it comes to the same.

        That is the first Bind plugin's own method, if it leaves nothing for the others to say and
        nobody has anything to say before.
        """
        if may_speak(self._fields, facts.form) or not self._bind:
            return self.bind
        first = self._bind[0]
        return first.bind if has_last_word(first.bind) else self.bind

    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Give back everything that was reserved, last first."""
        for plugin in self._unreserve:
            plugin.unreserve(state, pod, node_name)

    def post_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Tell everybody."""
        for plugin in self._post_bind:
            plugin.post_bind(state, pod, node_name)
