"""The long form of an object: its fields in sections, then what happened to it.

Close to `kubectl describe` in order and words, without promising its exact spacing.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, age, items, labels, mapping, name, since, word
from kcore.printing.columns.core import (
    event_count,
    event_first_seen,
    event_last_seen,
    event_message,
)
from kcore.printing.describe_node import describe_node
from kcore.printing.describe_pod import describe_pod
from kcore.printing.describe_service import describe_service
from kcore.printing.describe_workload import describe_deployment, describe_replica_set
from kcore.printing.sections import Sections
from kcore.printing.table import aligned

Describer = Callable[[Sections, FrozenMap, Sequence[FrozenMap]], None]

_DESCRIBERS: Final[Mapping[str, Describer]] = {
    "Pod": describe_pod,
    "Deployment": describe_deployment,
    "ReplicaSet": describe_replica_set,
    "Node": describe_node,
    "Service": describe_service,
}


def describe(obj: FrozenMap, objects: Sequence[FrozenMap], now_ns: int) -> str:
    """Describe `obj`; `objects` are all objects of the world. O(objects)."""
    sections = Sections(now_ns)
    _metadata(sections, obj, now_ns)
    describer = _DESCRIBERS.get(str(obj.kind), _generic)
    describer(sections, obj, objects)
    _events(sections, obj, objects, now_ns)
    return sections.text()


def _metadata(sections: Sections, obj: FrozenMap, now_ns: int) -> None:
    sections.field("Name", name(obj))
    namespace = obj.at("metadata", "namespace")
    if namespace:
        sections.field("Namespace", str(namespace))
    sections.field("Labels", labels(obj.at("metadata", "labels")))
    annotations = mapping(obj, "metadata", "annotations")
    shown = {key: annotations[key] for key in sorted(annotations) if "last-applied" not in key}
    sections.field("Annotations", labels(shown))
    created = word(obj, "metadata", "creationTimestamp", default="<unknown>")
    sections.field("Created", f"{created} ({age(obj, now_ns)} ago)")
    owners = [f"{ref['kind']}/{ref['name']}" for ref in items(obj, "metadata", "ownerReferences")]
    if owners:
        sections.field("Controlled By", ", ".join(owners))
    deleted = obj.at("metadata", "deletionTimestamp")
    if deleted:
        sections.field("Terminating Since", str(deleted))


def _generic(sections: Sections, obj: FrozenMap, _objects: Sequence[FrozenMap]) -> None:
    """Everything the object says, as an indented outline."""
    for key in sorted(obj):
        if key not in {"apiVersion", "kind", "metadata"}:
            sections.outline(key, obj[key])


def _events(sections: Sections, obj: FrozenMap, objects: Sequence[FrozenMap], now_ns: int) -> None:
    uid = obj.at("metadata", "uid")
    about = [
        event
        for event in objects
        if event.kind == "Event"
        and uid in {event.at("involvedObject", "uid"), event.at("regarding", "uid")}
    ]
    if not about:
        sections.field("Events", NONE)
        return
    about.sort(key=lambda event: (event_last_seen(event), name(event)))
    rows = [["Type", "Reason", "Age", "From", "Message"]]
    rows += [
        [
            word(event, "type"),
            word(event, "reason"),
            _event_age(event, now_ns),
            word(event, "source", "component") or word(event, "reportingComponent"),
            event_message(event),
        ]
        for event in about
    ]
    sections.block("Events", aligned(rows))


def _event_age(event: FrozenMap, now_ns: int) -> str:
    """`5s`, or `5s (x3 over 2m)` when it came more than once."""
    last = since(event_last_seen(event), now_ns)
    count = event_count(event)
    if count < 2:
        return last
    return f"{last} (x{count} over {since(event_first_seen(event), now_ns)})"
