"""The field manager of one endpoint: from objects to objects with `metadata.managedFields`.

Puts upstream's chain of managers around the updater: version check, client-side apply's annotation,
objects nobody tracked so far, the cap on updaters, times, and fields nobody owns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from kcore.errors import ApiError, Cause, Details, KcoreError, bad_request
from kcore.machinery.apply.comparison import compare
from kcore.machinery.apply.field_path import path_text
from kcore.machinery.apply.field_set import FieldSet, interned
from kcore.machinery.apply.managed_fields import (
    ManagedFieldsError,
    decode_managed,
    is_reset,
    managed_fields_of,
    seconds,
    with_managed_fields,
    without_managed_fields,
)
from kcore.machinery.apply.ownership import (
    APPLY,
    UPDATE,
    Conflict,
    Managed,
    Manager,
    Owned,
    Owners,
    conflict_message,
)
from kcore.machinery.apply.typed_value import TypedValue, TypeProblemError, field_set, typed
from kcore.machinery.apply.updater import ApplyConflictError, Updater
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, JSONError, loads
from kcore.machinery.go_text import json_text
from kcore.machinery.resource import GroupVersionKind

UPDATERS_COUNT_MAX: Final = 10
"""Entries of updaters that an object keeps; older ones are joined."""

_ANNOTATIONS_BYTES_MAX: Final = 256 * 1024
_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_ANCIENT: Final = "ancient-changes"
_BEFORE_APPLY: Final = "before-first-apply"
_KUBECTL: Final = "kubectl"
_SELF: Final = Manager("current-operation", UPDATE)
_UNOWNED: Final = FieldSet.of(
    ("apiVersion",),
    ("kind",),
    ("metadata",),
    *(
        ("metadata", name)
        for name in (
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "clusterName",
            "generation",
            "managedFields",
            "resourceVersion",
        )
    ),
)


@dataclass(frozen=True, slots=True)
class FieldManager:
    """Field ownership at one endpoint.

    `empty` is the object of the kind with nothing in it, as the API's types write it. `finish`
    decodes and defaults a merged object.
    """

    gvk: GroupVersionKind
    updater: Updater
    empty: FrozenMap
    subresource: str = ""

    # --- ordinary writes ---------------------------------------------------------------------

    def update(
        self, live: FrozenMap, new: FrozenMap, sent: Any, manager: str, now: str
    ) -> FrozenMap:
        """`new` with its owners after `manager` wrote it over `live`.

        `sent` is `metadata.managedFields` as the request has it. Objects that do not fit their
        type keep the owners they have.
        """
        plain = without_managed_fields(new)
        managed = self._managed(live, sent)
        try:
            return with_managed_fields(plain, self._updated(live, plain, managed, manager, now))
        except TypeProblemError:
            entries = managed_fields_of(live)
            return plain.set(("metadata", "managedFields"), entries) if len(entries) else plain

    def _managed(self, live: FrozenMap, sent: Any) -> Managed:
        if not self.subresource:
            if is_reset(sent):
                return Managed()
            found = _decoded_or_none(sent)
            if found is not None and found.owners:
                return found
        return _decoded_or_none(managed_fields_of(live)) or Managed()

    def _updated(
        self, live: FrozenMap, new: FrozenMap, managed: Managed, name: str, now: str
    ) -> Managed:
        if not managed.owners and live.at("metadata", "uid"):
            return managed
        return self._tracked(live, new, managed, name, now)

    def _tracked(
        self, live: FrozenMap, new: FrozenMap, managed: Managed, name: str, now: str
    ) -> Managed:
        manager = Manager(name or "unknown", UPDATE, self.gvk.api_version, self.subresource)
        owners = self.updater.update(
            self._typed(live), self._typed(new), self.gvk.api_version, dict(managed.owners), _SELF
        )
        own = owners.pop(_SELF, None)
        fields = None if own is None else _ownable(own.fields)
        managed = managed.with_owners(owners)
        if fields:
            before = owners.get(manager)
            joined = fields if before is None else fields.union(before.fields)
            owners[manager] = Owned(joined, self.gvk.api_version, False)
            managed = managed.at(manager, now)
        return _capped(managed)

    def _typed(self, obj: FrozenMap) -> TypedValue:
        version = obj.get("apiVersion") or self.gvk.api_version
        return typed(
            without_managed_fields(obj), self.updater.types[version], allow_duplicates=True
        )

    # --- apply -------------------------------------------------------------------------------

    def apply(
        self,
        live: FrozenMap,
        config: FrozenMap,
        manager: str,
        now: str,
        finish: Callable[[FrozenMap], FrozenMap],
        *,
        force: bool,
    ) -> FrozenMap:
        """The object with its owners after `manager` applied `config`.

        Raises:
            ApiError: 400, 409 with one cause a conflict, or 500 for what upstream passes on.
        """
        found = GroupVersionKind.of(config.get("apiVersion") or "", config.get("kind") or "")
        if found != self.gvk:
            raise bad_request(f"invalid object type: {_gvk_text(found)}")
        try:
            managed = decode_managed(managed_fields_of(live))
        except ManagedFieldsError as error:
            raise ApiError(500, "", f"failed to decode managed fields: {error}") from None
        plain = without_managed_fields(live)
        try:
            merged, after = self._applied(plain, config, managed, manager, now, force)
        except ApplyConflictError as error:
            raise _refusal(error.conflicts) from None
        obj = plain if merged is plain else finish(merged)
        if manager == _KUBECTL and obj.at("metadata", "annotations", _LAST_APPLIED):
            obj = _with_last_applied(obj, config)
        if obj is plain and after.owners == managed.owners:
            return live
        return with_managed_fields(obj, after)

    def _applied(
        self,
        live: FrozenMap,
        config: FrozenMap,
        managed: Managed,
        name: str,
        now: str,
        force: bool,
    ) -> tuple[FrozenMap, Managed]:
        try:
            return self._applied_once(live, config, managed, name, now, force)
        except ApplyConflictError as error:
            if name != _KUBECTL:
                raise
            allowed = self._owned_by_annotation(live)
            left = [each for each in error.conflicts if each.path not in allowed]
            if left:
                raise ApplyConflictError(left) from None
        return self._applied_once(live, config, managed, name, now, True)

    def _applied_once(
        self,
        live: FrozenMap,
        config: FrozenMap,
        managed: Managed,
        name: str,
        now: str,
        force: bool,
    ) -> tuple[FrozenMap, Managed]:
        if not managed.owners:
            managed = self._tracked(self.empty, live, managed, _BEFORE_APPLY, now)
        manager = Manager(name or "unknown", APPLY, "", self.subresource)
        wanted = self._typed_config(config)
        version = self.gvk.api_version
        before = self._typed(live)
        value, owners = self.updater.apply(
            before, wanted, version, dict(managed.owners), manager, force=force
        )
        if manager in owners:
            fields = _ownable(owners[manager].fields)
            if fields:
                owners[manager] = Owned(fields, version, True)
            else:
                del owners[manager]
        managed = managed.with_owners(owners)
        if value is before:
            return live, managed
        return value.value, managed.at(manager, now)

    def _typed_config(self, config: FrozenMap) -> TypedValue:
        if config.at("metadata", "managedFields") is not None:
            raise bad_request("metadata.managedFields must be nil")
        try:
            return typed(config, self.updater.types[self.gvk.api_version])
        except TypeProblemError as error:
            metadata = config.get("metadata")
            known = metadata if isinstance(metadata, FrozenMap) else {}
            place = f"{known.get('namespace') or ''}/{known.get('name') or ''}"
            shown = f"{place}; {_gvk_text(self.gvk)}"
            message = f"failed to create typed patch object ({shown}): {error}"
            raise ApiError(500, "", message) from None

    def _owned_by_annotation(self, live: FrozenMap) -> FieldSet:
        """The fields that kubectl's client-side apply set and that are still as it set them."""
        text = live.at("metadata", "annotations", _LAST_APPLIED)
        try:
            applied = loads(text) if text else None
            if not isinstance(applied, FrozenMap):
                return FieldSet()
            if applied.get("apiVersion") != self.gvk.api_version:
                return FieldSet()
            last = typed(applied, self.updater.types[self.gvk.api_version])
        except (JSONError, TypeProblemError):
            return FieldSet()
        change = compare(last, self._typed(live))
        fields = field_set(last).difference(change.modified)
        return fields.difference(change.added).difference(change.removed)


