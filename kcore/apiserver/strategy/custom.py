"""What create and update do to generation and status of custom resources.

As for built-in kinds, save that a status is content like any other unless it has its own endpoint,
that a new object has none at all, and that everything but metadata counts as a change.
"""

from dataclasses import dataclass

from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import NO_HOOKS, Strategy
from kcore.apiserver.strategy.metadata import carried_metadata, with_owners_of
from kcore.apiserver.strategy.traits import Traits
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze


@dataclass(frozen=True, slots=True)
class CustomStrategy(Strategy):
    """The rules of one custom resource about its life."""

    @property
    def has_status(self) -> bool:
        """Whether the status has its own endpoint."""
        return self.born_status is not None

    @classmethod
    def of(cls, traits: Traits, has_status: bool) -> "CustomStrategy":
        """The strategy of a custom resource."""
        return cls(traits, True, EMPTY_MAP if has_status else None, NO_HOOKS)

    def fill_born(self, fields: dict[str, object], metadata: dict[str, object]) -> None:
        """Set generation and status of an object under construction."""
        metadata["generation"] = 1
        if self.has_status:
            fields.pop("status", None)

    def born(self, obj: FrozenMap, context: ServerContext) -> FrozenMap:
        """The object as it is."""
        return obj

    def updated(self, new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
        """The new object with what an update may not touch taken from the old one."""
        fields = dict(new)
        fields["metadata"] = carried_metadata(new.get("metadata") or EMPTY_MAP, old["metadata"])
        if self.has_status:
            fields.pop("status", None)
            if "status" in old:
                fields["status"] = old["status"]
        result: FrozenMap = freeze(fields)
        if not _changed(result, old):
            return result
        generation = old["metadata"].get("generation") or 0
        return result.set(("metadata", "generation"), generation + 1)

    def status_updated(self, new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
        """The old object with the new one's status and field owners."""
        fields = dict(old)
        fields["metadata"] = with_owners_of(old["metadata"], new)
        fields.pop("status", None)
        if "status" in new:
            fields["status"] = new["status"]
        result: FrozenMap = freeze(fields)
        return result


def _changed(new: FrozenMap, old: FrozenMap) -> bool:
    """Whether anything but metadata differs. O(changed)."""
    return len(new) != len(old) or any(
        key not in old or (old[key] is not value and old[key] != value)
        for key, value in new.items()
        if key not in ("metadata", "apiVersion")
    )
