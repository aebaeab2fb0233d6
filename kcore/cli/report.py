"""What a run ended with: as text for people, or as one JSON document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.api.readiness import Unmet
from kcore.cli.output import Format, as_list, reference, tables
from kcore.cluster import Cluster
from kcore.cluster.outcome import Applied
from kcore.errors import ApiError
from kcore.machinery.codec import dump_json, dump_yaml
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.timestamps import format_time
from kcore.printing.cells import since
from kcore.printing.columns.core import event_count, event_last_seen, event_message, event_target
from kcore.printing.table import aligned, cell_text, table_of
from kcore.runtime.clock import SECOND_NS

WORKLOADS: Final = (
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "cronjobs.batch",
    "replicationcontrollers",
)
WIDE_WORKLOADS: Final = ("replicasets.apps", "services")
POD_COLUMNS_COUNT: Final = 5
"""Name, Ready, Status, Restarts, Age: what a pod's row shows below its node."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One finished run; `wall_ns` is how long people waited for it."""

    cluster: Cluster
    applied: Sequence[Applied]
    pending: Sequence[Unmet]
    quiet: bool
    wall_ns: int
    with_events: bool = False

    @property
    def settled(self) -> bool:
        """Nothing is left to happen, and everything asked for is there."""
        return self.quiet and not self.pending

    def render(self, form: Format) -> str:
        """The whole report in the form asked for."""
        match form:
            case Format.JSON:
                return dump_json(freeze(self.to_dict())).rstrip()
            case Format.YAML:
                return dump_yaml(as_list(self._objects())).rstrip()
            case Format.NAME:
                return "\n".join(reference(obj) for obj in self._objects())
            case _:
                return "\n\n".join(self._sections(wide=form is Format.WIDE))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document; times in seconds, everything but `wallTime` the same every run."""
        return {
            "applied": [str(applied) for applied in self.applied],
            "digest": self.cluster.trace.digest,
            "notModelled": list(self.cluster.not_modelled()),
            "objects": self._objects(),
            "pending": [
                {
                    "kind": unmet.kind,
                    "namespace": unmet.namespace,
                    "name": unmet.name,
                    "reasons": list(unmet.reasons),
                }
                for unmet in self.pending
            ],
            "settled": self.settled,
            "virtualTime": self.cluster.elapsed_ns / SECOND_NS,
            "wallTime": round(self.wall_ns / SECOND_NS, 3),
        }

    def _objects(self) -> list[FrozenMap]:
        """Every object; Events only when asked for."""
        return [obj for obj in self.cluster.objects() if self.with_events or obj.kind != "Event"]

    def _sections(self, *, wide: bool) -> Iterator[str]:
        yield self._applied_line()
        yield from self._workloads(wide=wide)
        pods = _pods_by_node(self.cluster, wide=wide)
        if pods:
            yield pods
        events = _events(self.cluster, everything=self.with_events)
        if events:
            yield ("EVENTS" if self.with_events else "WARNINGS") + f"\n{events}"
        missing = self.cluster.not_modelled()
        if missing:
            yield "NOT MODELLED\n" + "\n".join(f"- {sentence}" for sentence in missing)
        if self.pending:
            yield "CANNOT SETTLE\n" + "\n".join(f"- {unmet}" for unmet in self.pending)
        yield self._summary()

    def _applied_line(self) -> str:
        counts: dict[str, int] = {}
        for applied in self.applied:
            counts[applied.action] = counts.get(applied.action, 0) + 1
        words = ", ".join(f"{count} {action}" for action, count in counts.items())
        warnings = [
            f"warning: {applied.reference}: {warning}"
            for applied in self.applied
            for warning in applied.warnings
        ]
        return "\n".join([f"{len(self.applied)} objects applied: {words or 'none'}", *warnings])

    def _workloads(self, *, wide: bool) -> Iterator[str]:
        for resource in (*WORKLOADS, *(WIDE_WORKLOADS if wide else ())):
            objects = _listed(self.cluster, resource)
            if objects:
                title = str(objects[0].kind).upper() + "S"
                rows = tables(objects, self.cluster.now_ns, wide=wide, with_namespace=True)
                yield f"{title}\n{rows}"

    def _summary(self) -> str:
        cluster = self.cluster
        word = "settled" if self.settled else ("stuck" if self.quiet else "still busy")
        return (
            f"{word} after {cluster.elapsed_ns / SECOND_NS:.3f} s of virtual time "
            f"({format_time(cluster.now_ns)}), {self.wall_ns / SECOND_NS:.2f} s of yours; "
            f"{len(cluster.trace)} actions\ndigest {cluster.trace.digest}"
        )


def _listed(cluster: Cluster, resource: str) -> Sequence[FrozenMap]:
    """Objects of a resource; none where the server does not serve it."""
    try:
        return cluster.client.list(resource)
    except ApiError as error:
        if error.code != 404:
            raise
        return ()


def _pods_by_node(cluster: Cluster, *, wide: bool) -> str:
    """One row per pod, node by node."""
    pods = sorted(_listed(cluster, "pods"), key=lambda pod: pod.spec.nodeName or "~")
    if not pods:
        return ""
    table = table_of(pods, cluster.now_ns)
    count = len(table.columns) if wide else POD_COLUMNS_COUNT
    header = ["NODE", "NAMESPACE", *(column.name.upper() for column in table.columns[:count])]
    lines = [
        [
            row.object.spec.nodeName or "<none>",
            row.object.metadata.namespace,
            *map(cell_text, row.cells[:count]),
        ]
        for row in table.rows
    ]
    return "PODS BY NODE\n" + aligned([header, *lines])


def _events(cluster: Cluster, *, everything: bool) -> str:
    """Warnings, or all events, oldest first."""
    events = [
        event for event in _listed(cluster, "events") if everything or event.type == "Warning"
    ]
    if not events:
        return ""
    events.sort(key=lambda event: (event_last_seen(event), event.metadata.name))
    header = ["LAST SEEN", "TYPE", "REASON", "OBJECT", "COUNT", "MESSAGE"]
    lines = [
        [
            since(event_last_seen(event), cluster.now_ns),
            str(event.type),
            str(event.reason),
            event_target(event),
            str(event_count(event)),
            event_message(event),
        ]
        for event in events
    ]
    return aligned([header, *lines])
