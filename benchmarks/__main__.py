"""`python -m benchmarks [NAME] [--json OUT] [--against FILE]`.

NAME chooses the suites whose file or group contains it (`store`, `fork`); without it all run.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.harness import Results, suites
from benchmarks.tables import comparison, growth_table, headline, results_table


def main() -> int:
    """Run, print, save, compare; 1 when nothing matched or a benchmark failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="part of a suite's name")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results here")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with a baseline")
    parser.add_argument("--quick", action="store_true", help="few rounds: does it run at all?")
    options = parser.parse_args()

    files = suites(options.name)
    if not files:
        print(f"no suite is called like {options.name!r}", file=sys.stderr)
        return 1
    results = Results.measure(files, quick=options.quick)
    print(headline(results))
    print(results_table(results))
    print(growth_table(results))
    if options.json is not None:
        results.write(options.json)
    if options.against is not None:
        print(comparison(results, Results.read(options.against)))
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
