"""A replayed trace: readings at every percent, reproducible, and the policies in their order."""

from kcore.replay.comparison import PolicyResult
from kcore.replay.experiment import ARRIVAL_PERCENT, Run, Workload, replay, typical_kinds
from kcore.replay.openb import PodKind, Trace, TraceNode
from kcore.runtime.choice import SeededSource

KINDS = (
    PodKind(4000, 8, 1, 1000, ()),
    PodKind(2000, 4, 1, 460, ()),
    PodKind(16000, 8, 4, 1000, ("V100",)),
    PodKind(3000, 4, 1, 700, ()),
    PodKind(8000, 8, 0, 0, ()),
)
TRACE = Trace(
    tuple(
        TraceNode(
            f"node-{number}", 64_000, 512, 8 if number % 3 else 2, "V100" if number % 2 else "T4"
        )
        for number in range(24)
    ),
    tuple(KINDS[number * number % 5] for number in range(90)),
)


def run(policy: str, seed: int = 1) -> Run:
    """One run of the small trace."""
    return replay(Workload.of(TRACE), policy, SeededSource(seed))


def test_every_percent_of_load_is_read_once() -> None:
    """Allocation never falls and never exceeds what was asked for."""
    readings = run("FGD").readings
    assert [one.arrived_percent for one in readings] == list(range(1, ARRIVAL_PERCENT + 1))
    allocations = [one.gpu_allocation_percent for one in readings]
    assert allocations == sorted(allocations)
    assert all(0 <= one.fragmentation_percent <= 100 for one in readings)
    assert allocations[-1] <= 100


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    """Chance enters through the choices alone."""
    assert run("FGD") == run("FGD")
    assert run("Random") != run("Random", seed=2)


def test_all_policies_meet_the_same_arrivals() -> None:
    """They differ in where pods go, not in which pods come."""
    workload = Workload.of(TRACE)
    assert workload.arrivals(SeededSource(3)) == workload.arrivals(SeededSource(3))
    totals = {(one.placed + one.dropped) for one in map(run, ("Random", "FGD", "BestFit"))}
    assert len(totals) == 1


def test_fragmentation_descent_leaves_less_unusable_than_chance() -> None:
    """The point of the policy, at a load where both still place everything."""
    seeds = range(1, 6)
    means = {
        policy: PolicyResult(policy, [run(policy, seed) for seed in seeds], 0.0).fragmentation(60)
        for policy in ("Random", "FGD")
    }
    assert means["FGD"] < means["Random"]


def test_the_expected_workload_is_the_most_frequent_kinds() -> None:
    """Kinds that differ in memory alone count as one; shares add up to one."""
    kinds = (PodKind(1, 1, 1, 500, ()), PodKind(1, 2, 1, 500, ()), PodKind(9, 1, 1, 900, ()))
    typical = typical_kinds(kinds, [0] * 10 + [1] * 10 + [2])
    assert typical == ((0, 1.0),)
    assert typical_kinds(kinds, [0, 2]) == ((0, 0.5), (2, 0.5))
