"""Vector files: JSON lines, plain or gzip-compressed, one folder a family."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

SUFFIXES = (".jsonl.gz", ".jsonl")


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
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
