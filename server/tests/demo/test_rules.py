"""The drawn history (D1 to D3): real sizes, repeatable, within working hours, however it is cut."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toktra.demo import company, rules, trace
from toktra.demo.habits import SERVICES, habits_of
from toktra.demo.rules import Habits, Pool, between, multipliers, on_day
from toktra.metering.catalog import recognize
from toktra_wire.ids import milliseconds_of, unix_milliseconds

POOL = Pool.of(trace.read(trace.find(trace.CODE)))
SIZES = frozenset(POOL.sizes)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Singapore", "Asia/Kolkata", "UTC")
START = datetime(2026, 8, 1, tzinfo=UTC)

habits = st.builds(
    Habits,
    seed=st.text(max_size=8),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    pool=st.sampled_from([POOL, replace(POOL, pauses=(rules.LONGEST_PAUSE_SECONDS,))]),
    multiplier=st.floats(0, 6),
    services=st.just(SERVICES[:3]),
    weights=st.just((5.0, 3.0, 1.0)),
    since=st.just(date(2026, 8, 1)),
)
instants = st.integers(0, 108 * 86_400).map(lambda second: START + timedelta(days=-7, seconds=second))
few = settings(max_examples=40, deadline=None)


@few
@given(habits, st.lists(instants, min_size=2, max_size=4).map(sorted))
def test_d1_the_cuts_do_not_matter(person: Habits, cuts: list[datetime]) -> None:
    whole = list(between(person, cuts[0], cuts[-1]))
    parts = [draw for a, b in pairwise(cuts) for draw in between(person, a, b)]
    assert sorted(parts) == sorted(whole)
    assert all(cuts[0] <= draw.at < cuts[-1] for draw in whole)


@few
@given(habits, instants.map(datetime.date))
def test_d2_nobody_works_outside_their_own_hours(person: Habits, day: date) -> None:
    for draw in on_day(person, day):
        local = draw.at.astimezone(person.zone)
        assert local.date() == day
        assert rules.BEGINS <= local.time() < rules.ENDS


def test_d2_work_that_would_go_on_past_the_end_of_the_day_is_cut() -> None:
    slow = replace(_crowd(1)[0], pool=replace(POOL, pauses=(rules.LONGEST_PAUSE_SECONDS,)), multiplier=5.0)
    times = [
        draw.at.astimezone(slow.zone).time()
        for day in range(1, 29)
        for draw in on_day(slow, date(2026, 9, day))
    ]
    assert max(times) < rules.ENDS
    assert max(times) > time(19, 30)


@few
@given(habits, instants.map(datetime.date))
def test_d3_drawn_again_it_is_the_same(person: Habits, day: date) -> None:
    draws = on_day(person, day)
    assert on_day(replace(person), day) == draws
    assert len({draw.id for draw in draws}) == len(draws)
    assert all(milliseconds_of(draw.id) == unix_milliseconds(draw.at) for draw in draws)


@few
@given(habits, instants.map(datetime.date))
def test_sizes_are_those_of_the_trace_drawn_together(person: Habits, day: date) -> None:
    assert all((draw.input_tokens, draw.output_tokens) in SIZES for draw in on_day(person, day))


@given(st.integers(), st.integers(1, 300))
def test_the_average_person_uses_one(seed: int, people: int) -> None:
    drawn = multipliers(random.Random(seed), people)
    assert len(drawn) == people
    assert sum(drawn) == pytest.approx(people)
    assert min(drawn) > 0


def test_two_people_and_two_days_differ() -> None:
    one, other = _crowd(2)
    day = date(2026, 9, 8)
    assert {draw.id for draw in on_day(one, day)}.isdisjoint(draw.id for draw in on_day(other, day))
    assert _sizes(one, day) != _sizes(one, day + timedelta(days=1))
    assert _sizes(one, day) != _sizes(replace(other, pool=one.pool), day)


def test_d1_a_cut_at_a_request_leaves_it_to_the_later_part() -> None:
    (one,) = _crowd(1)
    draw = on_day(one, date(2026, 9, 8))[0]
    moment = timedelta(microseconds=1)
    assert draw in between(one, draw.at, draw.at + moment)
    assert draw not in between(one, draw.at - moment, draw.at)


def test_weekends_are_quiet_a_few_use_a_lot_and_it_adds_up_to_the_demo() -> None:
    crowd = _crowd(200)
    week = [sum(len(on_day(one, date(2026, 10, day))) for one in crowd) for day in range(5, 12)]
    assert max(week[5:]) < min(week[:5]) / 8
    use = sorted(
        (sum(1 for _ in between(one, START, START + timedelta(days=14))) for one in crowd), reverse=True
    )
    assert sum(use[:20]) > sum(use) / 4
    assert 250_000 < 90 / 14 * sum(use) / _part_of_adoption() < 300_000


def test_pauses_are_the_traces_in_proportion() -> None:
    entries = [trace.Entry(START + timedelta(seconds=second), 1, 1) for second in (0, 1, 4)]
    assert Pool.of(entries).pauses == pytest.approx((rules.PAUSE_SECONDS / 2, rules.PAUSE_SECONDS * 1.5))
    assert Pool.of(entries[:1]).pauses == (rules.PAUSE_SECONDS,)
    assert max(POOL.pauses) <= rules.LONGEST_PAUSE_SECONDS


def test_every_service_is_one_of_four_providers_and_has_a_price() -> None:
    known = [recognize(service.host, service.model) for service in SERVICES]
    assert all(one is not None and one.price is not None for one in known)
    assert {one.provider for one in known if one} == {"openai", "anthropic", "azure", "vertex"}


def _sizes(person: Habits, day: date) -> list[int]:
    return [draw.input_tokens for draw in on_day(person, day)]


def _crowd(people: int) -> Sequence[Habits]:
    pools = {True: POOL, False: Pool.of(trace.read(trace.find(trace.CONVERSATION)))}
    everyone = company.people(max(people, company.FEWEST))
    return habits_of(everyone, pools, seed="demo", since=START.date())[:people]


def _part_of_adoption() -> float:
    """What of the mean of 90 days the first 14 have."""
    first = sum(0.75 + 0.25 * day / 90 for day in range(14)) / 14
    return first / (sum(0.75 + 0.25 * day / 90 for day in range(90)) / 90)
