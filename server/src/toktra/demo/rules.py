"""The demo's history, drawn from the real trace. Pure: the same habits always draw the same requests.

Sizes are real: each request has the input and output tokens of one request of the trace, drawn together.
The pauses between requests are the trace's too, stretched to one person's pace. The shape of days and weeks,
who uses which model, and how much each person uses, are made up here.

D1: what is drawn for a stretch of time does not depend on how the stretch is cut.
D2: nobody sends a request outside BEGINS to ENDS of their own day.
D3: an id carries its request's instant, and is the same whenever the request is drawn again.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from toktra.demo.trace import Entry
from toktra_wire.ids import unix_milliseconds

BEGINS, ENDS = time(8), time(20)
PAUSE_SECONDS = 75.0
LONGEST_PAUSE_SECONDS = 1200.0
REQUESTS_A_WORKDAY = 23.5
HEAVIEST = 12.0

_WEEKDAYS = (1.0, 1.12, 1.1, 1.05, 0.8, 0.03, 0.02)
_HOURS = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
_HOUR_WEIGHTS = (0.5, 1.0, 1.3, 1.2, 0.6, 0.8, 1.2, 1.2, 1.1, 0.7, 0.3)
_BURST = (1, 2, 3, 5, 8, 13)
_AWAY = 0.07
_ADOPTION_DAYS = 90
_ADOPTION_START = 0.75


class Service(NamedTuple):
    """Where a request goes: host, path and model."""

    host: str
    endpoint: str
    model: str


class Draw(NamedTuple):
    """One request of the history."""

    id: UUID
    at: datetime
    service: Service
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Pool:
    """What is drawn from: the sizes of a trace's requests, and the pauses between them in seconds."""

    sizes: tuple[tuple[int, int], ...]
    pauses: tuple[float, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Pool":
        """The pool of a trace: its pauses stretched to a mean of PAUSE_SECONDS, the longest of them cut."""
        gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(entries)]
        stretch = PAUSE_SECONDS / (fmean(gaps or [0.0]) or PAUSE_SECONDS)
        return cls(
            tuple((entry.input_tokens, entry.output_tokens) for entry in entries),
            tuple(min(gap * stretch, LONGEST_PAUSE_SECONDS) for gap in gaps) or (PAUSE_SECONDS,),
        )

    def size(self, rng: random.Random) -> tuple[int, int]:
        return self.sizes[int(rng.random() * len(self.sizes))]

    def pause(self, rng: random.Random) -> float:
        return self.pauses[int(rng.random() * len(self.pauses))]


@dataclass(frozen=True, slots=True)
class Habits:
    """How one person uses AI. `multiplier` is their use relative to the average person's."""

    seed: str
    zone: ZoneInfo
    pool: Pool
    multiplier: float
    services: tuple[Service, ...]
    weights: tuple[float, ...]
    since: date


def multipliers(rng: random.Random, people: int) -> list[float]:
    """How much each uses: a few a lot, most of them little, one on average."""
    drawn = [min(rng.paretovariate(1.5), HEAVIEST) for _ in range(people)]
    mean = fmean(drawn or [1.0])
    return [one / mean for one in drawn]


def between(habits: Habits, starts_at: datetime, ends_at: datetime) -> Iterator[Draw]:
    """What one person sends from `starts_at` until before `ends_at` (D1)."""
    day, last = starts_at.astimezone(habits.zone).date(), ends_at.astimezone(habits.zone).date()
    while day <= last:
        yield from (draw for draw in on_day(habits, day) if starts_at <= draw.at < ends_at)
        day += timedelta(days=1)


def on_day(habits: Habits, day: date) -> list[Draw]:
    """What one person sends on one of their days: bursts of work until the day's number is reached (D2)."""
    rng = random.Random(f"{habits.seed}/{day.isoformat()}")  # noqa: S311 - repeatable, not secret
    left = _number(habits, day, rng)
    noon = datetime.combine(day, time(12), habits.zone).astimezone(UTC)
    draws: list[Draw] = []
    while left > 0:
        hour = rng.choices(_HOURS, _HOUR_WEIGHTS)[0]
        second = (hour + rng.random() - 12) * 3600
        for _ in range(min(left, rng.choice(_BURST))):
            if second >= (ENDS.hour - 12) * 3600:
                break
            draws.append(_draw(habits, noon + timedelta(seconds=second), rng))
            left -= 1
            second += habits.pool.pause(rng)
    return draws


def _number(habits: Habits, day: date, rng: random.Random) -> int:
    """How many requests a day has, rounded up or down at random so that the mean is kept."""
    if rng.random() < _AWAY:
        return 0
    days_in = min(max((day - habits.since).days / _ADOPTION_DAYS, 0.0), 1.0)
    adoption = _ADOPTION_START + (1 - _ADOPTION_START) * days_in
    mean = REQUESTS_A_WORKDAY * habits.multiplier * _WEEKDAYS[day.weekday()] * adoption
    return int(mean * rng.lognormvariate(0, 0.4) + rng.random())


def _draw(habits: Habits, at: datetime, rng: random.Random) -> Draw:
    service = rng.choices(habits.services, habits.weights)[0]
    return Draw(id_for(at, rng), at, service, *habits.pool.size(rng))


def id_for(at: datetime, rng: random.Random) -> UUID:
    """A UUIDv7 of this instant whose random bits come from `rng` (D3)."""
    bits = rng.getrandbits(74)
    return UUID(
        int=unix_milliseconds(at) << 80 | 0x7 << 76 | bits >> 62 << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    )
