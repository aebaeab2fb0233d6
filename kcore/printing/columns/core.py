"""Rows of the small core kinds: Namespace, ConfigMap, Secret, ServiceAccount, Event, quotas."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import age, items, mapping, name, number, quantity, since, word
from kcore.printing.column import NAME, Cell, Column, Printer, text, wide

ZERO_TIME: Final = "0001-01-01T00:00:00Z"
"""What Go writes for a time that was never set."""


def namespace(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Namespace."""
    return [name(obj), word(obj, "status", "phase"), age(obj, now_ns)]


def config_map(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ConfigMap."""
    return [
        name(obj),
        len(mapping(obj, "data")) + len(mapping(obj, "binaryData")),
        age(obj, now_ns),
    ]


def secret(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Secret."""
    keys = {*mapping(obj, "data"), *mapping(obj, "stringData")}
    return [name(obj), word(obj, "type"), len(keys), age(obj, now_ns)]


def name_and_age(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a kind that has no more to show."""
    return [name(obj), age(obj, now_ns)]


def _first_of(obj: FrozenMap, *fields: str) -> str:
    return next((word(obj, field) for field in fields if word(obj, field)), "")


def _event_source(obj: FrozenMap) -> str:
    source = mapping(obj, "source") or mapping(obj, "deprecatedSource")
    component = word(source, "component") or _first_of(
        obj, "reportingComponent", "reportingController"
    )
    host = word(source, "host") or word(obj, "reportingInstance")
    return f"{component}, {host}" if host else component


def event_last_seen(obj: FrozenMap) -> str:
    """The time an event was last seen, whichever of its fields tells it; RFC 3339 or empty."""
    if obj.series is not None:
        return word(obj, "series", "lastObservedTime")
    return _first_of(obj, "lastTimestamp", "deprecatedLastTimestamp") or event_first_seen(obj)


def event_first_seen(obj: FrozenMap) -> str:
    """The time an event was first seen; RFC 3339 or empty."""
    return _first_of(obj, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime")


def event_count(obj: FrozenMap) -> int:
    """How often it was seen; events of the new API say nothing when it was once."""
    if obj.series is not None:
        return number(obj, "series", "count")
    return number(obj, "count") or number(obj, "deprecatedCount") or 1


def event_message(obj: FrozenMap) -> str:
    """What happened, in a sentence."""
    return _first_of(obj, "message", "note").strip()


def event_target(obj: FrozenMap) -> str:
    """`pod/web-0`."""
    target = mapping(obj, "involvedObject") or mapping(obj, "regarding")
    kind = word(target, "kind").lower()
    return f"{kind}/{target['name']}" if word(target, "name") else kind


def event(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of an Event, of the core group or of events.k8s.io."""
    target = mapping(obj, "involvedObject") or mapping(obj, "regarding")
    return [
        since(event_last_seen(obj), now_ns),
        word(obj, "type"),
        word(obj, "reason"),
        event_target(obj),
        word(target, "fieldPath"),
        _event_source(obj),
        event_message(obj),
        since(event_first_seen(obj), now_ns),
        event_count(obj),
        name(obj),
    ]


def resource_quota(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a ResourceQuota: used/hard, limits apart from requests."""
    hard = mapping(obj, "status", "hard")
    used = mapping(obj, "status", "used")
    rows = {key: f"{key}: {quantity(used.get(key))}/{quantity(hard[key])}" for key in sorted(hard)}
    requests = [row for key, row in rows.items() if not key.startswith("limits")]
    limits = [row for key, row in rows.items() if key.startswith("limits")]
    return [name(obj), ", ".join(requests), ", ".join(limits), age(obj, now_ns)]


def lease(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a Lease."""
    return [name(obj), word(obj, "spec", "holderIdentity"), age(obj, now_ns)]


def created_at(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a kind without a printer: when it was created, not how long ago."""
    return [name(obj), word(obj, "metadata", "creationTimestamp", default=ZERO_TIME)]


def _subjects(obj: FrozenMap, kind: str) -> str:
    found = [subject for subject in items(obj, "subjects") if subject.kind == kind]
    if kind == "ServiceAccount":
        return ", ".join(f"{word(one, 'namespace')}/{word(one, 'name')}" for one in found)
    return ", ".join(word(subject, "name") for subject in found)


def role_binding(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a RoleBinding or ClusterRoleBinding."""
    return [
        name(obj),
        f"{word(obj, 'roleRef', 'kind')}/{word(obj, 'roleRef', 'name')}",
        age(obj, now_ns),
        _subjects(obj, "User"),
        _subjects(obj, "Group"),
        _subjects(obj, "ServiceAccount"),
    ]


EVENT_COLUMNS = (
    *text("Last Seen", "Type", "Reason", "Object"),
    *wide("Subobject", "Source"),
    *text("Message"),
    *wide("First Seen", "Count"),
    Column("Name", format="name", priority=1),
)
BINDING_COLUMNS = (NAME, *text("Role", "Age"), *wide("Users", "Groups", "ServiceAccounts"))
NAME_AND_AGE = Printer((NAME, *text("Age")), name_and_age)
CREATED_AT = Printer((NAME, Column("Created At", type="date")), created_at)

PRINTERS = {
    ("", "Namespace"): Printer((NAME, *text("Status", "Age")), namespace),
    ("", "ConfigMap"): Printer((NAME, *text("Data", "Age")), config_map),
    ("", "Secret"): Printer((NAME, *text("Type", "Data", "Age")), secret),
    ("", "ServiceAccount"): NAME_AND_AGE,
    ("", "Event"): Printer(EVENT_COLUMNS, event),
    ("events.k8s.io", "Event"): Printer(EVENT_COLUMNS, event),
    ("", "ResourceQuota"): Printer((NAME, *text("Request", "Limit", "Age")), resource_quota),
    ("coordination.k8s.io", "Lease"): Printer((NAME, *text("Holder", "Age")), lease),
    ("rbac.authorization.k8s.io", "RoleBinding"): Printer(BINDING_COLUMNS, role_binding),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): Printer(BINDING_COLUMNS, role_binding),
}
