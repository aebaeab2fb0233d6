"""Small worlds for the scheduler's tests."""

import pytest

import kcore
from kcore.testing.builders import pod


@pytest.fixture
def cluster():
    """Three empty hollow nodes that have announced themselves."""
    cluster = kcore.Cluster(nodes=3, seed=1)
    cluster.settle()
    return cluster


@pytest.fixture
def place(cluster):
    """Create a pod, settle, and return it as it is then."""

    def create_and_settle(name, **fields):
        cluster.apply(pod(name, **fields))
        cluster.settle()
        return cluster.client.get("pods", name, "default")

    return create_and_settle
