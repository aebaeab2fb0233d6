"""What create and update do to generation and status, for every kind.

A strategy is immutable: facts of the resource and up to three hooks of the kind. It never refuses;
that is validation's part.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.metadata import carried_metadata, status_metadata, with_owners_of
from kcore.apiserver.strategy.traits import Traits
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

BirthHook = Callable[[FrozenMap, ServerContext], FrozenMap]
UpdateHook = Callable[[FrozenMap, FrozenMap, ServerContext], FrozenMap]

_NOT_CONTENT: Final = frozenset({"apiVersion", "kind", "metadata", "status"})


@dataclass(frozen=True, slots=True)
class Hooks:
    """What one kind does beyond the generic: each gets and returns the new object.

    `bumps_generation` decides instead of "something outside metadata and status changed".
    """

    at_birth: BirthHook | None = None
    at_update: UpdateHook | None = None
    at_status_update: UpdateHook | None = None
    bumps_generation: Callable[[FrozenMap, FrozenMap], bool] | None = None


NO_HOOKS: Final = Hooks()


@dataclass(frozen=True, slots=True)
class Strategy:
    """The rules of one resource about its life. `born_status` None: the kind has no status."""

    traits: Traits
    has_generation: bool
    born_status: FrozenMap | None
    hooks: Hooks

    def fill_born(self, fields: dict[str, object], metadata: dict[str, object]) -> None:
        """Set generation and status of an object under construction."""
        if self.has_generation:
            metadata["generation"] = 1
        if self.born_status is not None and not self.traits.keeps_status_on_create:
            fields["status"] = self.born_status

    def born(self, obj: FrozenMap, context: ServerContext) -> FrozenMap:
        """The object as the kind's own hook wants it at birth."""
        hook = self.hooks.at_birth
        return obj if hook is None else hook(obj, context)

    def updated(self, new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
        """The new object with what an update may not touch taken from the old one."""
        fields = dict(new)
        fields["metadata"] = carried_metadata(new.get("metadata") or EMPTY_MAP, old["metadata"])
        if self.born_status is not None:
            if "status" in old:
                fields["status"] = old["status"]
            else:
                fields.pop("status", None)
        result: FrozenMap = freeze(fields)
        if self.hooks.at_update is not None:
            result = self.hooks.at_update(result, old, context)
        return self._with_generation(result, old)

    def _with_generation(self, new: FrozenMap, old: FrozenMap) -> FrozenMap:
        if not self.has_generation:
            return new
        bumps = self.hooks.bumps_generation or content_changed
        if not bumps(new, old):
            return new
        generation = old["metadata"].get("generation") or 0
        return new.set(("metadata", "generation"), generation + 1)

    def status_updated(self, new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
        """The old object with the new one's status and, as far as allowed, metadata."""
        fields = dict(old)
        if self.traits.status_metadata == "new":
            metadata = status_metadata(
                new.get("metadata") or EMPTY_MAP, old["metadata"], self.traits.status_keeps
            )
            fields["metadata"] = carried_metadata(metadata, old["metadata"])
        else:
            fields["metadata"] = with_owners_of(old["metadata"], new)
        if "status" in new:
            fields["status"] = new["status"]
        elif self.born_status is not None:
            fields["status"] = self.born_status
        result: FrozenMap = freeze(fields)
        if self.hooks.at_status_update is not None:
            result = self.hooks.at_status_update(result, old, context)
        return result


def content_changed(new: FrozenMap, old: FrozenMap) -> bool:
    """Whether anything but metadata and status differs. O(changed)."""
    for key, value in new.items():
        if key not in _NOT_CONTENT:
            before = old.get(key)
            if before is not value and before != value:
                return True
    return any(key not in new and key not in _NOT_CONTENT for key in old)
