"""The listed deviations: the `conformance` table of `docs/reference/fidelity.md`.

    <!-- conformance -->
    | Family | Topic | Records that may differ | Why |
    |---|---|---|---|
    | machinery | `hpa/replicas` | all | the calculator is the controller's |
    | strategy | `validate/Pod` | 12 | ... |
    <!-- /conformance -->

A topic may hold `*`. `all` allows any number, a number at most so many; unsupported records count
as differing.
"""

import fnmatch
import math
import re
from dataclasses import dataclass
from pathlib import Path

_TABLE = re.compile(r"<!-- conformance -->(.*?)<!-- /conformance -->", re.DOTALL)


@dataclass(frozen=True)
class Deviation:
    """One row."""

    family: str
    topic: str
    records_max: float
    reason: str


def read_deviations(page: Path) -> list[Deviation]:
    """The rows of every conformance table on the page; none if there is no page yet."""
    if not page.exists():
        return []
    found = []
    for table in _TABLE.findall(page.read_text(encoding="utf-8")):
        for line in table.strip().splitlines()[2:]:
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if len(cells) != 4 or not cells[3]:
                raise ValueError(f"{page}: a row needs family, topic, number and reason: {line}")
            bound = math.inf if cells[2] == "all" else int(cells[2])
            found.append(Deviation(cells[0], cells[1], bound, cells[3]))
    return found


def allowed(deviations: list[Deviation], family: str, topic: str) -> float:
    """How many records of a topic may differ."""
    bounds = [
        one.records_max
        for one in deviations
        if one.family == family and fnmatch.fnmatchcase(topic, one.topic)
    ]
    return max(bounds, default=0)
