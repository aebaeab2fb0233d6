"""`kcore get`: objects of a saved state."""

from typing import Annotated

import typer

from kcore.api.catalog import default_scheme
from kcore.cli.connection import Namespace, State, connect, scope
from kcore.cli.output import Format, render
from kcore.cluster import Cluster
from kcore.errors import bad_request
from kcore.machinery.frozen import FrozenMap


def get(  # noqa: PLR0913 - one parameter per option
    resource: Annotated[
        str, typer.Argument(metavar="RESOURCE", help="pods, deploy, svc, deployments.apps, all ...")
    ],
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="One object only.")] = "",
    *,
    state: State,
    namespace: Namespace = "default",
    all_namespaces: Annotated[
        bool, typer.Option("--all-namespaces", "-A", help="Look into every namespace.")
    ] = False,
    selector: Annotated[
        str, typer.Option("--selector", "-l", metavar="LABELS", help="Only with these labels.")
    ] = "",
    output: Annotated[Format, typer.Option("--output", "-o")] = Format.TABLE,
) -> int:
    """Show objects of a saved state, in kubectl's columns."""
    cluster = connect(state)
    if name and all_namespaces:
        raise bad_request("a resource cannot be retrieved by name across all namespaces")
    where = "" if all_namespaces else namespace
    if name:
        objects = [cluster.client.get(resource, name, scope(cluster, resource, where))]
    else:
        objects = _listed(cluster, resource, where, selector)
    if not objects and output in {Format.TABLE, Format.WIDE}:
        typer.echo(
            f"No resources found in {where} namespace." if where else "No resources found",
            err=True,
        )
        return 0
    text = render(
        objects,
        output,
        now_ns=cluster.now_ns,
        with_namespace=all_namespaces,
        single=bool(name),
        definitions=cluster.client.list("customresourcedefinitions"),
    )
    typer.echo(text)
    return 0


def _listed(cluster: Cluster, resource: str, namespace: str, selector: str) -> list[FrozenMap]:
    """Objects of one resource, of several (`pods,svc`), or of the category `all`."""
    words = resource.split(",")
    if resource == "all":
        words = [str(info.group_resource) for info in default_scheme() if "all" in info.categories]
    found: list[FrozenMap] = []
    for word in words:
        found.extend(
            cluster.client.list(word, scope(cluster, word, namespace), label_selector=selector)
        )
    return found
