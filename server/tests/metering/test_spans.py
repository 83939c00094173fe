"""Spans of time (S1, S2), beside what PostgreSQL says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.kit.zones import filed_at, start_of
from toktra.metering.spans import Span, cover, months_of

ONE_DAY = timedelta(days=1)
FIRSTS = st.dates(date(2019, 1, 1), date(2031, 12, 31))
ZONES = [
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "America/New_York",
    "Australia/Lord_Howe",
    "Atlantic/Azores",
    "America/Havana",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
]


def days_of(span: Span, first: date) -> list[date]:
    """Every day of a span, by counting."""
    ends = {
        "day": lambda day: day > first,
        "week": lambda day: day > first and day.weekday() == 0,
        "month": lambda day: day.month != first.month,
    }
    days, day = [], first
    while not ends[span](day):
        days.append(day)
        day += ONE_DAY
    return days


@given(FIRSTS, st.integers(0, 900))
def test_a_cover_has_every_day_once_and_none_beside(first: date, more: int) -> None:
    wanted = [first + ONE_DAY * n for n in range(more + 1)]
    parts = cover(first, wanted[-1])
    assert [day for span, start in parts for day in days_of(span, start)] == wanted


@given(FIRSTS, st.integers(0, 900))
def test_weeks_begin_on_mondays_and_months_on_their_first(first: date, more: int) -> None:
    for span, start in cover(first, first + ONE_DAY * more):
        assert span != "week" or start.weekday() == 0
        assert span != "month" or start.day == 1


@given(FIRSTS, st.integers(0, 900))
def test_a_cover_is_short(first: date, more: int) -> None:
    """At both ends up to six days and four weeks beside the months, and six days to the first month."""
    parts = cover(first, first + ONE_DAY * more)
    months = sum(span == "month" for span, _ in parts)
    assert len(parts) - months <= 2 * (6 + 4 + 6)
    assert months >= (more + 1) // 31 - 2


@given(FIRSTS, st.integers(0, 900))
def test_every_whole_month_is_taken_as_one(first: date, more: int) -> None:
    last = first + ONE_DAY * more
    whole = [
        month for month in months_of(first, last) if first <= month and days_of("month", month)[-1] <= last
    ]
    assert [start for span, start in cover(first, last) if span == "month"] == whole


@given(FIRSTS, st.integers(0, 900))
def test_the_months_of_a_range_are_those_of_its_days(first: date, more: int) -> None:
    days = [first + ONE_DAY * n for n in range(more + 1)]
    assert months_of(first, days[-1]) == sorted({day.replace(day=1) for day in days})


def test_nothing_covers_nothing() -> None:
    assert cover(date(2026, 1, 2), date(2026, 1, 1)) == []


@given(FIRSTS, st.sampled_from(ZONES))
def test_days_follow_each_other_without_a_gap(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    begins, ends = start_of(day, zone), start_of(day + ONE_DAY, zone)
    assert timedelta(hours=22) < ends - begins < timedelta(hours=26)
    assert begins.astimezone(zone).date() == day
    assert (begins - timedelta(microseconds=1)).astimezone(zone).date() < day
    assert begins <= filed_at(day, zone) < ends


@pytest.mark.parametrize("zone", ZONES)
async def test_days_weeks_and_months_are_filed_where_postgres_files_them(
    session: AsyncSession, zone: str
) -> None:
    """Every instant of four years, a quarter of an hour apart, around each day's beginning and end."""
    filed = text(
        "SELECT i, date_trunc('day', i, :zone), date_trunc('week', i, :zone), date_trunc('month', i, :zone)"
        " FROM generate_series(CAST(:first AS timestamptz), :last, '1 day') d,"
        " LATERAL (SELECT d + n * interval '15 minutes' AS i FROM generate_series(-8, 8) n) AS instants"
    )
    span = {"first": start_of(date(2025, 1, 1), ZoneInfo(zone)), "last": datetime(2028, 12, 31, tzinfo=UTC)}
    rows = (await session.execute(filed, {"zone": zone, **span})).all()
    assert len(rows) > 20_000
    for instant, day_at, week_at, month_at in rows:
        day = instant.astimezone(ZoneInfo(zone)).date()
        monday = day - timedelta(days=day.weekday())
        expected = [filed_at(first, ZoneInfo(zone)) for first in (day, monday, day.replace(day=1))]
        assert [day_at, week_at, month_at] == expected, instant
