"""`kcore version`: which kcore, which Kubernetes, and which kernels run."""

import importlib.metadata
import platform
from typing import Final

import typer

from kcore.machinery import frozen

KUBERNETES_VERSION: Final = "v1.37.2"


def kernels() -> str:
    """One line about the kernels of this process."""
    compiled = ", ".join(frozen.COMPILED)
    if compiled:
        return f"compiled ({compiled})"
    return "pure Python (same results, slower; a C compiler at install time gives the fast ones)"


def version() -> None:
    """Show the versions of kcore and of the Kubernetes it follows, and how its kernels run."""
    typer.echo(f"kcore {importlib.metadata.version('kcore')}")
    typer.echo(f"Kubernetes semantics: {KUBERNETES_VERSION}")
    typer.echo(f"Python: {platform.python_version()} ({platform.python_implementation()})")
    typer.echo(f"kernels: {kernels()}")
