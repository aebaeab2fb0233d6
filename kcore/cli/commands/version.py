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


def kcore_version() -> str:
    """The installed version; a source tree that nobody installed has none."""
    try:
        return importlib.metadata.version("kcore")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed: run from its sources)"


def version() -> None:
    """Show the versions of kcore and of the Kubernetes it follows, and how its kernels run."""
    typer.echo(f"kcore {kcore_version()}")
    typer.echo(f"Kubernetes semantics: {KUBERNETES_VERSION}")
    typer.echo(f"Python: {platform.python_version()} ({platform.python_implementation()})")
    typer.echo(f"kernels: {kernels()}")
