"""How well unusual usage is found: hours of the demo's people, drawn from the real trace, with spikes put in.

A spike multiplies what a user used in an hour. Found by our trigger as it stands by default, and by the mean and
three standard deviations of the same user's hours alike. Whatever is found without a spike counts as false.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from statistics import fmean, pstdev
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from toktra.demo.fill import history_of
from toktra.demo.record import Record
from toktra.demo.rules import Habits, between
from toktra.policies.rules.baseline import LOOKED_AT_DAYS, baseline
from toktra.policies.rules.policy import UnusualUsage

ZONE = ZoneInfo("UTC")
DAYS, TESTED_DAYS, PEOPLE = 90, 28, 200
SPIKES, WILD = 400, 0.02
FACTORS = (5, 10, 20)
SIGMAS = 3
_ALIKE = 4
_END = datetime(2026, 6, 1, tzinfo=UTC)

Hours = dict[datetime, int]
Limit = Callable[[Hours, datetime], dict[int, int] | None]


def run() -> dict[str, Any]:
    """Precision and recall of both, over a clean past and over one with wild hours in it."""
    people = [_hours(habits) for habits in history_of(_record()).values()]
    return {
        "people": len(people),
        "tested_days": TESTED_DAYS,
        "spikes": SPIKES,
        "pasts": {
            name: {str(factor): _measured(people, factor, wild) for factor in FACTORS}
            for name, wild in (("clean", 0.0), ("2% of past hours wild", WILD))
        },
    }


def _record() -> Record:
    return Record(UUID(int=0), api_key="", password="", sign_ins=[], people=PEOPLE, days=DAYS, made_at=_END)


def _hours(habits: Habits) -> Hours:
    hours: defaultdict[datetime, int] = defaultdict(int)
    for draw in between(habits, _END - timedelta(days=DAYS), _END):
        hours[draw.at.replace(minute=0, second=0, microsecond=0)] += draw.input_tokens + draw.output_tokens
    return dict(hours)


def _measured(people: list[Hours], factor: int, wild: float) -> dict[str, dict[str, float]]:
    rng = random.Random(f"{factor}/{wild}")
    since = _END - timedelta(days=TESTED_DAYS)
    past = [
        {at: n * 20 if at < since and rng.random() < wild else n for at, n in one.items()} for one in people
    ]
    tested = [(number, at) for number, one in enumerate(past) for at in one if at >= since]
    spikes = set(rng.sample(tested, SPIKES))
    shown = [
        {at: n * factor if (number, at) in spikes else n for at, n in one.items()}
        for number, one in enumerate(past)
    ]
    return {
        name: _score(_found(shown, since, limit), spikes)
        for name, limit in (("Toktra", _ours), ("mean + 3 sigma", _theirs))
    }


def _found(people: list[Hours], since: datetime, limit: Limit) -> set[tuple[int, datetime]]:
    """Day by day, from what was known before the day, as the trigger does it."""
    found = set()
    for number, hours in enumerate(people):
        for day in (since + timedelta(days=back) for back in range(TESTED_DAYS)):
            start = day - timedelta(days=LOOKED_AT_DAYS)
            known = {at: tokens for at, tokens in hours.items() if start <= at < day}
            limits = limit(known, day)
            if limits is not None:
                found |= {
                    (number, at)
                    for at in (day + timedelta(hours=hour) for hour in range(24))
                    if hours.get(at, 0) >= limits[at.hour]
                }
    return found


def _ours(known: Hours, day: datetime) -> dict[int, int] | None:
    trigger, base = UnusualUsage(), baseline(known.items(), ZONE)
    if base is None:
        return None
    at = (day + timedelta(hours=hour) for hour in range(24))
    return {one.hour: base.limit(one, times=trigger.times, least=trigger.least_tokens) for one in at}


def _theirs(known: Hours, day: datetime) -> dict[int, int] | None:
    """Mean and standard deviation of the hours alike; of all hours where there are few of those."""
    if baseline(known.items(), ZONE) is None:  # as much has to be known as for ours
        return None
    alike: defaultdict[int, list[int]] = defaultdict(list)
    for at, tokens in known.items():
        if at.weekday() == day.weekday():
            alike[at.hour].append(tokens)
    everywhere = list(known.values())
    return {hour: _three_sigma(alike.get(hour, []), everywhere) for hour in range(24)}


def _three_sigma(alike: list[int], everywhere: list[int]) -> int:
    seen = alike if len(alike) >= _ALIKE else everywhere
    return max(UnusualUsage().least_tokens, int(fmean(seen) + SIGMAS * pstdev(seen)))


def _score(found: set[tuple[int, datetime]], spikes: set[tuple[int, datetime]]) -> dict[str, float]:
    right = len(found & spikes)
    return {
        "precision": round(right / max(1, len(found)), 3),
        "recall": round(right / len(spikes), 3),
        "false_a_week": round((len(found) - right) / (TESTED_DAYS / 7), 1),
    }


def rows(measured: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The past, the factor, the method, and its three figures."""
    return [
        (
            past,
            f"x {factor}",
            method,
            f"{one['precision']:.2f}",
            f"{one['recall']:.2f}",
            f"{one['false_a_week']}",
        )
        for past, factors in measured["pasts"].items()
        for factor, methods in factors.items()
        for method, one in methods.items()
    ]
