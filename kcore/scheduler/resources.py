"""Amounts of resources as integers: the sums that filters and scores compare.

CPU in thousandths of a core, memory and ephemeral storage in bytes, everything else in units.
Knows which names the scheduler keeps; knows neither pods nor nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kcore.records import record

CPU: Final = "cpu"
MEMORY: Final = "memory"
EPHEMERAL_STORAGE: Final = "ephemeral-storage"
PODS: Final = "pods"

NO_SCALARS: Final[Mapping[str, int]] = {}


# Not frozen: made of a node's sums whenever somebody asks, and pure Python takes thrice as long.
@record
@dataclass(slots=True)
class Resources:
    """One amount of everything. Never changed: `plus` makes new ones."""

    milli_cpu: int = 0
    memory: int = 0
    ephemeral_storage: int = 0
    scalars: Mapping[str, int] = field(default_factory=dict)

    def get(self, name: str) -> int:
        """The amount of one resource; 0 when there is none. O(1)."""
        if name == CPU:
            return self.milli_cpu
        if name == MEMORY:
            return self.memory
        if name == EPHEMERAL_STORAGE:
            return self.ephemeral_storage
        return self.scalars.get(name, 0)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is asked for; a scalar asked for with 0 counts as asked for."""
        return not (self.milli_cpu or self.memory or self.ephemeral_storage or self.scalars)

    def plus(self, other: "Resources") -> "Resources":
        """The sum. O(scalars)."""
        return Resources(
            self.milli_cpu + other.milli_cpu,
            self.memory + other.memory,
            self.ephemeral_storage + other.ephemeral_storage,
            plus_scalars(self.scalars, other.scalars),
        )


NOTHING: Final = Resources()


def plus_scalars(
    one: Mapping[str, int], other: Mapping[str, int], sign: int = 1
) -> Mapping[str, int]:
    """The sum, or the difference for -1; `one` itself where the other names nothing. O(scalars)."""
    if not other:
        return one
    merged = dict(one)
    for name, amount in other.items():
        merged[name] = merged.get(name, 0) + sign * amount
    return merged


def is_extended(name: str) -> bool:
    """Whether the resource belongs to a domain outside Kubernetes: `example.com/gpu`."""
    native = "/" not in name or "kubernetes.io/" in name
    return not native and not name.startswith("requests.")


def is_scalar(name: str) -> bool:
    """Whether the scheduler keeps a sum for this name besides cpu, memory and storage."""
    return (
        is_extended(name)
        or "kubernetes.io/" in name
        or name.startswith(("hugepages-", "attachable-volumes-"))
    )
