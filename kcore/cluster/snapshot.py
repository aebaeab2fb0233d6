"""A picture of all objects at one revision, and the difference between two pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from kcore.machinery.frozen import FrozenMap, diff
from kcore.store.snapshot import BucketView

# What moves without anybody meaning anything by it.
_NOISE = (("metadata", "resourceVersion"), ("metadata", "managedFields"))


@dataclass(frozen=True, slots=True)
class Change:
    """One object that differs: `fields` are `(path, old, new)`, for `changed` only."""

    action: Literal["added", "removed", "changed"]
    resource: str
    namespace: str
    name: str
    fields: tuple[tuple[tuple[str | int, ...], object, object], ...] = ()

    def __str__(self) -> str:
        """`changed pods default/web: spec.nodeName`."""
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        paths = ", ".join(".".join(map(str, path)) for path, _, _ in self.fields)
        return f"{self.action} {self.resource} {where}" + (f": {paths}" if paths else "")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Immutable and cheap: it pins the trees of the store, O(resources)."""

    revision: int
    views: Mapping[str, BucketView]

    def objects(self, resource: str) -> Iterator[FrozenMap]:
        """Every object of `pods` or `deployments.apps`, in key order."""
        view = self.views.get(resource)
        return iter(()) if view is None else (entry.value for entry in view.range())

    def diff(self, newer: "Snapshot") -> list[Change]:
        """What changed from here to `newer`, by resource and key. O(objects)."""
        changes: list[Change] = []
        for resource in sorted(self.views.keys() | newer.views.keys()):
            before = _by_key(self.views.get(resource))
            after = _by_key(newer.views.get(resource))
            for key in sorted(before.keys() | after.keys()):
                change = _compare(resource, key, before.get(key), after.get(key))
                if change is not None:
                    changes.append(change)
        return changes


def _by_key(view: BucketView | None) -> dict[str, FrozenMap]:
    return {} if view is None else {entry.key: entry.value for entry in view.range()}


def _compare(
    resource: str, key: str, old: FrozenMap | None, new: FrozenMap | None
) -> Change | None:
    if old is new:
        return None
    namespace, _, name = key.partition("/")
    if old is None:
        return Change("added", resource, namespace, name)
    if new is None:
        return Change("removed", resource, namespace, name)
    fields = tuple(entry for entry in diff(old, new) if entry[0][:2] not in _NOISE)
    return Change("changed", resource, namespace, name, fields) if fields else None
