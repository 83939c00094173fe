"""P1, P2: periods in five time zones, over month ends, daylight-saving changes and leap days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets.rules import PeriodKind, kind_of, period_at, period_before

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "America/Sao_Paulo"]
DAILY, WEEKLY, MONTHLY = PeriodKind.DAILY, PeriodKind.WEEKLY, PeriodKind.MONTHLY
QUARTERLY, ANNUAL = PeriodKind.QUARTERLY, PeriodKind.ANNUAL

# Kind, an instant in the zone, the period's first day and the next one's.
TABLE = [
    (DAILY, "2026-03-28T23:59:59", "2026-03-28", "2026-03-29"),
    (DAILY, "2026-03-29T12:00:00", "2026-03-29", "2026-03-30"),
    (DAILY, "2026-10-25T12:00:00", "2026-10-25", "2026-10-26"),
    (DAILY, "2024-02-29T00:00:00", "2024-02-29", "2024-03-01"),
    (WEEKLY, "2026-11-22T23:59:59", "2026-11-16", "2026-11-23"),
    (WEEKLY, "2026-11-23T00:00:00", "2026-11-23", "2026-11-30"),
    (WEEKLY, "2025-01-01T12:00:00", "2024-12-30", "2025-01-06"),
    (MONTHLY, "2026-01-31T23:59:59", "2026-01-01", "2026-02-01"),
    (MONTHLY, "2026-02-01T00:00:00", "2026-02-01", "2026-03-01"),
    (MONTHLY, "2024-02-29T23:59:59", "2024-02-01", "2024-03-01"),
    (MONTHLY, "2026-12-31T23:59:59", "2026-12-01", "2027-01-01"),
    (QUARTERLY, "2026-03-31T23:59:59", "2026-01-01", "2026-04-01"),
    (QUARTERLY, "2026-12-31T12:00:00", "2026-10-01", "2027-01-01"),
    (ANNUAL, "2024-02-29T12:00:00", "2024-01-01", "2025-01-01"),
    (ANNUAL, "2026-12-31T23:59:59", "2026-01-01", "2027-01-01"),
]


def midnight(day: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(("kind", "local", "first", "following"), TABLE)
def test_p1_a_period_begins_and_ends_at_midnight_of_the_zone(
    name: str, kind: PeriodKind, local: str, first: str, following: str
) -> None:
    zone = ZoneInfo(name)
    instant = datetime.fromisoformat(local).replace(tzinfo=zone)
    period = period_at(kind, instant, zone)
    assert (period.starts_at, period.ends_at) == (midnight(first, zone), midnight(following, zone))


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-03-30", 24)],
    ids=["spring", "autumn", "plain"],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    period = period_at(DAILY, midnight(day, zone), zone)
    assert period.ends_at - period.starts_at == timedelta(hours=hours)


INSTANTS = st.datetimes(
    datetime(2015, 1, 1),  # noqa: DTZ001 - Hypothesis wants the bounds without a zone
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(st.sampled_from(PeriodKind), INSTANTS, st.sampled_from(ZONES))
def test_p1_periods_follow_each_other_without_a_gap(kind: PeriodKind, instant: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    period = period_at(kind, instant, zone)
    assert period.starts_at <= instant < period.ends_at
    assert period_at(kind, period.ends_at, zone).starts_at == period.ends_at
    assert period_at(kind, period.ends_at - timedelta(microseconds=1), zone) == period
    before = period_before(kind, period.starts_at, zone)
    assert before.ends_at == period.starts_at
    assert period_at(kind, before.starts_at, zone) == before


async def test_p2_postgresql_files_periods_at_the_same_instants(session: AsyncSession) -> None:
    """Over three years by the half day, where the two agree on the days of a zone at all."""
    first = datetime(2024, 1, 1, tzinfo=UTC)
    instants = [first + timedelta(hours=12 * n) for n in range(2 * 365 * 3)]
    asking = text("SELECT date_trunc(:unit, t, :zone) FROM unnest(CAST(:instants AS timestamptz[])) AS t")
    for name in (*ZONES, "Atlantic/Azores"):
        for kind in PeriodKind:
            given = {"unit": kind.unit, "zone": name, "instants": instants}
            filed = list(await session.scalars(asking, given))
            assert filed == [period_at(kind, at, ZoneInfo(name)).starts_at for at in instants], (name, kind)


def test_kinds_have_the_names_that_postgresql_gives_their_spans() -> None:
    assert [kind_of(kind.unit) for kind in PeriodKind] == list(PeriodKind)
