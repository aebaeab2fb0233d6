"""Which start is due, against a walk over every fire time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.cron import (
    CronError,
    earliest_start_ns,
    most_recent,
    next_delay_ns,
    parse_schedule,
)
from kcore.machinery.timestamps import SECOND_NS

HOUR_NS = 3_600 * SECOND_NS
SCHEDULES = st.sampled_from(["* * * * *", "*/7 * * * *", "0 * * * *", "@every 90s"])
INSTANTS = st.integers(1_700_000_000, 1_800_000_000).map(lambda second: second * SECOND_NS)


@settings(max_examples=60)
@given(SCHEDULES, INSTANTS, st.integers(0, 60))
def test_the_due_start_is_the_last_fire_time_until_now(text, earliest_ns, hours):
    schedule = parse_schedule(text)
    now_ns = earliest_ns + hours * HOUR_NS // 10
    fired = []
    instant_ns = schedule.next_after(earliest_ns)
    while instant_ns <= now_ns:
        fired.append(instant_ns)
        instant_ns = schedule.next_after(instant_ns)
    recent = most_recent(schedule, earliest_ns, now_ns)

    assert recent.most_recent_ns == (fired[-1] if fired else None)
    if len(fired) < 2:
        assert recent.missed == "none"
    else:
        assert recent.missed in ("few", "many")


@given(SCHEDULES, INSTANTS)
def test_the_next_look_is_just_after_the_next_start(text, now_ns):
    schedule = parse_schedule(text)

    assert next_delay_ns(schedule, now_ns, now_ns) == (
        schedule.next_after(now_ns) - now_ns + SECOND_NS // 10
    )


def test_many_missed_starts_are_told_from_few():
    schedule = parse_schedule("* * * * *")

    assert most_recent(schedule, 0, 99 * 60 * SECOND_NS).missed == "few"
    assert most_recent(schedule, 0, 102 * 60 * SECOND_NS).missed == "many"


def test_a_schedule_that_never_fires_is_refused_and_not_looked_at_again():
    never = parse_schedule("59 23 31 2 *")

    with pytest.raises(CronError, match="less than 1 second"):
        most_recent(never, 0, HOUR_NS)
    assert next_delay_ns(never, 0, 1_800_000_000 * SECOND_NS) == -(1 << 63)


def test_starts_count_from_the_last_one_but_not_beyond_the_deadline():
    now_ns = 1_000 * SECOND_NS

    assert earliest_start_ns(5, None, None, now_ns) == 5
    assert earliest_start_ns(5, 7, None, now_ns) == 7
    assert earliest_start_ns(5, 7, 10, now_ns) == 990 * SECOND_NS
    assert earliest_start_ns(5, 7, 10_000, now_ns) == 7
