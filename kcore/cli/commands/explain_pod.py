"""`kcore explain-pod`: why a pod is, or is not, where it is."""

from typing import Annotated

import typer

from kcore.cli.connection import Namespace, State, connect
from kcore.cli.explanation import render_explanation
from kcore.cli.output import Format


def explain_pod(
    pod: Annotated[str, typer.Argument(metavar="POD")],
    *,
    state: State,
    namespace: Namespace = "default",
    output: Annotated[
        Format, typer.Option("--output", "-o", help="wide adds every plugin; json is for scripts.")
    ] = Format.TABLE,
) -> int:
    """Show each node's verdict on a pod of a saved state, and what would help."""
    cluster = connect(state)
    # A loaded scheduler has seen nothing yet: let it list nodes and pods, without time passing.
    cluster.run_for("0s")
    typer.echo(render_explanation(cluster.explain(pod, namespace), output))
    return 0
