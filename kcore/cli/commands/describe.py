"""`kcore describe`: one object of a saved state, at length."""

from typing import Annotated

import typer

from kcore.cli.connection import Namespace, State, connect, scope
from kcore.printing.describe import describe as long_form


def describe(
    resource: Annotated[str, typer.Argument(metavar="RESOURCE", help="pod, deployment, node ...")],
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    state: State,
    namespace: Namespace = "default",
) -> int:
    """Show one object of a saved state with its conditions, events and relatives."""
    cluster = connect(state)
    obj = cluster.client.get(resource, name, scope(cluster, resource, namespace))
    typer.echo(long_form(obj, list(cluster.objects()), cluster.now_ns))
    return 0
