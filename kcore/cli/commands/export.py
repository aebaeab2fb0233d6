"""`kcore export`: every object of a saved state as JSON lines."""

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kcore.cli.connection import State
from kcore.cluster.saving import load_world
from kcore.store.json_lines import write_lines


def export(
    *,
    state: State,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Instead of standard output."),
    ] = None,
) -> int:
    """Write every object of a saved state, one JSON line each, by resource and name."""
    _, world = load_world(state)
    content = io.BytesIO()
    count = write_lines(world.store, content)
    if out is None:
        sys.stdout.write(content.getvalue().decode())
        return 0
    unfinished = out.with_name(f"{out.name}.unfinished")
    unfinished.write_bytes(content.getvalue())
    os.replace(unfinished, out)
    typer.echo(f"{count} objects in {out}")
    return 0
