"""The compiled placement kernel and its twin give the same scores, nodes, devices and errors."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import gpu_placement as twin

compiled = pytest.importorskip(
    "kcore._native.gpu_placement", reason="the compiled kernel was not built"
)

NODES = st.lists(
    st.tuples(st.integers(0, 128_000), st.integers(0, 1024), st.integers(0, 8), st.integers(0, 3)),
    max_size=6,
)
MODELS = st.sampled_from((0, 0, 1, 2, 6))
PODS = st.one_of(
    st.tuples(st.integers(0, 40_000), st.integers(0, 300), st.just(0), st.just(0), MODELS),
    st.tuples(st.integers(0, 40_000), st.integers(0, 300), st.just(1), st.integers(1, 999), MODELS),
    st.tuples(
        st.integers(0, 40_000), st.integers(0, 300), st.integers(1, 8), st.just(1000), MODELS
    ),
)


def attempt(call: Any) -> Any:
    """The result, or the error's type and text."""
    try:
        return call()
    except (ValueError, IndexError) as error:
        return type(error), str(error)


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(twin.POLICIES),
    nodes=NODES,
    pods=st.lists(PODS, min_size=1, max_size=5),
    draws=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99), st.integers(0, 99))),
)
def test_every_placement_agrees(
    policy: str, nodes: list[Any], pods: list[Any], draws: list[tuple[int, int, int]]
) -> None:
    """Scores of all nodes, counts of candidates and devices, what is left and fragmented."""
    typical = [(kind, 1 / len(pods)) for kind in range(len(pods))]
    ours, theirs = (kernel.Placement(policy, nodes, pods, typical) for kernel in (compiled, twin))
    for number, pick, device in draws:
        kind = number % len(pods)
        assert [ours.score(kind, node) for node in range(len(nodes))] == [
            theirs.score(kind, node) for node in range(len(nodes))
        ]
        count = ours.candidates(kind)
        assert count == theirs.candidates(kind)
        if count:
            candidate = pick % count
            choices = ours.device_choices(kind, candidate)
            assert choices == theirs.device_choices(kind, candidate)
            node = ours.place(kind, candidate, device % choices)
            assert node == theirs.place(kind, candidate, device % choices)
            assert ours.left(node) == theirs.left(node)
        assert ours.idle_gpu_milli() == theirs.idle_gpu_milli()
        assert ours.fragmented_gpu_milli() == theirs.fragmented_gpu_milli()
    ours.check_invariants()
    theirs.check_invariants()


@pytest.mark.parametrize(
    ("policy", "nodes", "pods", "typical"),
    [
        ("Best", [], [], []),
        ("FGD", [(-1, 0, 0, 0)], [], []),
        ("FGD", [(1, 0, 9, 0)], [], []),
        ("FGD", [(1, 0, 1, 63)], [], []),
        ("FGD", [], [(1, 1, 2, 500, 0)], []),
        ("FGD", [], [(1, 1, 0, 500, 0)], []),
        ("FGD", [], [(1, 2**31, 0, 0, 0)], []),
        ("FGD", [], [(1, 1, 0, 0, 2**63)], []),
        ("FGD", [], [(1, 1, 0, 0, 0)], [(1, 0.5)]),
        ("FGD", [], [(1, 1, 0, 0, 0)], [(0, 1.5)]),
    ],
)
def test_bad_input_is_refused_in_the_same_words(
    policy: str, nodes: list[Any], pods: list[Any], typical: list[Any]
) -> None:
    """Both refuse, and say why."""
    ours = attempt(lambda: compiled.Placement(policy, nodes, pods, typical))
    assert ours == attempt(lambda: twin.Placement(policy, nodes, pods, typical))
    assert ours[0] is ValueError


def test_a_wrong_candidate_or_kind_is_refused_in_the_same_words() -> None:
    """Nothing is placed then."""
    for kernel in (compiled, twin):
        placement = kernel.Placement("BestFit", [(10, 10, 1, 0)], [(1, 1, 1, 500, 0)])
        assert attempt(lambda: placement.place(0, 1)) == (ValueError, "candidate: 1 of 1")  # noqa: B023
        assert attempt(lambda: placement.place(1, 0)) == (ValueError, "kind: 1 of 1")  # noqa: B023
        assert placement.left(0) == (10, 10, (1000,))
        assert placement.place(0, 0) == 0
        assert placement.left(0) == (9, 9, (500,))
