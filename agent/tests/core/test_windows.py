"""Windows of local time: what is written is what is covered (H1, H2, H3)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from toktra_agent.core.windows import NotAWindow, Window, parse_window

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
APIA = ZoneInfo("Pacific/Apia")

WINDOWS = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(0, 1440),
).filter(lambda window: window.start != window.end)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Mon-Fri 12:00-13:00", "Mon-Fri 12:00-13:00"),
        ("mon-fri 12:00 - 13:00", "Mon-Fri 12:00-13:00"),
        ("12:00-13:00", "daily 12:00-13:00"),
        ("daily 12:00-13:00", "daily 12:00-13:00"),
        ("weekdays 9:05-9:10", "Mon-Fri 09:05-09:10"),
        ("weekend 00:00-24:00", "Sat-Sun 00:00-24:00"),
        ("Sat,Sun 00:00-24:00", "Sat-Sun 00:00-24:00"),
        ("Saturday, sunday 00:00-24:00", "Sat-Sun 00:00-24:00"),
        ("Fri-Mon 22:00-06:00", "Mon,Fri-Sun 22:00-06:00"),
        ("tue thurs 18:00 to 19:00", "Tue,Thu 18:00-19:00"),
        ("  Wed 18:00–19:00 ", "Wed 18:00-19:00"),
    ],
)
def test_windows_are_read_as_people_write_them(text: str, printed: str) -> None:
    assert str(parse_window(text)) == printed


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a window of time"),
        ("lunch", "is not a window of time"),
        ("Mon-Fri", "is not a window of time"),
        ("Mon-Fri 12:00", "is not a window of time"),
        ("Mon-Fri 12:00-13:00 please", "is not a window of time"),
        ("Mun 12:00-13:00", '"mun" is no day of the week'),
        ("Mon-Fri-Sun 12:00-13:00", '"fri-sun" is no day of the week'),
        ("Mon, 12:60-13:00", "12:60 is no time of day"),
        ("Mon 12:00-25:00", "25:00 is no time of day"),
        ("Mon 12:00-24:01", "24:01 is no time of day"),
        ("Mon 12:00-12:00", "ends when it starts"),
        ("Mon 24:00-12:00", "not start there"),
    ],
)
def test_what_is_no_window_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(NotAWindow, match=said):
        parse_window(text)


@given(WINDOWS)
def test_what_is_printed_is_read_back(window: Window) -> None:
    """H3."""
    assert parse_window(str(window)) == window


@given(WINDOWS, INSTANTS, ZONES)
def test_every_local_time_inside_a_window_is_covered(window: Window, now: datetime, name: str) -> None:
    """H1, H2. Near a change of the clock the window may be longer, never shorter."""
    zone = ZoneInfo(name)
    covered = window.end_around(now, zone) is not None
    if _reads_inside(window, now, zone):
        assert covered
    else:
        hour = timedelta(hours=1)
        assume(
            (now - 26 * hour).astimezone(zone).utcoffset() == (now + 26 * hour).astimezone(zone).utcoffset()
        )
        assert not covered


def _reads_inside(window: Window, now: datetime, zone: ZoneInfo) -> bool:
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if window.start < window.end:
        return local.weekday() in window.days and window.start <= minute < window.end
    begun_today = local.weekday() in window.days and minute >= window.start
    return begun_today or ((local.weekday() - 1) % 7 in window.days and minute < window.end)


@settings(suppress_health_check=[HealthCheck.filter_too_much])  # most instants are in no window
@given(WINDOWS, INSTANTS, ZONES)
def test_a_window_s_end_is_not_in_it_and_the_moment_before_is(
    window: Window, now: datetime, name: str
) -> None:
    """H1."""
    end = window.end_around(now, ZoneInfo(name))
    assume(end is not None)
    assert end is not None
    assert now < end
    assert window.end_around(end - timedelta(microseconds=1), ZoneInfo(name)) == end


@pytest.mark.parametrize(
    ("text", "zone", "first", "end"),
    [
        # An ordinary night over midnight, Friday to Saturday.
        ("Fri 22:00-06:00", BERLIN, "2026-11-27T21:00Z", "2026-11-28T05:00Z"),
        # Put back in Berlin on 25 October 2026: 02:00 to 03:00 comes twice.
        ("Sun 02:00-03:00", BERLIN, "2026-10-25T00:00Z", "2026-10-25T02:00Z"),
        ("Sun 01:30-02:30", BERLIN, "2026-10-24T23:30Z", "2026-10-25T01:30Z"),
        ("Sun 02:30-03:30", BERLIN, "2026-10-25T00:30Z", "2026-10-25T02:30Z"),
        ("Sat 22:00-06:00", BERLIN, "2026-10-24T20:00Z", "2026-10-25T05:00Z"),
        # Put forward in New York on 8 March 2026: 02:00 to 03:00 does not come.
        ("Sun 01:00-04:00", NEW_YORK, "2026-03-08T06:00Z", "2026-03-08T08:00Z"),
        ("Sun 01:30-02:30", NEW_YORK, "2026-03-08T06:30Z", "2026-03-08T07:30Z"),
        ("Sun 02:30-03:30", NEW_YORK, "2026-03-08T06:30Z", "2026-03-08T07:30Z"),
        ("Sun 02:15-02:45", NEW_YORK, "2026-03-08T06:15Z", "2026-03-08T07:45Z"),
        # Samoa had no Friday 30 December 2011: its window takes the longer reading, from Thursday.
        ("Fri 12:00-13:00", APIA, "2011-12-29T22:00Z", "2011-12-30T23:00Z"),
    ],
)
def test_a_window_when_the_clock_is_changed(text: str, zone: ZoneInfo, first: str, end: str) -> None:
    """H2: from its earliest start to its latest end."""
    window, starts, ends = parse_window(text), datetime.fromisoformat(first), datetime.fromisoformat(end)
    moment = timedelta(microseconds=1)
    assert window.end_around(starts - moment, zone) is None
    assert window.end_around(starts, zone) == ends
    assert window.end_around(ends - moment, zone) == ends
    assert window.end_around(ends, zone) is None


@given(WINDOWS, INSTANTS, st.integers(0, 10 * 24 * 60), ZONES)
def test_a_window_meets_a_time_when_any_minute_of_it_is_in_the_window(
    window: Window, began: datetime, minutes: int, name: str
) -> None:
    zone = ZoneInfo(name)
    ended = began + timedelta(minutes=minutes)
    looked = [began + step * timedelta(minutes=7) for step in range(minutes // 7 + 1)]
    if any(window.end_around(instant, zone) for instant in (*looked, ended)):
        assert window.meets(began, ended, zone)


@pytest.mark.parametrize(
    ("began", "ended", "met"),
    [
        ("11:30", "11:59", False),
        ("11:30", "12:00", True),
        ("12:30", "12:40", True),
        ("11:00", "14:00", True),
        ("12:59", "15:00", True),
        ("13:00", "15:00", False),
    ],
)
def test_a_window_meets_no_other_time(began: str, ended: str, met: bool) -> None:
    window = parse_window("Thu 12:00-13:00")
    day = [datetime.fromisoformat(f"2026-11-26T{clock}Z") for clock in (began, ended)]
    assert window.meets(day[0], day[1], UTC) is met
    assert window.meets(day[0] - timedelta(days=2), day[1] - timedelta(days=2), UTC) is False
    assert window.meets(day[1], day[1] + timedelta(days=8), UTC) is True
