"""Waits before the server is asked again (Y1 to Y3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toktra_agent.core.retry import (
    FIRST_SECONDS,
    LONGEST_ASKED_SECONDS,
    LONGEST_SECONDS,
    asked_seconds,
    wait_seconds,
)

chances = st.floats(0, 1)
failures = st.integers(-1, 10_000)


@given(failures, chances)
def test_without_a_word_a_wait_is_within_five_minutes(failed: int, chance: float) -> None:
    assert 0 <= wait_seconds(failed, 0, chance) <= LONGEST_SECONDS


@given(failures, st.floats(-1e6, 1e9), chances)
def test_no_wait_is_shorter_than_asked_for_nor_without_end(failed: int, asked: float, chance: float) -> None:
    waited = wait_seconds(failed, asked, chance)
    assert min(asked, LONGEST_ASKED_SECONDS) <= waited <= LONGEST_ASKED_SECONDS + LONGEST_SECONDS


@pytest.mark.parametrize(
    ("failed", "most"), [(1, FIRST_SECONDS), (2, 2.0), (3, 4.0), (9, 256.0), (10, 300.0), (99, 300.0)]
)
def test_the_longest_wait_doubles_up_to_five_minutes(failed: int, most: float) -> None:
    assert wait_seconds(failed, 0, 1) == most
    assert wait_seconds(failed, 0, 0.5) == most / 2
    assert wait_seconds(failed, 0, 0) == 0


DATE = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        (None, DATE, 0.0),
        ("", DATE, 0.0),
        ("7", None, 7.0),
        (" 120 ", DATE, 120.0),
        ("9" * 400, DATE, 999_999_999_999.0),
        ("-5", DATE, 0.0),
        ("1.5", DATE, 0.0),
        ("٣", DATE, 0.0),
        ("Wed, 21 Oct 2026 07:29:30 GMT", DATE, 90.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", DATE, 0.0),
        ("Wed, 21 Oct 2026 07:29:30 GMT", None, 0.0),
        ("Wed, 21 Oct 2026 07:29:30 -0000", DATE, 0.0),
        ("soon", DATE, 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_measured_from_the_answers_own(
    retry_after: str | None, date: str | None, seconds: float
) -> None:
    assert asked_seconds(retry_after, date) == seconds


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=40)))
def test_no_header_breaks_the_schedule(retry_after: str, date: str | None) -> None:
    assert asked_seconds(retry_after, date) >= 0
