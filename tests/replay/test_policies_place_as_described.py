"""Each policy on nodes so small that its choice can be worked out by hand."""

import pytest

from kcore.scheduler.gpu_share.placement import POLICIES, Placement

SHARE = (1000, 10, 1, 500, 0)
WHOLE = (1000, 10, 1, 1000, 0)
PLAIN = (1000, 10, 0, 0, 0)


def after(policy: str, *kinds: int) -> list[int]:
    """The nodes that pods of these kinds get: two nodes with 1 and 2 GPUs, first of equals."""
    nodes = [(64_000, 1000, 1, 0), (64_000, 1000, 2, 0)]
    placement = Placement(policy, nodes, [SHARE, WHOLE, PLAIN], [(0, 0.5), (1, 0.5)])
    placed = [placement.place(kind, 0) for kind in kinds]
    placement.check_invariants()
    return placed


@pytest.mark.parametrize(
    ("policy", "kinds", "nodes"),
    [
        # Fuller nodes first: the one with less left, then the only one that can take a whole GPU.
        ("BestFit", (0, 0, 1), [0, 0, 1]),
        # The smallest product of what is left and what is asked: the small node again.
        ("DotProd", (0, 1), [0, 1]),
        # An idle node with fewer GPUs, then the GPU that is shared already, then an idle node.
        ("GpuPacking", (0, 0, 1), [0, 0, 1]),
        # Its own kind of pod is there already.
        ("GpuClustering", (0, 0, 1, 1), [0, 0, 1, 1]),
        # Half a GPU beside half a GPU leaves whole ones whole.
        ("FGD", (0, 0, 1), [0, 0, 1]),
        ("GpuPacking", (2,), [0]),
    ],
)
def test_the_choice_is_the_policys(policy: str, kinds: tuple[int, ...], nodes: list[int]) -> None:
    """Worked out by hand from the rule of each policy."""
    assert after(policy, *kinds) == nodes


@pytest.mark.parametrize("policy", POLICIES)
def test_what_does_not_fit_has_no_candidate(policy: str) -> None:
    """Too few GPUs, too little cpu or memory, the wrong model; nothing is taken then."""
    pods = [(1, 1, 3, 1000, 0), (99_999, 1, 0, 0, 0), (1, 9999, 0, 0, 0), (1, 1, 1, 500, 2)]
    placement = Placement(policy, [(64_000, 1000, 2, 0)], pods)
    assert [placement.candidates(kind) for kind in range(4)] == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="candidate: 0 of 0"):
        placement.place(0, 0)
    assert placement.left(0) == (64_000, 1000, (1000, 1000))


def test_fragmentation_is_what_the_workload_cannot_use() -> None:
    """Half a GPU is lost to pods that want whole ones; all of it to those lacking cpu."""
    placement = Placement("FGD", [(2000, 100, 2, 0)], [SHARE, WHOLE], [(0, 0.25), (1, 0.75)])
    assert placement.fragmented_gpu_milli() == 0.0
    placement.place(0, 0)
    assert placement.fragmented_gpu_milli() == 0.75 * 500
    placement.place(1, 0)  # No cpu is left: neither kind of pod can use the half.
    assert placement.idle_gpu_milli() == 500
    assert placement.fragmented_gpu_milli() == 500.0
