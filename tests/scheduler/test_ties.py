"""Which of equal nodes wins is an explicit rule; the heap rule is upstream's container/heap."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.runtime.choice import FairSource, SeededSource
from kcore.scheduler.sampling import TieRule, heap_pick, pick
from kcore.scheduler.score_heap import heap_order

TOTALS = st.lists(st.integers(0, 4), min_size=1, max_size=40)


@given(TOTALS)
def test_the_heap_picks_what_comes_out_first(totals):
    assert heap_pick(totals) == heap_order(totals)[0]


@given(TOTALS)
def test_the_heap_gives_out_everything_by_falling_total(totals):
    order = heap_order(totals)

    assert sorted(order) == list(range(len(totals)))
    drawn = [totals[index] for index in order]
    assert drawn == sorted(totals, reverse=True)


@given(TOTALS, st.sampled_from(TieRule), st.integers(0, 9))
def test_every_rule_picks_one_of_the_best(totals, rule, seed):
    assert totals[pick(totals, rule, SeededSource(seed))] == max(totals)


def test_the_worked_example_of_upstreams_order():
    assert heap_pick([0, 0, 7, 7]) == 3
    assert heap_pick([7] * 8) == 0


def test_random_ties_are_asked_of_the_choice_source():
    choices = FairSource()

    assert [pick([5, 1, 5, 5], TieRule.RANDOM, choices) for _ in range(4)] == [0, 2, 3, 0]
    assert pick([1, 5], TieRule.RANDOM, choices) == 1
