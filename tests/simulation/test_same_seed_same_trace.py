"""One seed, one trace: in other processes, under other hash seeds, on either set of kernels."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json, sys
import kcore
from kcore.machinery.frozen import COMPILED

cluster = kcore.Cluster(nodes=4, seed=int(sys.argv[1]))
cluster.apply(sys.argv[2])
settled = cluster.settle().settled
cluster.client.deployments.namespace("bookshop").scale("web", 6)
cluster.settle()
fork = cluster.fork()
fork.fail_node("node-2")
fork.run_for("6m")
print(json.dumps({
    "settled": settled,
    "digest": cluster.trace.digest,
    "fork": fork.trace.digest,
    "actions": len(cluster.trace),
    "compiled": list(COMPILED),
}))
"""


@pytest.fixture(scope="module")
def run(repository):
    manifest = str(repository / "examples" / "bookshop.yaml")

    def once(seed: int, **environment: str) -> dict:
        finished = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(seed), manifest],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(finished.stdout)

    return once


@pytest.mark.slow
def test_hash_seeds_and_kernels_do_not_matter(run) -> None:
    native = os.environ.get("KCORE_PURE", "")
    first = run(1, PYTHONHASHSEED="0", KCORE_PURE=native)
    second = run(1, PYTHONHASHSEED="4711", KCORE_PURE="1")
    assert second["compiled"] == []
    assert first["settled"]
    assert first["actions"] > 500
    for key in ("digest", "fork", "actions"):
        assert first[key] == second[key], f"{key} differs: {first} {second}"


@pytest.mark.slow
def test_another_seed_is_another_run(run) -> None:
    assert run(1, PYTHONHASHSEED="0")["digest"] != run(2, PYTHONHASHSEED="0")["digest"]
