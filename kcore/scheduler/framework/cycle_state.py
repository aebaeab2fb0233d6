"""Scratch space for one pod's cycle: what PreFilter computes, Filter and Score read.

Each plugin keeps one value under its own name. A value that changes while pods are added to or
removed from a node in thought (preemption, nominated pods) has a `clone` method, so that each
thought starts from the same state; anything else is shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, cast, runtime_checkable

from kcore.errors import InvariantError
from kcore.machinery.frozen import EMPTY_MAP
from kcore.records import record

if TYPE_CHECKING:
    from kcore.scheduler.framework.handle import Handle

NO_NAMES: Final[frozenset[str]] = frozenset()
_NOTHING: Final[Mapping[str, Any]] = EMPTY_MAP


@runtime_checkable
class Cloneable(Protocol):
    """A state value with a life of its own per node."""

    def clone(self) -> Self:
        """An independent copy."""


@record
@dataclass(slots=True, eq=False, repr=False)
class CycleState:
    """One cycle's data by key, which plugins stepped aside, and the way to the world outside."""

    handle: "Handle"
    skip_filter: frozenset[str] = NO_NAMES
    skip_score: frozenset[str] = NO_NAMES
    # A dictionary once somebody writes; about most pods nobody does.
    _data: Mapping[str, Any] = _NOTHING

    def write(self, key: str, value: Any) -> None:
        """Keep `value` until the cycle ends."""
        if self._data is _NOTHING:
            self._data = {}
        cast("dict[str, Any]", self._data)[key] = value

    def read(self, key: str) -> Any:
        """What was written under `key`.

        Raises:
            InvariantError: nothing was; a phase ran without the phase it builds on.
        """
        try:
            return self._data[key]
        except KeyError:
            raise InvariantError(f"cycle state holds nothing under {key!r}") from None

    def find(self, key: str) -> Any:
        """What was written under `key`, or None."""
        return self._data.get(key)

    @property
    def held(self) -> Mapping[str, Any]:
        """All that was written, by key; read only."""
        return self._data

    def take(self, other: "CycleState") -> None:
        """Hold what another state of the same world holds, and step over what it steps over."""
        for key, value in other.held.items():
            self.write(key, value)
        self.skip_filter |= other.skip_filter

    def clone(self) -> "CycleState":
        """A state whose changeable values are copies. O(plugins with changeable state)."""
        # Asking the type is what `isinstance` of a protocol does, for a tenth of the time.
        data = {
            key: value.clone() if hasattr(type(value), "clone") else value
            for key, value in self._data.items()
        }
        return CycleState(self.handle, self.skip_filter, self.skip_score, data)
