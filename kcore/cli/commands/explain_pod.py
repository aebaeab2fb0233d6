"""`kcore explain-pod`: why a pod is, or is not, where it is."""

from typing import Annotated

import typer

from kcore.cli.connection import Namespace, State, connect


def explain_pod(
    pod: Annotated[str, typer.Argument(metavar="POD")],
    *,
    state: State,
    namespace: Namespace = "default",
) -> int:
    """Show each node's verdict on a pod of a saved state, and what would help."""
    cluster = connect(state)
    # A loaded scheduler has seen nothing yet: let it list nodes and pods, without time passing.
    cluster.run_for("0s")
    typer.echo(str(cluster.explain(pod, namespace)))
    return 0
