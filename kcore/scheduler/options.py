"""How a scheduler behaves: profiles, sampling, ties, backoff."""

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from kcore.errors import ManifestError
from kcore.scheduler.backoff import Backoff
from kcore.scheduler.builtin import DEFAULT_PROFILE, REGISTRY
from kcore.scheduler.framework.profile import Profile
from kcore.scheduler.framework.registry import Registry
from kcore.scheduler.sampling import TieRule

Engine: TypeAlias = Literal["packed", "readable", "paranoid"]

PACKED_NODES_COUNT_MIN: Final = 64
"""With fewer nodes the readable path is nearly as quick, and numpy need not be loaded."""

PACKED_CYCLES_COUNT_MIN: Final = 2_000
"""After so many attempts as many more will come, mostly: loading numpy pays for few nodes, too."""


@dataclass(frozen=True, slots=True)
class SchedulerOptions:
    """The choices of a scheduler; without arguments upstream's defaults.

    `percentage_of_nodes_to_score` 0 adapts to the size of the cluster. A `registry` with more
    plugins makes them available to profiles. `opportunistic_batching` lets a pod use what the
    search for an equal pod just before it has learned, as upstream does; placements then depend
    on scores that are up to half a second old, and searches cost less.

    `engine` says how searches run, never what they find: `packed` over columns, with the readable
    path for what columns do not know and for small clusters; `readable` always as the plugins are
    written; `paranoid` both, and any difference is an error.
    """

    profiles: tuple[Profile, ...] = (DEFAULT_PROFILE,)
    percentage_of_nodes_to_score: int = 0
    tie_rule: TieRule = TieRule.RANDOM
    backoff: Backoff = field(default_factory=Backoff)
    registry: Registry = REGISTRY
    opportunistic_batching: bool = False
    engine: Engine = "packed"

    def __post_init__(self) -> None:
        names = [profile.scheduler_name for profile in self.profiles]
        if not names:
            raise ManifestError(
                "at least one profile is needed", subject="SchedulerOptions", field="profiles"
            )
        if len(set(names)) < len(names):
            raise ManifestError(
                f"duplicate scheduler name among {', '.join(names)}",
                subject="SchedulerOptions",
                field="profiles.schedulerName",
            )

    def is_over_columns(self, nodes_count: int, cycles_count: int) -> bool:
        """Whether a scheduler of so many nodes searches over columns after so many attempts."""
        if self.engine == "packed":
            return nodes_count >= PACKED_NODES_COUNT_MIN or cycles_count >= PACKED_CYCLES_COUNT_MIN
        return self.engine == "paranoid"

    def percentage(self, profile: Profile) -> int:
        """The share of nodes to look at for pods of a profile."""
        own = profile.percentage_of_nodes_to_score
        return self.percentage_of_nodes_to_score if own is None else own
