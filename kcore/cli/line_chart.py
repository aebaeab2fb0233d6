"""Line charts as an interactive page or a picture; the file's suffix chooses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcore.errors import KcoreError


@dataclass(frozen=True, slots=True)
class Line:
    """A named series of points."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """One pair of axes with its lines."""

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]


def check_chart_path(path: Path) -> None:
    """Refuse a path that could not be drawn, before anything runs.

    Raises:
        KcoreError: the suffix is neither .html nor .png.
    """
    if path.suffix.lower() not in {".html", ".png"}:
        raise KcoreError(f"--plot {path}: the file must end in .html or .png")


def write_chart(panels: Sequence[Panel], path: Path) -> None:
    """Draw the panels side by side.

    Raises:
        KcoreError: a wrong suffix, or the drawing library is missing.
    """
    check_chart_path(path)
    if path.suffix.lower() == ".html":
        _write_html(panels, path)
    else:
        _write_png(panels, path)


def _write_html(panels: Sequence[Panel], path: Path) -> None:
    try:
        from plotly import graph_objects, subplots  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise _missing("plotly") from None
    figure = subplots.make_subplots(cols=len(panels), subplot_titles=[one.title for one in panels])
    for column, panel in enumerate(panels, start=1):
        for line in panel.lines:
            x, y = zip(*line.points, strict=True) if line.points else ((), ())
            figure.add_trace(
                graph_objects.Scatter(x=x, y=y, name=line.name, mode="lines"), row=1, col=column
            )
        figure.update_xaxes(title=panel.x_label, row=1, col=column)
        figure.update_yaxes(title=panel.y_label, row=1, col=column)
    figure.write_html(path, include_plotlyjs=True)


def _write_png(panels: Sequence[Panel], path: Path) -> None:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra
    except ImportError:
        raise _missing("matplotlib") from None
    figure: Any = Figure(figsize=(7 * len(panels), 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, panel in zip(figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
        for line in panel.lines:
            x, y = zip(*line.points, strict=True) if line.points else ((), ())
            axes.plot(x, y, label=line.name)
        axes.set_title(panel.title)
        axes.set_xlabel(panel.x_label)
        axes.set_ylabel(panel.y_label)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def _missing(library: str) -> KcoreError:
    return KcoreError(f"--plot needs {library}: pip install 'kcore[plots]'")
