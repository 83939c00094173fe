"""Hours, days, weeks and months are the organisation's own, over both daylight-saving changes (Q2)."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from toktra.kit.zones import start_of
from toktra_wire.ids import id_at, new_id

MARCH, OCTOBER = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
CHANGES = [
    ("Europe/Berlin", MARCH),
    ("Europe/Berlin", OCTOBER),
    ("Asia/Kolkata", OCTOBER),
    ("Asia/Kathmandu", MARCH),
    ("America/New_York", datetime(2026, 3, 8, 7, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Atlantic/Azores", OCTOBER),
    ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
]
AROUND = st.integers(-13 * 24 * 3600, 20 * 24 * 3600)
NEAR = st.integers(-3 * 3600, 3 * 3600)
PERIODS: dict[str, Callable[[datetime, ZoneInfo], str]] = {
    "hourly": lambda instant, zone: _hour(instant, zone).astimezone(zone).isoformat(),
    "daily": lambda instant, zone: instant.astimezone(zone).date().isoformat(),
    "weekly": lambda instant, zone: _monday(instant.astimezone(zone).date()).isoformat(),
    "monthly": lambda instant, zone: instant.astimezone(zone).strftime("%Y-%m"),
}


def _hour(instant: datetime, zone: ZoneInfo) -> datetime:
    """The hour an instant is in, with the offset that holds at that instant."""
    local = instant.astimezone(zone)
    return instant - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@pytest.fixture(params=CHANGES, ids=lambda change: f"{change[0]} {change[1]:%B}")
async def change(request: pytest.FixtureRequest, make: Any, meter_of: Any, at: Any) -> Any:
    """A meter of an organisation in a zone, the zone, and the instant at which its clocks change."""
    name, instant = request.param
    await at(instant + timedelta(days=21))
    return meter_of(await make(time_zone=name)), ZoneInfo(name), instant


@given(st.data())
@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
async def test_periods_are_what_the_zone_says(
    change: Any, event: Any, clock: Any, data: st.DataObject
) -> None:
    meter, zone, changes_at = change
    offsets = data.draw(st.lists(st.one_of(AROUND, NEAR), min_size=1, max_size=15))
    instants = [changes_at + timedelta(seconds=s) for s in (*offsets, 0, -1, -1800, 1800, -3600, 3600)]
    clock.advance(minutes=1)
    model = f"m-{new_id().hex}"
    sent = [event(id=str(id_at(i)), occurred_at=i.isoformat(), model=model) for i in instants]
    assert (await meter.send(*sent))["accepted"] == len(sent)
    days = {instant.astimezone(zone).date() for instant in instants}
    asked = {"model": model, "start_date": min(days), "end_date": max(days)}
    for period, name in PERIODS.items():
        items = await meter.usage(period=period, **asked)
        counted = {item["period"]: item["total_requests"] for item in items}
        assert counted == Counter(name(instant, zone) for instant in instants), period


async def test_each_day_has_its_own_in_every_answer(change: Any, event: Any) -> None:
    """Three days around the change, asked for one by one: each event is in exactly one."""
    meter, zone, changes_at = change
    middle = changes_at.astimezone(zone).date()
    days = [middle + timedelta(days=n) for n in (-1, 0, 1)]
    first, last = start_of(days[0], zone), start_of(days[-1] + timedelta(days=1), zone)
    minutes = int((last - first).total_seconds()) // 60
    instants = [first + timedelta(minutes=m) for m in range(0, minutes, 20)]
    sent = [event(id=str(id_at(i)), occurred_at=i.isoformat()) for i in instants]
    await meter.send(*sent)
    for day in days:
        expected = sum(instant.astimezone(zone).date() == day for instant in instants)
        asked = {"start_date": day, "end_date": day}
        answers = {
            "hourly": await meter.usage(period="hourly", **asked),
            "daily": await meter.usage(**asked),
            "providers": (await meter.get("/providers", **asked))["providers"],
            "top users": (await meter.get("/top-users", **asked))["users"],
            "top users of a model": (await meter.get("/top-users", model="gpt-4o", **asked))["users"],
        }
        counted = {name: sum(item["total_requests"] for item in items) for name, items in answers.items()}
        assert counted == dict.fromkeys(answers, expected), day


async def test_a_late_event_lands_in_its_own_hour(meter: Any, event: Any, now: datetime) -> None:
    late = now - timedelta(days=9)
    await meter.send(event(occurred_at=late.isoformat()))
    (item,) = await meter.usage(period="hourly")
    assert datetime.fromisoformat(item["starts_at"]) <= late
    assert late - datetime.fromisoformat(item["starts_at"]) < timedelta(hours=1)
