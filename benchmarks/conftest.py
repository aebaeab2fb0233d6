"""What every suite shares: settled worlds, built once per run."""

import pytest

import kcore
from benchmarks.worlds import bookshop, crowd


@pytest.fixture(scope="session")
def settled_bookshop() -> kcore.Cluster:
    """The example application on five nodes. Do not change it: fork it."""
    return bookshop()


@pytest.fixture(scope="session")
def settled_crowds() -> dict[int, kcore.Cluster]:
    """Clusters by number of pods: 100 and 1000. Do not change them: fork them."""
    return {count: crowd(count, nodes=max(10, count // 10)) for count in (100, 1000)}
