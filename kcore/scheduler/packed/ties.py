"""Which of the best candidates is taken."""

from kcore.runtime.choice import ChoiceSource
from kcore.scheduler.packed.kernels import Search
from kcore.scheduler.sampling import TieRule


def pick(search: Search, rule: TieRule, choices: ChoiceSource) -> int:
    """The position of the chosen one among the best candidates; as `sampling.pick`."""
    if rule is TieRule.HEAP:
        return search.heap_top()
    count = 1 if rule is TieRule.FIRST else search.ties_count()
    return search.tie(0 if count == 1 else choices.choose(count, "scheduler/tie"))
