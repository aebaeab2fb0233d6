"""From flags to a cluster: today a saved state, loaded into this process."""

from pathlib import Path
from typing import Annotated

import typer

from kcore.cluster import Cluster

State = Annotated[
    Path,
    typer.Option(
        "--state",
        "-s",
        envvar="KCORE_STATE",
        metavar="FILE",
        help="A state saved by `kcore run --save FILE`.",
    ),
]
Namespace = Annotated[
    str, typer.Option("--namespace", "-n", metavar="NAME", help="The namespace to look into.")
]


def scope(cluster: Cluster, resource: str, namespace: str) -> str:
    """`namespace`, or nothing where the resource knows no namespaces.

    Raises:
        ApiError: 404, no such resource.
    """
    return namespace if cluster.client.resource_info(resource).namespaced else ""


def connect(state: Path) -> Cluster:
    """The cluster of a saved state.

    Raises:
        ManifestError: the file is missing or damaged; names it and the line.
    """
    return Cluster.load(state)
