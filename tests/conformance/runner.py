"""Answers every record of a vector folder and counts agreement, topic by topic."""

import json
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tests.conformance import comparison, records
from tests.conformance.catalog import registry_of
from tests.conformance.fidelity import Deviation, allowed
from tests.conformance.registry import Registry, UnsupportedError

SHOWN_COUNT = 3


@dataclass
class Difference:
    """One record whose answer is not upstream's."""

    record: dict
    actual: Any
    lines: list[str]

    def show(self, out: TextIO) -> None:
        """Print it in full."""
        print(f"    {self.record.get('id')}", file=out)
        print(f"      in:       {comparison.text(self.record.get('in'))}", file=out)
        print(f"      expected: {comparison.text(self.record.get('out'))}", file=out)
        print(f"      actual:   {comparison.text(self.actual)}", file=out)
        for line in self.lines:
            print(f"      {line}", file=out)


@dataclass
class Tally:
    """The counts of one topic."""

    records: int = 0
    agree: int = 0
    disagree: int = 0
    unsupported: int = 0
    missing: list[str] = field(default_factory=list)
    first: list[Difference] = field(default_factory=list)

    def to_dict(self) -> dict[str, int]:
        """The counts alone."""
        return {
            "records": self.records,
            "agree": self.agree,
            "disagree": self.disagree,
            "unsupported": self.unsupported,
        }


Report = dict[str, dict[str, Tally]]


def judge(registry: Registry, record: dict, tally: Tally, shown_count: int = SHOWN_COUNT) -> None:
    """Answer one record and count it."""
    tally.records += 1
    implementation = registry.find(record["topic"])
    if implementation is None:
        tally.unsupported += 1
        return
    try:
        given = record if implementation.whole_record else record["in"]
        actual = implementation.answer(given)
    except UnsupportedError as reason:
        tally.unsupported += 1
        if str(reason) not in tally.missing:
            tally.missing.append(str(reason))
        return
    except Exception:
        # A crash is a wrong answer, not the end of the run.
        actual = {"crash": traceback.format_exc(limit=-3)}
    expected, actual = record["out"], comparison.canonical(actual)
    if implementation.only:
        expected = {key: expected[key] for key in implementation.only if key in expected}
    if comparison.same(expected, actual, prune=implementation.prune):
        tally.agree += 1
        return
    tally.disagree += 1
    if len(tally.first) < shown_count:
        if implementation.prune:
            expected, actual = comparison.pruned(expected), comparison.pruned(actual)
        tally.first.append(Difference(record, actual, comparison.differences(expected, actual)))


def run_family(root: Path, family: str) -> dict[str, Tally]:
    """All records of one family."""
    registry = registry_of(family)
    tallies: dict[str, Tally] = {}
    for path in records.files(root / family):
        found = list(records.read(path))
        for prepare in registry.preparations:
            prepare(found)
        for record in found:
            # Some records speak of files beside them.
            record["folder"] = str(path.parent)
            judge(registry, record, tallies.setdefault(record["topic"], Tally()))
    return dict(sorted(tallies.items()))


def run(root: Path, families: Iterable[str]) -> Report:
    """All records of several families."""
    return {family: run_family(root, family) for family in families}


def failures(report: Report, deviations: list[Deviation]) -> list[str]:
    """The topics that differ more often than the fidelity page allows, one line each."""
    return [
        f"{family} {topic}: {tally.disagree} disagree, {tally.unsupported} unsupported"
        for family, topics in report.items()
        for topic, tally in topics.items()
        if tally.disagree + tally.unsupported > allowed(deviations, family, topic)
    ]


def show(report: Report, out: TextIO = sys.stdout) -> None:
    """Print counts and the first differences."""
    for family, topics in report.items():
        print(family, file=out)
        for topic, tally in topics.items():
            counts = f"{tally.agree:>6} agree {tally.disagree:>6} disagree"
            print(f"  {topic:<48}{counts} {tally.unsupported:>6} unsupported", file=out)
            for reason in tally.missing[:SHOWN_COUNT]:
                print(f"    unsupported: {reason}", file=out)
            for difference in tally.first:
                difference.show(out)


def write(report: Report, path: Path) -> None:
    """Write the counts as JSON."""
    counts = {
        family: {topic: tally.to_dict() for topic, tally in topics.items()}
        for family, topics in report.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
