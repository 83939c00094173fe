"""Privacy Hours: in force when the employee said, for as long as they said (P1, P2)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.privacy_hours import (
    UNTIL_CHOSEN_ANEW,
    NotADuration,
    PrivacyHours,
    parse_duration,
)
from toktra_agent.core.windows import parse_window

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 26, 12, tzinfo=BERLIN)  # a Thursday
LUNCH = parse_window("Mon-Fri 12:00-13:00")
HOUR = timedelta(hours=1)


def test_scheduled_hours_12_to_13_daily_are_in_force_from_12_to_13() -> None:
    """The example of the privacy model."""
    hours = PrivacyHours((parse_window("daily 12:00-13:00"),), zone=BERLIN)
    for day in range(7):
        noon = NOON + timedelta(days=day)
        assert [hours.covers(noon + minutes * timedelta(minutes=1)) for minutes in (-1, 0, 59, 60)] == [
            False,
            True,
            True,
            False,
        ]


def test_a_schedule_follows_the_zone_the_device_is_in() -> None:
    hours = PrivacyHours((LUNCH,), zone=ZoneInfo("Asia/Tokyo"))
    assert not hours.covers(NOON)
    assert hours.covers(datetime(2026, 11, 26, 3, 30, tzinfo=UTC))


def test_for_the_next_hour_ends_after_an_hour() -> None:
    hours = PrivacyHours(until=NOON + HOUR, zone=BERLIN)
    assert hours.covers(NOON)
    assert hours.ends_at(NOON) == NOON + HOUR
    assert not hours.covers(NOON + HOUR)
    assert hours.ends_at(NOON + HOUR) is None


def test_windows_that_meet_end_where_the_last_one_ends() -> None:
    """P2."""
    meeting = (LUNCH, parse_window("Thu 13:00-14:00"), parse_window("Thu 13:30-15:00"))
    assert PrivacyHours(meeting, zone=BERLIN).ends_at(NOON) == NOON + 3 * HOUR
    with_more = PrivacyHours(meeting, until=NOON + 4 * HOUR, zone=BERLIN)
    assert with_more.ends_at(NOON) == NOON + 4 * HOUR
    assert PrivacyHours((LUNCH,), until=NOON + HOUR / 2, zone=BERLIN).ends_at(NOON) == NOON + HOUR


@pytest.mark.parametrize(
    "hours",
    [
        PrivacyHours((parse_window("daily 00:00-24:00"),), zone=BERLIN),
        PrivacyHours(until=UNTIL_CHOSEN_ANEW),
    ],
)
def test_where_no_end_is_in_sight_none_is_said(hours: PrivacyHours) -> None:
    assert hours.covers(NOON)
    assert hours.ends_at(NOON) is None


def test_they_are_in_use_with_a_schedule_or_while_in_force() -> None:
    """P3: this is the whole of what the server may learn."""
    assert PrivacyHours((LUNCH,), zone=BERLIN).in_use(NOON + 5 * HOUR)
    assert PrivacyHours(until=NOON + HOUR).in_use(NOON)
    assert not PrivacyHours(until=NOON + HOUR).in_use(NOON + HOUR)
    assert not PrivacyHours().in_use(NOON)


@given(
    st.lists(st.sampled_from(["Mon-Fri 12:00-13:00", "daily 18:00-08:00", "Sat,Sun 00:00-24:00"])),
    st.sampled_from(["Mon-Fri 12:00-13:00", "Thu 11:00-16:00"]),
    st.integers(0, 7 * 24 * 60),
)
def test_no_window_shortens_another(texts: list[str], another: str, minutes: int) -> None:
    """P2."""
    windows = tuple(parse_window(text) for text in texts)
    now = NOON + timedelta(minutes=minutes)
    before = PrivacyHours(windows, zone=BERLIN)
    after = PrivacyHours((*windows, parse_window(another)), zone=BERLIN)
    assert after.covers(now) or not before.covers(now)
    if (end := before.ends_at(now)) is not None:
        later = after.ends_at(now)
        assert later is None or later >= end


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1h", 60), ("45m", 45), ("90 min", 90), ("2 hours", 120), ("1 HOUR", 60), ("168h", 10_080)],
)
def test_lengths_of_time_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "1", "h", "-1h", "1.5h", "soon", "1h 30m", "0m", "169h", "99999h"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(NotADuration):
        parse_duration(text)


def test_a_time_is_private_when_any_of_it_was() -> None:
    schedule = PrivacyHours((LUNCH,), zone=BERLIN)
    assert schedule.covers_any_of(NOON - HOUR, NOON + 2 * HOUR)
    assert schedule.covers_any_of(NOON + 2 * HOUR, NOON - HOUR)
    assert not schedule.covers_any_of(NOON + HOUR, NOON + 2 * HOUR)
    by_hand = PrivacyHours(until=NOON + HOUR)
    assert by_hand.covers_any_of(NOON + HOUR / 2, NOON + 2 * HOUR)
    assert not by_hand.covers_any_of(NOON + HOUR, NOON + 2 * HOUR)
