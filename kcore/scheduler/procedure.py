"""How pods of one kind are tried: what follows from their profile and from what they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kcore.records import record
from kcore.scheduler.attempt import Search
from kcore.scheduler.batching import Batch
from kcore.scheduler.framework.binding_chain import BindMethod
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.pod_facts import PodFacts


@record
@dataclass(slots=True)
class Procedure:
    """Pods come in crowds, so the procedure of the last one is nearly always that of the next."""

    facts: PodFacts | None
    """What pods of the kind share; None before the first pod."""
    runner: Runner
    search: Search
    bind: BindMethod
    """Writes the binding, and does before it what there is to do for such a pod."""
    tells: bool
    """Whether a plugin wants to hear of bindings."""
    state: CycleState | None = field(compare=False)
    """What is shown to `bind` of pods that are placed without asking any plugin.

    It is empty and stays so: nobody else sees it. None where somebody may write to it, or read.
    """


def procedure_of(
    facts: PodFacts | None, runner: Runner, search: Search, handle: Handle
) -> Procedure:
    """How pods with these facts are tried by this profile; with None, how any pod is."""
    binding = runner.binding
    bind = binding.bind if facts is None else binding.way_for(facts)
    is_alone = bind != binding.bind and not binding.tells
    state = CycleState(handle) if is_alone else None
    return Procedure(facts, runner, search, bind, binding.tells, state)


def searches_of(
    options: SchedulerOptions, runners: Mapping[str, Runner], batches: Mapping[str, Batch]
) -> dict[str, Search]:
    """How each profile searches; where to start is said before each search."""
    return {
        name: Search(options.percentage(one.profile), 0, options.tie_rule, batches.get(name))
        for name, one in runners.items()
    }
