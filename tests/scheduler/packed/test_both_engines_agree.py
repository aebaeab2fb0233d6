"""The packed engine finds what the readable path finds: candidates, scores, choice and reasons."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.scheduler.sampling import TieRule
from tests.scheduler.packed import worlds


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=1, max_size=6),
    pods=st.lists(worlds.pods, min_size=1, max_size=8),
    tie_rule=st.sampled_from(TieRule),
)
def test_pods_placed_in_turn(nodes, pods, tie_rule):
    placing = worlds.Placing(nodes, tie_rule=tie_rule)
    for number, fields in enumerate(pods):
        placing.place(worlds.make_pod(number, fields))

    assert placing.engine.searches_count == len(pods), placing.engine.fallbacks
