"""What the volume plugins say of all rows at once, for one pod whose PreFilter has run.

    limits       rows in doubt are asked about, all others pass
    bound claims rows that the volumes' node affinity leaves; without any, all
    zones        rows in the volumes' zones and regions

What they do not answer so (claims that are bound late, claims that are not there) is asked node by
node, in the plugins' own words. Each answer is that of the plugin's `filter`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy

from kcore.api.core_v1.node_selector import compile_node_selector
from kcore.scheduler.claims import VOLUMES
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import FilterPlugin
from kcore.scheduler.framework.room import is_blind
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.label_masks import Mask, gate_of, rows_matching, rows_with_label
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.promises import Guests
from kcore.scheduler.packed.relation import Closing
from kcore.scheduler.packed.volume_rows import VolumeRows
from kcore.scheduler.plugins.node_volume_limits import NodeVolumeLimits, wanted_drivers
from kcore.scheduler.plugins.volume_binding import VolumeBinding, bound_claims
from kcore.scheduler.plugins.volume_zone import REFUSED, SUCCESSOR, ZONE_LABELS, Places, VolumeZone
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.volume_search import NODE_CONFLICT

_UNREACHABLE: Final[Status] = unresolvable(NODE_CONFLICT)


@dataclass(slots=True)
class VolumeAnswers:
    """Which plugins are left to ask, about which rows, and what closes rows."""

    asked: list[FilterPlugin] = field(default_factory=list)
    """In their order."""
    doubts: dict[str, Mask] = field(default_factory=dict)
    """By plugin: it lets all other rows through. One that is not here is asked about all."""
    closings: list[Closing] = field(default_factory=list)

    @property
    def asks_the_blind_alone(self) -> bool:
        """Whether those to be asked about all rows answer alike whoever is there."""
        return all(is_blind(one) or one.name in self.doubts for one in self.asked)

    def asks_about(self, plugin: str, row: int) -> bool:
        """Whether the plugin's answer about a row is not known yet."""
        doubt = self.doubts.get(plugin)
        return doubt is None or bool(doubt[row])


def volume_answers(
    state: CycleState,
    pod: PodInfo,
    filters: Sequence[FilterPlugin],
    columns: Columns,
    guests: Guests | None,
) -> VolumeAnswers:
    """Ask the volume plugins among `filters` for all rows. O(rows * volumes)."""
    rows = columns.rows
    answers = VolumeAnswers()
    for plugin in filters:
        if type(plugin) is NodeVolumeLimits:
            is_answered = _limits(answers, state, pod, columns.volumes, guests)
        elif type(plugin) is VolumeBinding:
            is_answered = _bound_claims(answers, state, rows)
        elif type(plugin) is VolumeZone:
            is_answered = _zones(answers, state, rows)
        else:
            is_answered = False
        if not is_answered:
            answers.asked.append(plugin)
    return answers


def _limits(
    answers: VolumeAnswers,
    state: CycleState,
    pod: PodInfo,
    limits: VolumeRows,
    guests: Guests | None,
) -> bool:
    wanted = wanted_drivers(state.handle, pod)
    if wanted is None:
        return False
    doubt = limits.in_doubt(state.handle, wanted, guests) if wanted else None
    if doubt is not None:
        answers.doubts[NodeVolumeLimits.name] = doubt
    return doubt is None


def _bound_claims(answers: VolumeAnswers, state: CycleState, rows: NodeRows) -> bool:
    claims = bound_claims(state)
    if claims is None:
        return False
    lister = state.handle.lister(VOLUMES)
    volumes = [lister.get("", claim["spec"]["volumeName"]) for claim in claims]
    required = []
    for volume in volumes:
        if volume is None:
            return False
        affinity = volume.at("spec", "nodeAffinity", "required")
        if affinity is not None:
            required.append(affinity)
    if required:
        mask = numpy.ones(len(rows), dtype=numpy.bool_)
        for affinity in required:
            mask &= rows_matching(rows, compile_node_selector(affinity).terms)
        answers.closings.append(Closing(VolumeBinding.name, gate_of(mask), _UNREACHABLE))
    return True


def _zones(answers: VolumeAnswers, state: CycleState, rows: NodeRows) -> bool:
    places: Places | None = state.find(VolumeZone.name)
    if places is None:
        return False
    mask = numpy.ones(len(rows), dtype=numpy.bool_)
    for label, values in places:
        domains = rows.domains_of(label)
        here = rows_with_label(domains, values)
        if label in SUCCESSOR:
            there = rows_with_label(rows.domains_of(SUCCESSOR[label]), values)
            here = numpy.where(domains.ids < 0, there, here)
        mask &= here
    has_none = numpy.ones(len(rows), dtype=numpy.bool_)
    for label in ZONE_LABELS:
        has_none &= rows.domains_of(label).ids < 0
    answers.closings.append(Closing(VolumeZone.name, gate_of(mask | has_none), REFUSED))
    return True
