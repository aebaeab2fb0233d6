"""`kcore`: arguments to a command, errors to messages and exit codes.

Exit codes: 0 done (and, for `run`, settled); 1 an error, of the arguments, a file or an object;
2 everything was accepted, but something cannot settle.
"""

import gc
import sys
from collections.abc import Sequence
from typing import Final

import typer
from typer.exceptions import TyperException

from kcore.cli.commands.bench import bench_app
from kcore.cli.commands.describe import describe
from kcore.cli.commands.explain import explain
from kcore.cli.commands.explain_pod import explain_pod
from kcore.cli.commands.export import export
from kcore.cli.commands.get import get
from kcore.cli.commands.import_objects import import_objects
from kcore.cli.commands.replay import replay_app
from kcore.cli.commands.run import run_manifests
from kcore.cli.commands.version import version
from kcore.errors import InvariantError, KcoreError

ERROR: Final = 1

# New objects before the collector looks for cycles, younger passes before it looks at older ones.
# Objects here die by their counts: with CPython's 700 it walks a cluster's objects for nothing.
_COLLECTOR_PACE: Final = (100_000, 10, 10)

app = typer.Typer(
    help="The Kubernetes control plane in memory: run manifests, see what happens.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_manifests)
app.command("get")(get)
app.command("describe")(describe)
app.command("explain")(explain)
app.command("explain-pod")(explain_pod)
app.add_typer(bench_app, name="bench")
app.add_typer(replay_app, name="replay")
app.command("import")(import_objects)
app.command("export")(export)
app.command("version")(version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    A bug in kcore (`InvariantError`) is not caught: its traceback is what a report needs.
    """
    try:
        status = app(list(arguments) if arguments is not None else None, standalone_mode=False)
    except TyperException as error:
        print(f"kcore: {error.format_message()} (see `kcore --help`)", file=sys.stderr)
        return ERROR
    except InvariantError:
        raise
    except KcoreError as error:
        print(f"kcore: {error}", file=sys.stderr)
        return ERROR
    except BrokenPipeError:
        # The reader of a pipe (`| head`) has seen enough.
        sys.stderr.close()
        return 0
    except typer.Abort:
        return ERROR
    return int(status or 0)


def run() -> None:
    """The `kcore` program, which has its process, and so the collector, to itself."""
    gc.freeze()
    gc.set_threshold(*_COLLECTOR_PACE)
    sys.exit(main())
