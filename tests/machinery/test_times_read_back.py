"""Times and durations: what is written reads back; dates agree with Python's calendar."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.durations import (
    DurationError,
    format_duration,
    human_duration,
    parse_duration,
    short_human_duration,
)
from kcore.machinery.timestamps import (
    SECOND_NS,
    TimeError,
    civil_date,
    days_since_epoch,
    format_micro_time,
    format_time,
    parse_micro_time,
    parse_time,
)

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
YEAR_10000_S = 253_402_300_800
INSTANTS_S = st.integers(-62_135_596_800, YEAR_10000_S - 1)


@given(st.dates())
def test_days_agree_with_the_calendar(day):
    days = day.toordinal() - EPOCH_ORDINAL

    assert civil_date(days) == (day.year, day.month, day.day)
    assert days_since_epoch(day.year, day.month, day.day) == days


@given(INSTANTS_S, st.integers(0, SECOND_NS - 1))
def test_times_read_back(second, fraction_ns):
    instant_ns = second * SECOND_NS + fraction_ns

    assert parse_time(format_time(instant_ns)) == second * SECOND_NS
    assert parse_micro_time(format_micro_time(instant_ns)) == instant_ns // 1000 * 1000


def test_an_offset_is_subtracted_and_a_fraction_kept():
    assert parse_time("1970-01-01T01:00:00.5+01:00") == SECOND_NS // 2
    assert format_time(parse_time("2024-01-01T00:00:00-23:59")) == "2024-01-01T23:59:00Z"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2023-02-29T00:00:00Z", "day out of range"),
        ("2024-01-01T00:00:60Z", "second out of range"),
        ("2024-01-01 00:00:00Z", 'cannot parse " 00:00:00Z" as "T"'),
        ("2024-01-01T00:00:00", 'cannot parse "" as "Z07:00"'),
        ("2024-01-01T00:00:00Zx", 'extra text: "x"'),
    ],
)
def test_a_bad_time_names_what_is_wrong(text, why):
    with pytest.raises(TimeError) as caught:
        parse_time(text)
    assert why in str(caught.value)


@given(st.text())
def test_any_text_is_a_time_or_refused(text):
    for read in (parse_time, parse_micro_time):
        with suppress(TimeError):
            assert isinstance(read(text), int)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_durations_read_back(duration_ns):
    assert parse_duration(format_duration(duration_ns)) == duration_ns


@pytest.mark.parametrize("text", ["", "1", "1d", "h", "1 h", "9223372036854775808ns"])
def test_a_bad_duration_is_refused(text):
    with pytest.raises(DurationError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "long", "short"),
    [
        (-5, "<invalid>", "<invalid>"),
        (-1, "0s", "0s"),
        (119, "119s", "1m"),
        (303, "5m3s", "5m"),
        (3_600, "60m", "1h"),
        (7 * 3_600 + 120, "7h2m", "7h"),
        (47 * 3_600, "47h", "1d"),
        (50 * 3_600, "2d2h", "2d"),
        (400 * 86_400, "400d", "1y"),
        (800 * 86_400, "2y70d", "2y"),
        (9 * 365 * 86_400, "9y", "9y"),
    ],
)
def test_ages_are_short(seconds, long, short):
    assert human_duration(seconds * SECOND_NS) == long
    assert short_human_duration(seconds * SECOND_NS) == short
