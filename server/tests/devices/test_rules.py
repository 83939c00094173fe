"""Rules of devices: V1 (status) and V2 (times of a proof)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from toktra.devices.rules import (
    CLOCK_LEEWAY,
    LONGEST_PROOF,
    SEEN_EVERY,
    SILENT_AFTER,
    Status,
    in_time,
    is_silent,
    status_of,
    worth_noting,
)

NOW = datetime(2026, 3, 4, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)
instants = st.integers(-500_000, 500_000).map(lambda minutes: NOW + timedelta(minutes=minutes))
maybe = st.none() | instants


@given(revoked_at=instants, ends=maybe, now=instants)
def test_revoked_is_revoked_whatever_the_certificate_says(
    revoked_at: datetime, ends: datetime | None, now: datetime
) -> None:
    assert status_of(revoked_at=revoked_at, certificate_not_after=ends, now=now) is Status.REVOKED


@given(now=instants)
def test_without_a_certificate_a_device_is_pending(now: datetime) -> None:
    assert status_of(revoked_at=None, certificate_not_after=None, now=now) is Status.PENDING


@given(ends=instants, now=instants)
def test_a_certificate_is_good_until_just_before_its_end(ends: datetime, now: datetime) -> None:
    status = status_of(revoked_at=None, certificate_not_after=ends, now=now)
    assert status is (Status.ENROLLED if now < ends else Status.EXPIRED)
    assert status_of(revoked_at=None, certificate_not_after=now, now=now) is Status.EXPIRED


def test_silence_begins_after_a_day_and_only_enrolled_devices_are_silent() -> None:
    assert not is_silent(Status.ENROLLED, NOW - SILENT_AFTER + SECOND, NOW)
    assert is_silent(Status.ENROLLED, NOW - SILENT_AFTER, NOW)
    assert is_silent(Status.ENROLLED, None, NOW)
    for status in (Status.PENDING, Status.REVOKED, Status.EXPIRED):
        assert not is_silent(status, None, NOW)


def test_a_sign_of_life_is_noted_at_most_once_a_minute() -> None:
    assert worth_noting(None, NOW)
    assert worth_noting(NOW - SEEN_EVERY - SECOND, NOW)
    assert not worth_noting(NOW - SEEN_EVERY, NOW)


def after(offset: timedelta) -> float:
    return (NOW + offset).timestamp()


def test_exp_must_be_ahead_give_or_take_the_leeway() -> None:
    assert in_time(NOW, exp=after(SECOND - CLOCK_LEEWAY))
    assert not in_time(NOW, exp=after(-CLOCK_LEEWAY))


def test_exp_must_be_at_most_five_minutes_ahead() -> None:
    assert in_time(NOW, exp=after(LONGEST_PROOF + CLOCK_LEEWAY))
    assert not in_time(NOW, exp=after(LONGEST_PROOF + CLOCK_LEEWAY + SECOND))


def test_iat_and_nbf_must_not_be_in_the_future() -> None:
    good, late = after(CLOCK_LEEWAY), after(CLOCK_LEEWAY + SECOND)
    assert in_time(NOW, exp=after(SECOND), iat=good, nbf=good)
    assert not in_time(NOW, exp=after(SECOND), iat=late, nbf=good)
    assert not in_time(NOW, exp=after(SECOND), iat=good, nbf=late)


@given(exp=st.integers() | st.floats(allow_nan=False))
def test_no_number_is_too_absurd_to_judge(exp: float) -> None:
    assert in_time(NOW, exp=exp) == (after(-CLOCK_LEEWAY) < exp <= after(LONGEST_PROOF + CLOCK_LEEWAY))
