"""A schedule's next fire time against a search of every minute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.cron import CronError, parse_schedule
from kcore.machinery.timestamps import SECOND_NS, civil_date, format_time, parse_time

MINUTE_NS = 60 * SECOND_NS
DAYS_SEARCHED = 8


def field(low, high):
    number = st.integers(low, high)
    pairs = st.tuples(number, number).map(sorted).map(lambda pair: f"{pair[0]}-{pair[1]}")
    return st.one_of(
        st.sampled_from(["*", "*/7", "?"]), number.map(str), pairs, pairs.map(lambda p: f"{p}/3")
    )


def numbers(text, low, high):
    """What a field allows, read by hand."""
    span, _, step = text.partition("/")
    if span in ("*", "?"):
        first, last = low, high
    else:
        first, _, last = span.partition("-")
        first, last = int(first), int(last or (high if step else first))
    return set(range(first, last + 1, int(step or 1)))


def fires(fields, minute_of_epoch):
    day, minute = divmod(minute_of_epoch, 1440)
    _, month, day_of_month = civil_date(day)
    weekday = (day + 4) % 7
    values = (minute % 60, minute // 60, day_of_month, month, weekday)
    bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
    hits = [
        value in numbers(text, *bound)
        for value, text, bound in zip(values, fields, bounds, strict=True)
    ]
    free = any(text in ("*", "?") for text in (fields[2], fields[4]))
    day_hit = hits[2] and hits[4] if free else hits[2] or hits[4]
    return hits[0] and hits[1] and hits[3] and day_hit


@given(
    st.tuples(field(0, 59), field(0, 23), field(1, 31), st.just("*"), field(0, 6)),
    st.integers(0, 4_000_000_000),
)
def test_next_fire_is_the_first_minute_that_matches(fields, start_s):
    found_ns = parse_schedule(" ".join(fields)).next_after(start_s * SECOND_NS)
    first = start_s // 60 + 1
    expected = next(
        (one for one in range(first, first + DAYS_SEARCHED * 1440) if fires(fields, one)), None
    )

    if expected is not None:
        assert found_ns == expected * MINUTE_NS
    else:
        assert found_ns is None or found_ns >= (first + DAYS_SEARCHED * 1440) * MINUTE_NS


def times(text, start, count):
    schedule, found, instant_ns = parse_schedule(text), [], parse_time(start)
    for _ in range(count):
        instant_ns = schedule.next_after(instant_ns)
        found.append(format_time(instant_ns))
    return found


def test_a_repeated_hour_fires_twice_and_a_skipped_one_not():
    autumn = times("TZ=Europe/Berlin 30 2 * * *", "2026-10-24T12:00:00Z", 3)
    spring = times("TZ=Europe/Berlin 30 2 * * *", "2026-03-28T12:00:00Z", 1)

    assert autumn == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"]
    assert spring == ["2026-03-30T00:30:00Z"]


def test_a_day_that_never_comes_has_no_next():
    assert parse_schedule("0 0 31 2 *").next_after(0) is None


def test_every_counts_from_the_question():
    assert times("@every 90s", "2026-01-01T00:00:10.5Z", 2) == [
        "2026-01-01T00:01:40Z",
        "2026-01-01T00:03:10Z",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("* * * *", "expected exactly 5 fields, found 4"),
        ("60 * * * *", r"end of range \(60\) above maximum \(59\): 60"),
        ("* * * * 7", r"end of range \(7\) above maximum \(6\): 7"),
        ("5-1 * * * *", "beyond end of range"),
        ("*/0 * * * *", "step of range should be a positive number"),
        ("@often", "unrecognized descriptor: @often"),
        ("TZ=Mars/Olympus * * * * *", "provided bad location Mars/Olympus"),
        ("", "empty spec string"),
    ],
)
def test_a_bad_schedule_names_the_rule(text, why):
    with pytest.raises(CronError, match=why):
        parse_schedule(text)
