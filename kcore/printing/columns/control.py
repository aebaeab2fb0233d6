"""Rows of the kinds that control the API server and its devices: flow control, certificates."""

from collections.abc import Sequence

from kcore.machinery.durations import human_duration
from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, age, condition, items, mapping, name, number, since, word
from kcore.printing.column import NAME, Cell, Column, Printer, text
from kcore.runtime.clock import SECOND_NS


def _certificate_state(obj: FrozenMap) -> str:
    """`Approved,Issued`: the verdict, then what became of it."""
    conditions = items(obj, "status", "conditions")
    types = [one.type for one in conditions]
    verdict = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    words = [verdict]
    if "Failed" in types:
        words.append("Failed")
    if obj.at("status", "certificate"):
        words.append("Issued")
    return ",".join(words)


def signing_request(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a CertificateSigningRequest."""
    expiration_s = obj.at("spec", "expirationSeconds")
    return [
        name(obj),
        age(obj, now_ns),
        word(obj, "spec", "signerName"),
        word(obj, "spec", "username"),
        NONE if expiration_s is None else human_duration(expiration_s * SECOND_NS),
        _certificate_state(obj),
    ]


def flow_schema(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a FlowSchema; a `?` until somebody has looked for its priority level."""
    dangling = condition(obj, "Dangling")
    return [
        name(obj),
        word(obj, "spec", "priorityLevelConfiguration", "name"),
        number(obj, "spec", "matchingPrecedence"),
        word(obj, "spec", "distinguisherMethod", "type", default=NONE),
        age(obj, now_ns),
        "?" if dangling is None else str(dangling.status),
    ]


def priority_level(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PriorityLevelConfiguration; numbers that do not apply are `<none>`."""
    limited = obj.at("spec", "limited")
    queuing = mapping(obj, "spec", "limited", "limitResponse").at("queuing")
    counts: list[Cell] = [NONE, NONE, NONE]
    if queuing is not None:
        counts = [number(queuing, key) for key in ("queues", "handSize", "queueLengthLimit")]
    shares: Cell = NONE if limited is None else number(limited, "nominalConcurrencyShares")
    return [name(obj), word(obj, "spec", "type"), shares, *counts, age(obj, now_ns)]


def device_taint_rule(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a DeviceTaintRule."""
    taint = mapping(obj, "spec", "taint")
    return [
        name(obj),
        word(taint, "key"),
        word(taint, "value"),
        word(taint, "effect"),
        since(word(taint, "timeAdded"), now_ns),
        age(obj, now_ns),
    ]


def version_migration(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a StorageVersionMigration."""
    migrated = mapping(obj, "spec", "resource")
    group, resource = word(migrated, "group"), word(migrated, "resource")
    true_types = [one.type for one in items(obj, "status", "conditions") if one.status == "True"]
    return [
        name(obj),
        f"{resource}.{group}" if group else resource,
        str(true_types[0]) if true_types else "Unknown",
    ]


PRINTERS = {
    ("certificates.k8s.io", "CertificateSigningRequest"): Printer(
        (NAME, *text("Age", "SignerName", "Requestor", "RequestedDuration", "Condition")),
        signing_request,
    ),
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): Printer(
        (
            NAME,
            *text("PriorityLevel", "MatchingPrecedence", "DistinguisherMethod", "Age"),
            *text("MissingPL"),
        ),
        flow_schema,
    ),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): Printer(
        (
            NAME,
            *text("Type", "NominalConcurrencyShares", "Queues", "HandSize"),
            *text("QueueLengthLimit", "Age"),
        ),
        priority_level,
    ),
    ("resource.k8s.io", "DeviceTaintRule"): Printer(
        (NAME, *text("Key", "Value", "Effect", "TimeAdded", "Age")), device_taint_rule
    ),
    ("storagemigration.k8s.io", "StorageVersionMigration"): Printer(
        (Column("Name"), *text("Resource", "Status")), version_migration
    ),
}
