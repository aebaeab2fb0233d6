"""`kcore import`: objects of another cluster into a state that the other commands know."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from kcore.cluster.foreign_sources import import_etcd_snapshot, import_json_lines
from kcore.cluster.importing import Imported
from kcore.cluster.saving import save_world
from kcore.errors import KcoreError

# So many of what was left out are named one by one.
_NAMED_COUNT_MAX = 20


def import_objects(
    lines: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Objects, one JSON line each.")
    ] = None,
    *,
    etcd_snapshot: Annotated[
        Path | None,
        typer.Option("--etcd-snapshot", metavar="FILE", help="What `etcdctl snapshot save` wrote."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="STATE", help="The state to write.")],
    seed: Annotated[int, typer.Option(help="Decides everything open from here on.")] = 1,
    skip_hash_check: Annotated[
        bool,
        typer.Option("--skip-hash-check", help="Take a database file without its SHA-256."),
    ] = False,
) -> int:
    """Make a state of the objects in an etcd snapshot, or in a file of JSON lines.

    A file that is cut off or damaged is refused with the place of the fault; no state is written.
    """
    if (lines is None) == (etcd_snapshot is None):
        raise KcoreError("name either a file of JSON lines or --etcd-snapshot FILE")
    if etcd_snapshot is not None:
        digest_required = not skip_hash_check
        imported = import_etcd_snapshot(etcd_snapshot, digest_required=digest_required, seed=seed)
    else:
        assert lines is not None
        imported = import_json_lines(lines, seed=seed)
    save_world(imported.world, imported.config, out)
    _report(imported, out)
    return 0


def _report(imported: Imported, out: Path) -> None:
    for resource, count in sorted(imported.counts.items()):
        typer.echo(f"{count:>8}  {resource}")
    total = sum(imported.counts.values())
    revision = imported.world.store.revision
    typer.echo(f"{total} objects at revision {revision} in {out}")
    if not imported.left_out:
        return
    typer.echo(f"{len(imported.left_out)} records left out:", err=True)
    reasons = Counter(one.reason for one in imported.left_out)
    for one in imported.left_out[:_NAMED_COUNT_MAX]:
        typer.echo(f"  {one.place}: {one.reason}", err=True)
    if len(imported.left_out) > _NAMED_COUNT_MAX:
        for reason, count in reasons.most_common():
            typer.echo(f"  {count} in all: {reason}", err=True)
