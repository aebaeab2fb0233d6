"""`python -m tests.conformance.sampling --vectors DIR --family NAME`: the sample a clone carries.

Takes the same number of records of every topic, chosen by a hash of seed and id: the same choice on
every machine, and a stable one when vectors are added.
"""

import argparse
import gzip
import hashlib
import json
from collections import defaultdict
from pathlib import Path

from tests.conformance import records

SAMPLE = Path(__file__).parent / "vectors"
SEED = "kcore"
# Topics that others are useless without are taken whole.
WHOLE_TOPICS = {"jsonpath/document", "etcd-snapshot"}
# Files that records speak of.
BESIDE = "*.db.gz"


def rank(record: dict) -> str:
    """Where a record stands in the draw."""
    return hashlib.sha256(f"{SEED}/{record['id']}".encode()).hexdigest()


def drawn(found: list[dict], per_topic_count: int) -> list[dict]:
    """The records of the sample, in their own order."""
    by_topic = defaultdict(list)
    for record in found:
        by_topic[record["topic"]].append(record)
    chosen = set()
    for topic, members in by_topic.items():
        count = len(members) if topic in WHOLE_TOPICS else per_topic_count
        chosen.update(record["id"] for record in sorted(members, key=rank)[:count])
    return [record for record in found if record["id"] in chosen]


def write(found: list[dict], path: Path) -> None:
    """Write records with keys sorted, compressed without a time stamp."""
    lines = "".join(json.dumps(record, sort_keys=True) + "\n" for record in found)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))


def as_lines(path: Path) -> Path:
    """Where the records of a file stand in the sample, always as lines."""
    if path.name.endswith(records.ARCHIVE):
        return path.with_name(path.name.removesuffix(records.ARCHIVE) + ".jsonl.gz")
    return path


def main() -> None:
    """Draw one family's sample."""
    parser = argparse.ArgumentParser(prog="sampling", description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--family", required=True)
    parser.add_argument("--per-topic", type=int, default=60)
    options = parser.parse_args()
    folder = options.vectors / options.family
    for path in records.files(folder):
        found = drawn(list(records.read(path)), options.per_topic)
        write(found, SAMPLE / options.family / as_lines(path.relative_to(folder)))
    for path in sorted(folder.rglob(BESIDE)):
        copy = SAMPLE / options.family / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
