"""Whether a kernel gives back everything it takes."""

import gc
import sys
from collections.abc import Callable, Sequence

_WARM_UPS_COUNT = 100
_WINDOWS_COUNT = 8
_RUNS_COUNT = 20
# What the interpreter keeps by itself; one block a run would be as many as there are runs.
_BLOCKS_COUNT_MAX = _RUNS_COUNT


def assert_everything_is_given_back(run: Callable[[], object], values: Sequence[object]) -> None:
    """Fail if `run` keeps references to `values`, or memory each time.

    Others in this process take and give blocks, too; a leak shows in every window.
    """
    counts = [sys.getrefcount(value) for value in values]
    for _ in range(_WARM_UPS_COUNT):  # The interpreter and the trees keep some memory for later.
        run()
    growths = []
    for _ in range(_WINDOWS_COUNT):
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(_RUNS_COUNT):
            run()
        gc.collect()
        growths.append(sys.getallocatedblocks() - before)
    assert [sys.getrefcount(value) for value in values] == counts
    assert min(growths) < _BLOCKS_COUNT_MAX
