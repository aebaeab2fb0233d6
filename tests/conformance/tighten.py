"""`python -m tests.conformance.tighten`: let the fidelity page allow no more than is needed.

Reads the counts of the last whole run (`build/conformance.json`). Numbers on the page only go
down; rows that are no longer needed go away. Topics that differ without a row are printed: a
person writes the row, and the reason.
"""

import fnmatch
import json
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs/reference/fidelity.md"
COUNTS = REPOSITORY / "build/conformance.json"
BEGIN, END = "<!-- conformance -->\n", "<!-- /conformance -->"

Counts = dict[str, dict[str, dict[str, int]]]


def differing(counts: Counts) -> dict[tuple[str, str], int]:
    """(family, topic) -> records that differ or are unsupported; agreeing topics are left out."""
    return {
        (family, topic): tally["disagree"] + tally["unsupported"]
        for family, topics in counts.items()
        for topic, tally in topics.items()
        if tally["disagree"] + tally["unsupported"]
    }


def tightened(rows: list[str], wanted: dict[tuple[str, str], int]) -> Iterator[str]:
    """The rows that are still needed, with the smallest numbers that do."""
    for row in rows:
        family, topic, bound, why = [cell.strip() for cell in row.strip().strip("|").split("|")]
        pattern = topic.strip("`")
        needed = [
            count
            for (other, name), count in wanted.items()
            if other == family and fnmatch.fnmatchcase(name, pattern)
        ]
        if needed:
            smallest = bound if bound == "all" else str(min(int(bound), max(needed)))
            yield f"| {family} | {topic} | {smallest} | {why} |"


def main() -> int:
    """Rewrite the table; 1 when a topic differs without a row."""
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    table, _, after = rest.partition(END)
    head, ruler, *rows = table.strip().splitlines()
    wanted = differing(counts)
    kept = list(tightened(rows, wanted))
    PAGE.write_text(
        before + BEGIN + "\n".join([head, ruler, *kept]) + "\n" + END + after, encoding="utf-8"
    )
    patterns = [[cell.strip(" `") for cell in row.strip().strip("|").split("|")] for row in kept]
    missing = [
        (family, topic, count)
        for (family, topic), count in wanted.items()
        if not any(one[0] == family and fnmatch.fnmatchcase(topic, one[1]) for one in patterns)
    ]
    for family, topic, count in missing:
        print(f"| {family} | `{topic}` | {count} | why? |", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
