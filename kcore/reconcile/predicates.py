"""Which changes are worth a reconcile: small questions about one event, combined with and/or/not.

A predicate that says no only saves work. It must never be the reason why a state is not noticed:
reconcilers are level-triggered, and a filtered event is not delivered later.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kcore.machinery.frozen import FrozenMap

Change = Callable[[FrozenMap | None, FrozenMap | None], bool]
"""Asked with (None, new) for an add, (old, new) for an update, (old, None) for a delete."""


def anything(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Every event."""
    return True


def generation_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Adds, deletes, and updates of what was asked for; not of status or metadata."""
    return _differs(old, new, "metadata", "generation")


def resource_version_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Everything but a repeated delivery of the same state."""
    return _differs(old, new, "metadata", "resourceVersion")


def labels_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Adds, deletes, and updates that change a label."""
    return _differs(old, new, "metadata", "labels")


def annotations_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Adds, deletes, and updates that change an annotation."""
    return _differs(old, new, "metadata", "annotations")


@dataclass(frozen=True, slots=True)
class AllOf:
    """Yes when every part says yes."""

    parts: tuple[Change, ...]

    def __call__(self, old: FrozenMap | None, new: FrozenMap | None) -> bool:
        """Ask the parts in turn."""
        return all(part(old, new) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Yes when one part says yes."""

    parts: tuple[Change, ...]

    def __call__(self, old: FrozenMap | None, new: FrozenMap | None) -> bool:
        """Ask the parts in turn."""
        return any(part(old, new) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of its part."""

    part: Change

    def __call__(self, old: FrozenMap | None, new: FrozenMap | None) -> bool:
        """Ask the part."""
        return not self.part(old, new)


def _differs(old: FrozenMap | None, new: FrozenMap | None, *path: str) -> bool:
    if old is None or new is None:
        return True
    return bool(old.at(*path) != new.at(*path))
