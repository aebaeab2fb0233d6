"""PriorityClass: defaults."""

from kcore.api.filling import fill
from kcore.machinery.frozen import FrozenMap


def default_priority_class(priority_class: FrozenMap) -> FrozenMap:
    """It preempts."""
    return fill(priority_class, {"preemptionPolicy": "PreemptLowerPriority"})
