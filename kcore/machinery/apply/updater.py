"""Update and apply over typed values: who owns what afterwards, what goes, who is in the way.

Upstream's `merge.Updater`. Pure: knows neither metadata nor time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from kcore.errors import KcoreError
from kcore.machinery.apply.comparison import Comparison, compare
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet, remembered_difference
from kcore.machinery.apply.item_removal import remove_items
from kcore.machinery.apply.merging import merge
from kcore.machinery.apply.ownership import Conflict, Manager, Owned, Owners
from kcore.machinery.apply.schema_changes import reconciled
from kcore.machinery.apply.typed_schema import TypeRef
from kcore.machinery.apply.typed_value import TypedValue, field_set, named_fields_added
from kcore.machinery.frozen import FrozenMap


class ApplyConflictError(KcoreError):
    """Others own fields that an apply without force would change."""

    def __init__(self, conflicts: list[Conflict]) -> None:
        super().__init__(f"{len(conflicts)} conflicts")
        self.conflicts = conflicts


def renamed(obj: FrozenMap, version: str) -> FrozenMap:
    """An object of a kind whose versions differ in nothing but their name."""
    return obj.set("apiVersion", version)


@dataclass(frozen=True, slots=True)
class Updater:
    """The rules of one resource.

    `types` has the kind's type in every version there is: owners in others are forgotten. `ignored`
    are fields that a version's writes never own; `to_version` takes an object to another version.
    """

    types: Mapping[str, TypeRef]
    ignored: Mapping[str, FieldSet] = field(default_factory=dict)
    to_version: Callable[[FrozenMap, str], FrozenMap] = renamed

    def update(
        self, live: TypedValue, new: TypedValue, version: str, owners: Owners, manager: Manager
    ) -> Owners:
        """The owners after `manager` made `new` of `live`."""
        owners, found = self._changed(
            live, new, version, self._reconciled(owners), manager, force=True
        )
        before = owners[manager].fields if manager in owners else EMPTY_SET
        own = before.difference(found.removed).union(found.modified).union(found.added)
        own = own.recursive_difference(self._ignored(version))
        if own:
            owners[manager] = Owned(own, version, False)
        else:
            owners.pop(manager, None)
        return owners

    def apply(
        self,
        live: TypedValue,
        config: TypedValue,
        version: str,
        owners: Owners,
        manager: Manager,
        *,
        force: bool,
    ) -> tuple[TypedValue, Owners]:
        """The object and its owners after `manager` applied `config`.

        The object is `live` itself when nothing changes.

        Raises:
            ApplyConflictError: others own what would change, and `force` is off.
        """
        owners = self._reconciled(owners)
        merged = merge(live, config)
        last = owners.get(manager)
        own = field_set(config).recursive_difference(self._ignored(version))
        owners[manager] = Owned(own, version, True)
        # Nothing goes that is still owned; then there is no need to look.
        if last is not None and remembered_difference(last.fields, own):
            merged = self._pruned(merged, owners, manager, last)
        owners, _ = self._changed(live, merged, version, owners, manager, force=force)
        return (live if merged.value == live.value else merged), owners

    def _ignored(self, version: str) -> FieldSet:
        return self.ignored.get(version, EMPTY_SET)

    def _reconciled(self, owners: Owners) -> Owners:
        """The owners with today's types; those in forgotten versions are left out."""
        return {
            manager: _with_fields(owned, reconciled(owned.fields, self.types[owned.api_version]))
            for manager, owned in owners.items()
            if owned.api_version in self.types
        }

    def _converted(self, value: TypedValue, version: str) -> TypedValue:
        if value.value is None or value.value.get("apiVersion") == version:
            return value
        converted = self.to_version(value.value, version)
        return replace(value, value=converted, type=self.types[version])

    def _changed(
        self,
        old: TypedValue,
        new: TypedValue,
        version: str,
        owners: Owners,
        workflow: Manager,
        *,
        force: bool,
    ) -> tuple[Owners, Comparison]:
        """What others still own after the change from `old` to `new`, and the change."""
        found = {version: compare(old, new).without(self._ignored(version))}
        conflicts: dict[Manager, FieldSet] = {}
        for manager, owned in owners.items():
            if manager == workflow:
                continue
            theirs = owned.api_version
            if theirs not in found:
                there = compare(self._converted(old, theirs), self._converted(new, theirs))
                found[theirs] = there.without(self._ignored(theirs))
            change = found[theirs]
            taken = owned.fields.intersection(change.taken)
            if taken:
                conflicts[manager] = taken
        if conflicts and not force:
            raise ApplyConflictError(
                [Conflict(manager, path) for manager, taken in conflicts.items() for path in taken]
            )
        left: Owners = {}
        for manager, owned in owners.items():
            fields = owned.fields
            if manager != workflow:
                fields = fields.difference(conflicts.get(manager, EMPTY_SET))
                fields = fields.difference(found[owned.api_version].removed)
            if fields:
                left[manager] = _with_fields(owned, fields)
        return left, found[version]

    def _pruned(
        self, merged: TypedValue, owners: Owners, applier: Manager, last: Owned
    ) -> TypedValue:
        """`merged` without what the applier owned last time and nobody owns now."""
        whole = self._converted(merged, last.api_version)
        last_fields = named_fields_added(last.fields, whole.type)
        pruned = remove_items(whole, last_fields)
        if pruned is whole or pruned.value is whole.value:
            return merged
        pruned = self._with_owned(whole, pruned, last.api_version, owners)
        pruned = self._with_dangling(whole, pruned, last_fields, last.api_version)
        return self._converted(pruned, owners[applier].api_version)

    def _with_owned(
        self, whole: TypedValue, pruned: TypedValue, version: str, owners: Owners
    ) -> TypedValue:
        """Put back what anybody owns."""
        owned_at: dict[str, FieldSet] = {}
        for owned in owners.values():
            known = owned_at.get(owned.api_version, EMPTY_SET)
            owned_at[owned.api_version] = known.union(owned.fields)
        # The version of the last apply first: others may not convert without its fields.
        for at_version in sorted(owned_at, key=lambda each: each != version):
            fields = owned_at[at_version]
            whole = self._converted(whole, at_version)
            pruned = self._converted(pruned, at_version)
            kept = named_fields_added(field_set(pruned), whole.type).union(
                named_fields_added(fields, whole.type)
            )
            everything = named_fields_added(field_set(whole), whole.type)
            pruned = remove_items(whole, everything.difference(kept))
        return pruned

    def _with_dangling(
        self, whole: TypedValue, pruned: TypedValue, last: FieldSet, version: str
    ) -> TypedValue:
        """Put back what the applier did not own last time."""
        whole, pruned = self._converted(whole, version), self._converted(pruned, version)
        gone = named_fields_added(field_set(whole), whole.type).difference(
            named_fields_added(field_set(pruned), whole.type)
        )
        return remove_items(whole, gone.intersection(last))


def _with_fields(owned: Owned, fields: FieldSet) -> Owned:
    return owned if fields is owned.fields else replace(owned, fields=fields)
