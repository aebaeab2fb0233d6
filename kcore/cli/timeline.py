"""The lives of pods, recorded while a cluster runs and drawn as one bar per pod, node by node.

A recorder is a watcher of pods. What it hears carries a revision; the trace says at what virtual
time each revision was written. Between two changes a pod is in one state, in kubectl's words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kcore.cluster import Cluster
from kcore.errors import KcoreError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.watch_event import DELETED
from kcore.printing.columns.pod import status_word

UNSCHEDULED: Final = "(no node)"
STATE_COLORS: Final = {
    "Pending": "#b0b0b0",
    "ContainerCreating": "#f2c14e",
    "Initializing": "#b39ddb",
    "Starting": "#9ecae1",
    "Running": "#4c9f70",
    "Completed": "#5b8def",
    "Terminating": "#e07b39",
}
OTHER_COLOR: Final = "#c0392b"
_INIT_PROGRESS: Final = re.compile(r"Init:\d+/\d+")


@dataclass(frozen=True, slots=True)
class Segment:
    """A pod in one state on one node, from `start_ns` to `end_ns`."""

    pod: str
    node: str
    state: str
    start_ns: int
    end_ns: int


@dataclass(slots=True)
class _Life:
    """What was heard of one pod: (time, node, state), and when it was gone."""

    changes: list[tuple[int, str, str]] = field(default_factory=list)
    end_ns: int | None = None


class PodLives:
    """Records every pod of a cluster from the moment it is made."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._stream = cluster.client.watch("pods")
        self._start_ns = cluster.now_ns
        self._events: list[tuple[int, str, FrozenMap]] = []

    def listen(self) -> None:
        """Take in what has happened since the last call. O(changes)."""
        while (event := self._stream.next()) is not None:
            self._events.append((event.revision, event.type, event.object))

    def segments(self) -> list[Segment]:
        """Every pod's states in time, by node and then by first appearance. O(changes)."""
        self.listen()
        times_ns = {
            write.revision: action.time_ns
            for action in self._cluster.trace
            for write in action.writes
        }
        lives: dict[str, _Life] = {}
        for revision, kind, pod in self._events:
            time_ns = times_ns.get(revision, self._start_ns)
            name = f"{pod.metadata.namespace}/{pod.metadata.name}"
            life = lives.setdefault(f"{name} {pod.metadata.uid}", _Life())
            if kind == DELETED:
                life.end_ns = time_ns
            else:
                life.changes.append((time_ns, pod.spec.nodeName or UNSCHEDULED, _state(pod)))
        found = [
            segment
            for key, life in lives.items()
            for segment in self._segments_of(key.partition(" ")[0], life)
        ]
        return sorted(found, key=lambda segment: (segment.node, segment.start_ns, segment.pod))

    def _segments_of(self, pod: str, life: _Life) -> Iterator[Segment]:
        end_ns = self._cluster.now_ns if life.end_ns is None else life.end_ns
        # The node it ends up on is where its whole life is drawn, waiting included.
        node = life.changes[-1][1] if life.changes else UNSCHEDULED
        for position, (start_ns, _, state) in enumerate(life.changes):
            following = life.changes[position + 1 :]
            until_ns = following[0][0] if following else end_ns
            if until_ns > start_ns or not following:
                yield Segment(pod, node, state, start_ns, max(until_ns, start_ns))


def _state(pod: FrozenMap) -> str:
    state = status_word(pod)
    if state == "PodInitializing" or _INIT_PROGRESS.fullmatch(state):
        return "Initializing"
    if state == "Running":
        conditions = pod.at("status", "conditions", default=())
        if not any(one.type == "Ready" and one.status == "True" for one in conditions):
            return "Starting"
    return state


def _color(state: str) -> str:
    return STATE_COLORS.get(state, OTHER_COLOR)


def _rows(segments: list[Segment]) -> list[str]:
    """One row per pod, in drawing order: `node-1  default/web-abc`."""
    return list(dict.fromkeys(f"{one.node}  {one.pod}" for one in segments))


def write_timeline(lives: PodLives, start_ns: int, path: Path) -> None:
    """Draw into `path`; its suffix chooses between an interactive page and a picture.

    Raises:
        KcoreError: the suffix is neither .html nor .png, or the drawing library is missing.
    """
    segments = lives.segments()
    match path.suffix.lower():
        case ".html":
            _write_html(segments, start_ns, path)
        case ".png":
            _write_png(segments, start_ns, path)
        case other:
            raise KcoreError(f"--timeline {path}: .html or .png, not {other or 'no suffix'}")


def check_suffix(path: Path) -> None:
    """Refuse a path that could not be drawn, before anything runs.

    Raises:
        KcoreError: the suffix is neither .html nor .png.
    """
    if path.suffix.lower() not in {".html", ".png"}:
        raise KcoreError(f"--timeline {path}: the file must end in .html or .png")


def _missing(library: str) -> KcoreError:
    return KcoreError(f"--timeline needs {library}: pip install 'kcore[plots]'")


def _seconds(segment: Segment, start_ns: int) -> tuple[float, float]:
    """Start and length in seconds since the world began."""
    length_ns = segment.end_ns - segment.start_ns
    return (segment.start_ns - start_ns) / 1e9, length_ns / 1e9


def _write_html(segments: list[Segment], start_ns: int, path: Path) -> None:
    try:
        from plotly import graph_objects  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise _missing("plotly") from None
    figure = graph_objects.Figure()
    for state in dict.fromkeys(one.state for one in segments):
        bars = [one for one in segments if one.state == state]
        spans = [_seconds(one, start_ns) for one in bars]
        figure.add_trace(
            graph_objects.Bar(
                orientation="h",
                name=state,
                y=[[one.node for one in bars], [one.pod for one in bars]],
                base=[start for start, _ in spans],
                x=[length for _, length in spans],
                marker={"color": _color(state)},
                customdata=[[start, start + length] for start, length in spans],
                hovertemplate="%{y}<br>%{customdata[0]:.3f} s to %{customdata[1]:.3f} s",
            )
        )
    figure.update_layout(
        title="Pods by node",
        barmode="overlay",
        height=max(400, 22 * len(_rows(segments)) + 160),
        xaxis={"title": "virtual time in seconds"},
        yaxis={"autorange": "reversed"},
        legend={"title": "state"},
    )
    figure.write_html(path, include_plotlyjs=True)


def _write_png(segments: list[Segment], start_ns: int, path: Path) -> None:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        raise _missing("matplotlib") from None
    rows = _rows(segments)
    position = {row: index for index, row in enumerate(rows)}
    figure: Any = Figure(figsize=(12, max(3.0, 0.28 * len(rows) + 1.5)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    for state in dict.fromkeys(one.state for one in segments):
        bars = [one for one in segments if one.state == state]
        spans = [_seconds(one, start_ns) for one in bars]
        axes.barh(
            [position[f"{one.node}  {one.pod}"] for one in bars],
            [length for _, length in spans],
            left=[start for start, _ in spans],
            color=_color(state),
            label=state,
        )
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    axes.margins(y=0.01)
    axes.invert_yaxis()
    axes.set_xlabel("virtual time in seconds")
    axes.set_title("Pods by node")
    if segments:
        axes.legend(fontsize=7, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, dpi=120)
