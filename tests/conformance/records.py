"""Vector files: JSON lines, plain or gzip-compressed, one folder a family.

An archive of objects, each in both of its forms (`NAME.json`, `NAME.pb`), is a file of records
too; its `index.json` says what they are.
"""

import base64
import gzip
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

ARCHIVE = ".tar.gz"
SUFFIXES = (".jsonl.gz", ".jsonl", ARCHIVE)


def families(root: Path) -> list[str]:
    """The families with at least one vector file below `root`."""
    return sorted(path.name for path in root.iterdir() if path.is_dir() and files(path))


def files(folder: Path) -> list[Path]:
    """All vector files of a family, in order."""
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name.endswith(SUFFIXES)
    )


def read(path: Path) -> Iterator[dict]:
    """The records of one file."""
    if path.name.endswith(ARCHIVE):
        yield from _objects(path)
        return
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _objects(path: Path) -> Iterator[dict]:
    """One record per object of an archive: both forms go in, and are to come out again."""
    topic = path.name.removesuffix(ARCHIVE)
    index = json.loads(path.with_name("index.json").read_text(encoding="utf-8"))
    with tarfile.open(path) as archive:
        held = {Path(member.name).name: member for member in archive if member.isfile()}
        for row in index:
            name, group = row["name"], row["group"]
            bodies = [archive.extractfile(held[f"{name}.{form}"]).read() for form in ("json", "pb")]
            given = {"json": bodies[0].decode(), "pb": base64.b64encode(bodies[1]).decode()}
            version = f"{group}/{row['version']}" if group else row["version"]
            about = {"apiVersion": version, "kind": row["kind"]}
            identity = f"{path.parent.parent.name}/{topic}/{name}"
            yield {"id": identity, "topic": topic, "in": about | given, "out": given}
