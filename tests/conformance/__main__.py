"""`python -m tests.conformance --vectors DIR [--family NAME] [--topic PATTERN]`.

Exit 1 when a topic differs more often than `docs/reference/fidelity.md` allows.
"""

import argparse
import fnmatch
import sys
from pathlib import Path

from tests.conformance import records, runner
from tests.conformance.fidelity import read_deviations
from tests.conformance.sampling import SAMPLE

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run, print, write `build/conformance.json`, judge."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="folder with one per family")
    parser.add_argument("--family", default="", help="only this family")
    parser.add_argument("--topic", default="*", help="show and judge only these topics")
    parser.add_argument("--output", type=Path, default=REPOSITORY / "build/conformance.json")
    options = parser.parse_args()
    if not options.vectors.is_dir():
        sys.stderr.write(f"no vectors in {options.vectors}: comparing with the sample only\n")
        options.vectors = SAMPLE
    families = [options.family] if options.family else records.families(options.vectors)
    report = runner.run(options.vectors, families)
    report = {
        family: {
            topic: tally
            for topic, tally in topics.items()
            if fnmatch.fnmatchcase(topic, options.topic)
        }
        for family, topics in report.items()
    }
    runner.show(report)
    if options.topic == "*":
        runner.write(report, options.output)
    wrong = runner.failures(report, read_deviations(REPOSITORY / "docs/reference/fidelity.md"))
    for line in wrong:
        sys.stderr.write(f"not allowed: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