@lru_cache(maxsize=1024)
def _ownable(fields: FieldSet) -> FieldSet:
    """The fields without those that nobody owns. Remembered, so that equal sets stay one."""
    return interned(fields.difference(_UNOWNED))


def _gvk_text(gvk: GroupVersionKind) -> str:
    """`apps/v1, Kind=Deployment`, `/v1, Kind=Pod`: as upstream prints it."""
    return f"{gvk.group}/{gvk.version}, Kind={gvk.kind}"


def _decoded_or_none(entries: Any) -> Managed | None:
    try:
        return decode_managed(entries or EMPTY_LIST)
    except (ManagedFieldsError, KcoreError, AttributeError):
        return None


def _refusal(conflicts: list[Conflict]) -> ApiError:
    causes = tuple(
        Cause("FieldManagerConflict", f"conflict with {each.manager}", path_text(each.path))
        for each in conflicts
    )
    return ApiError(409, "Conflict", conflict_message(conflicts), Details(causes=causes))


def _with_last_applied(obj: FrozenMap, config: FrozenMap) -> FrozenMap:
    """The annotation of client-side apply brought up to date, unless it gets too large."""
    plain = config
    if config.at("metadata", "annotations", _LAST_APPLIED) is not None:
        plain = config.remove(("metadata", "annotations", _LAST_APPLIED))
    annotations = obj["metadata"]["annotations"].set(_LAST_APPLIED, json_text(plain) + "\n")
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _ANNOTATIONS_BYTES_MAX:
        annotations = annotations.remove(_LAST_APPLIED)
    return obj.set(("metadata", "annotations"), annotations)


def _capped(managed: Managed) -> Managed:
    """At most ten updaters: the oldest ones of a version become one entry."""
    updaters = [each for each, owned in managed.owners.items() if not owned.applied]
    surplus = len(updaters) - UPDATERS_COUNT_MAX
    if surplus <= 0:
        return managed
    updaters.sort(key=lambda each: (seconds(managed.times.get(each)), each.identifier))
    owners: Owners = dict(managed.owners)
    times = dict(managed.times)
    first: dict[str, Manager] = {}
    for manager in updaters:
        if surplus <= 0:
            break
        version = owners[manager].api_version
        if version not in first:
            first[version] = manager
            continue
        bucket = Manager(_ANCIENT, UPDATE, version)
        if bucket not in owners:
            owners[bucket] = owners.pop(first[version])
        joined = owners[manager].fields.union(owners[bucket].fields)
        owners[bucket] = Owned(joined, version, False)
        del owners[manager]
        times[bucket] = times.get(manager)
        surplus -= 1
    return Managed(owners, times)
