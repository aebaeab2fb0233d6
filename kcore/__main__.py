"""`kcore` and `python -m kcore`: the command line, or what to install for it."""

import sys

try:
    from kcore.cli.main import run
except ModuleNotFoundError as error:
    if error.name != "typer":  # Whoever embeds kcore does without it.
        raise
    sys.exit("kcore: the command line is an extra: pip install 'kcore[cli]'")

if __name__ == "__main__":
    run()
