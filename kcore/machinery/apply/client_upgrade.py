"""From client-side to server-side apply: the fields of updaters become an applier's.

What client-go's `csaupgrade` does to `metadata.managedFields`, so that the next apply of a manifest
may remove fields that client-side apply had set.
"""

from collections.abc import Iterable
from typing import Any

from kcore.machinery.apply.fields_v1 import fields_of_set, set_of_fields
from kcore.machinery.apply.ownership import APPLY, UPDATE
from kcore.machinery.frozen import FrozenList, FrozenMap, freeze


def upgraded(
    entries: FrozenList | None, updaters: Iterable[str], applier: str, subresource: str = ""
) -> FrozenList | None:
    """The entries with those of `updaters` given to `applier`; None when none are left.

    Raises:
        FieldsV1Error: an entry of one of them is malformed.
    """
    if entries is None:
        return None
    rows: list[FrozenMap] = list(entries)
    for updater in updaters:
        rows = _without(rows, updater, applier, subresource)
    result: FrozenList = freeze(rows)
    return result if rows or not len(entries) else None


def upgrade_patch(
    entries: FrozenList | None,
    updaters: Iterable[str],
    applier: str,
    resource_version: str,
    subresource: str = "",
) -> list[dict[str, Any]] | None:
    """The JSON patch that upgrades an object; None when there is nothing to do."""
    after = upgraded(entries, updaters, applier, subresource)
    if after == entries:
        return None
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": after},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": resource_version},
    ]


def _is(entry: FrozenMap, name: str, operation: str, subresource: str) -> bool:
    return (
        entry.get("manager") == name
        and entry.get("operation") == operation
        and (entry.get("subresource") or "") == subresource
    )


def _without(
    rows: list[FrozenMap], updater: str, applier: str, subresource: str
) -> list[FrozenMap]:
    """The entries after one updater was merged into the applier's entry, or became it."""
    own = [place for place, row in enumerate(rows) if _is(row, updater, UPDATE, subresource)]
    target = next(
        (place for place, row in enumerate(rows) if _is(row, applier, APPLY, subresource)), None
    )
    rows = list(rows)
    if target is None:
        if not own:
            return rows
        target = own.pop(0)
        rows[target] = rows[target].set("operation", APPLY).set("manager", applier)
    version = rows[target].get("apiVersion")
    fields = set_of_fields(rows[target].get("fieldsV1"))
    same = next((place for place in own if rows[place].get("apiVersion") == version), None)
    if same is not None:
        fields = fields.union(set_of_fields(rows[same].get("fieldsV1")))
    rows[target] = rows[target].set("fieldsV1", fields_of_set(fields))
    return [row for row in rows if not _is(row, updater, UPDATE, subresource)]
