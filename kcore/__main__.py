"""`python -m kcore`: the command line."""

from kcore.cli.main import run

run()
