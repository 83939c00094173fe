"""What is usual: no word too early (U1), robust (U2), nor of what is merely high (U3), leaning (U4)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from toktra.policies.rules.baseline import baseline, usual_at, words

ZONE = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 4, 6, 8, tzinfo=UTC)  # 10 o'clock in Berlin


def mornings(weeks: int, tokens: int) -> list[tuple[datetime, int]]:
    return [(MONDAY + timedelta(weeks=week), tokens) for week in range(weeks)]


def days(many: int, tokens: int, gap: int = 3) -> list[tuple[datetime, int]]:
    return [(MONDAY + timedelta(days=gap * day), tokens) for day in range(many)]


def test_too_few_days_or_too_short_a_time_say_nothing() -> None:
    assert baseline(days(4, 100), ZONE) is None
    assert baseline(days(13, 100, gap=1), ZONE) is None
    assert baseline(days(6, 100), ZONE) is not None
    assert baseline([], ZONE) is None


def test_the_usual_is_of_the_weekday_and_hour() -> None:
    known = baseline([*mornings(8, 9_000), *days(20, 100)], ZONE)
    assert known is not None
    assert usual_at(known, MONDAY.astimezone(ZONE)) == 9_000
    assert usual_at(known, (MONDAY + timedelta(days=1)).astimezone(ZONE)) < 9_000


@given(wild=st.lists(st.integers(10**6, 10**9), max_size=3))
def test_a_few_wild_hours_move_nothing_far(wild: list[int]) -> None:
    """U2."""
    past = [*mornings(8, 1_000), *((MONDAY + timedelta(weeks=9 + n), one) for n, one in enumerate(wild))]
    known = baseline(past, ZONE)
    assert known is not None
    assert usual_at(known, MONDAY.astimezone(ZONE)) == 1_000
    assert known.limit(MONDAY.astimezone(ZONE), times=5, least=0) == 5_000


def test_what_the_user_does_at_other_hours_is_not_unusual() -> None:
    """U3: 10,000 in every eighth hour, so that 12,000 on a quiet morning is nothing, and 20,000 is."""
    busy = [(MONDAY + timedelta(days=day, hours=4), 10_000) for day in range(0, 56, 7)]
    quiet = [(MONDAY + timedelta(days=day), 1_000) for day in range(56)]
    known = baseline([*busy, *quiet], ZONE)
    assert known is not None
    assert known.high == 10_000
    assert known.limit(MONDAY.astimezone(ZONE), times=5, least=0) == 20_000


def test_a_floor_keeps_small_numbers_quiet() -> None:
    known = baseline(days(10, 10), ZONE)
    assert known is not None
    assert known.limit(MONDAY.astimezone(ZONE), times=5, least=20_000) == 20_000


def test_the_reason_is_in_words() -> None:
    at = datetime(2026, 4, 7, 15, tzinfo=ZONE)
    assert words(at, 110_000, 10_000) == "11 times the usual Tuesday afternoon"
    assert words(at.replace(hour=3), 9_999, 0) == "9999 times the usual Tuesday night"
