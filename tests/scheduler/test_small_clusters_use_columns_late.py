"""A small cluster searches as the plugins are written, until so many pods came that numpy pays."""

from kcore.scheduler.options import (
    PACKED_CYCLES_COUNT_MIN,
    PACKED_NODES_COUNT_MIN,
    SchedulerOptions,
)


def test_few_nodes_get_columns_after_many_attempts():
    options = SchedulerOptions()

    assert not options.is_over_columns(1, 0)
    assert not options.is_over_columns(PACKED_NODES_COUNT_MIN - 1, PACKED_CYCLES_COUNT_MIN - 1)
    assert options.is_over_columns(PACKED_NODES_COUNT_MIN, 0)
    assert options.is_over_columns(1, PACKED_CYCLES_COUNT_MIN)


def test_a_choice_is_a_choice():
    assert not SchedulerOptions(engine="readable").is_over_columns(5_000, 10**6)
    assert SchedulerOptions(engine="paranoid").is_over_columns(1, 0)
