"""`metadata.managedFields` in both directions, with upstream's order and refusals."""

from functools import lru_cache
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.machinery.apply.fields_v1 import FieldsV1Error, fields_of_set, set_of_fields
from kcore.machinery.apply.ownership import APPLY, UPDATE, Managed, Manager, Owned
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap, freeze
from kcore.machinery.go_text import quote
from kcore.machinery.patch.go_values import go_text
from kcore.machinery.timestamps import parse_time

_TYPE: Final = "FieldsV1"


class ManagedFieldsError(KcoreError):
    """An entry that cannot be understood; the message is upstream's."""


def decode_managed(entries: FrozenList | None) -> Managed:
    """The owners that `metadata.managedFields` names. Remembered for the same list.

    Raises:
        ManagedFieldsError: an entry is malformed.
    """
    return _decoded(entries) if entries else Managed()


@lru_cache(maxsize=1024)
def _decoded(entries: FrozenList) -> Managed:
    owners: dict[Manager, Owned] = {}
    times: dict[Manager, str | None] = {}
    for position, entry in enumerate(entries):
        operation, version = entry.get("operation") or "", entry.get("apiVersion") or ""
        _check_entry(entry, position, operation, version)
        applied = operation == APPLY
        of_version = "" if applied else version
        name, subresource = entry.get("manager") or "", entry.get("subresource") or ""
        manager = Manager(name, APPLY if applied else UPDATE, of_version, subresource)
        try:
            fields = set_of_fields(entry.get("fieldsV1"))
        except FieldsV1Error as error:
            raise ManagedFieldsError(
                f"error decoding versioned set from {go_text(entry)}: error decoding set: {error}"
            ) from None
        owners[manager] = Owned(fields, version, applied)
        times[manager] = entry.get("time")
    return Managed(owners, times)


def _check_entry(entry: FrozenMap, position: int, operation: str, version: str) -> None:
    if operation not in (APPLY, UPDATE):
        raise ManagedFieldsError("operation must be `Apply` or `Update`")
    if not version:
        raise ManagedFieldsError("apiVersion must not be empty")
    kind = entry.get("fieldsType") or ""
    if not kind:
        raise ManagedFieldsError(f"missing fieldsType in managed fields entry {position}")
    if kind != _TYPE:
        raise ManagedFieldsError(
            f"invalid fieldsType {quote(kind)} in managed fields entry {position}"
        )


def encode_managed(managed: Managed) -> FrozenList | None:
    """The value of `metadata.managedFields`, in upstream's order; None without owners."""
    if not managed.owners:
        return None
    rows = []
    for manager, owned in managed.owners.items():
        time = managed.times.get(manager)
        entry: dict[str, Any] = {
            "manager": manager.name,
            "operation": APPLY if owned.applied else manager.operation,
            "apiVersion": owned.api_version,
            "time": time,
            "fieldsType": _TYPE,
            "fieldsV1": fields_of_set(owned.fields),
            "subresource": manager.subresource,
        }
        entry = {key: value for key, value in entry.items() if value is not None and value != ""}
        order = (entry["operation"], seconds(time), manager.name, owned.api_version)
        rows.append(((*order, manager.subresource), entry))
    rows.sort(key=lambda row: row[0])
    result: FrozenList = freeze([entry for _, entry in rows])
    return result


@lru_cache(maxsize=1024)
def seconds(time: str | None) -> int:
    """A time of an entry in whole seconds; 0 without one."""
    return 0 if not time else parse_time(time) // 1_000_000_000


def is_reset(entries: Any) -> bool:
    """Whether a writer asks to forget all owners: an empty list, or one empty entry."""
    return isinstance(entries, FrozenList) and (
        not len(entries) or (len(entries) == 1 and not entries[0])
    )


def managed_fields_of(obj: FrozenMap) -> FrozenList:
    """The entries of an object; empty when it has none."""
    found = obj.at("metadata", "managedFields")
    return found if isinstance(found, FrozenList) else EMPTY_LIST


def without_managed_fields(obj: FrozenMap) -> FrozenMap:
    """The object without its entries."""
    metadata = obj.get("metadata")
    if metadata is None or "managedFields" not in metadata:
        return obj
    return obj.remove(("metadata", "managedFields"))


def with_managed_fields(obj: FrozenMap, managed: Managed) -> FrozenMap:
    """The object with these owners."""
    entries = encode_managed(managed)
    if entries is None:
        return without_managed_fields(obj)
    return obj.set(("metadata", "managedFields"), entries)


def with_old_times(new: FrozenMap, old: FrozenMap) -> FrozenMap:
    """`new` with the times of `old` when nothing but times differs, so that nothing is written."""
    entries, before = managed_fields_of(new), managed_fields_of(old)
    if entries is before or len(entries) != len(before) or not len(entries):
        return new
    if _timeless(entries) != _timeless(before):
        return new
    if without_managed_fields(new) != without_managed_fields(old):
        return new
    return new.set(("metadata", "managedFields"), before)


def _timeless(entries: FrozenList) -> list[Any]:
    return [entry.remove("time") if "time" in entry else entry for entry in entries]
