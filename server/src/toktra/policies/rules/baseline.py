"""What is usual for a user at an hour of the week, out of their own past. Pure.

U1: no word before enough is known: LEAST_DAYS days with use, over LEAST_SPAN_DAYS days.
U2: robust: the usual is a median, of hours alike, so that a few wild hours in the past hide nothing.
U3: an hour that is high for its time of the week and not for the user is not unusual: it is at least twice
    what all but one in twenty of their hours stay under.
U4: an hour with little past of its own leans on the hours beside it and on the user's other working hours.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from zoneinfo import ZoneInfo

LOOKED_AT_DAYS = 56
LEAST_DAYS = 5
LEAST_SPAN_DAYS = 14
_ENOUGH_ALIKE = 4
_HIGH_PERCENT, _WILD, _TIMES_HIGH = 95, 3, 2
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PARTS = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


@dataclass(frozen=True, slots=True)
class Baseline:
    """A user's usual tokens for each hour of the week, in hours in which they use anything."""

    usual: tuple[int, ...]
    """168 numbers, Monday 00:00 first."""
    high: int
    """What all but one in twenty of the user's hours, and all but three, stay under."""

    def limit(self, at: datetime, *, times: int, least: int) -> int:
        """From how many tokens on an hour is unusual; `at`: any instant of it, in the organisation's zone."""
        return max(least, times * self.usual[_slot(at)], _TIMES_HIGH * self.high)


def baseline(hours: Iterable[tuple[datetime, int]], zone: ZoneInfo) -> Baseline | None:
    """Of a user's hours with use, as start and tokens; None where too little is known (U1)."""
    used = [(start.astimezone(zone), tokens) for start, tokens in hours if tokens > 0]
    days = {start.date() for start, _ in used}
    if len(days) < LEAST_DAYS or _span(days) < LEAST_SPAN_DAYS:
        return None
    slots: dict[int, list[int]] = {}
    for start, tokens in used:
        slots.setdefault(_slot(start), []).append(tokens)
    anywhere = sorted(tokens for _, tokens in used)
    return Baseline(tuple(_usual(slot, slots, anywhere) for slot in range(168)), _high(anywhere))


def words(at: datetime, tokens: int, usual: int) -> str:
    """The reason: "11 times the usual Tuesday afternoon"."""
    part = next(name for until, name in _PARTS if at.hour < until)
    return f"{max(1, tokens // max(1, usual))} times the usual {_DAYS[at.weekday()]} {part}"


def usual_at(found: Baseline, at: datetime) -> int:
    """The usual tokens of an hour."""
    return found.usual[_slot(at)]


def _usual(slot: int, slots: Mapping[int, list[int]], anywhere: list[int]) -> int:
    """U2, U4. Never under half of what is usual for the user at any hour."""
    alike = list(slots.get(slot, ()))
    if len(alike) < _ENOUGH_ALIKE:
        for day in range(7):
            for beside in (-1, 0, 1):
                alike += slots.get(day * 24 + (slot % 24 + beside) % 24, ())
    middle = median(anywhere)
    if len(alike) < _ENOUGH_ALIKE:
        return int(middle)
    return int(max(median(alike), middle / 2))


def _high(ordered: Sequence[int]) -> int:
    """U2, U3: the three highest never count, so that a short past with wild hours in it hides nothing."""
    place = min(len(ordered) * _HIGH_PERCENT // 100, len(ordered) - 1 - _WILD)
    return ordered[max(len(ordered) // 2, place)]


def _slot(local: datetime) -> int:
    return local.weekday() * 24 + local.hour


def _span(days: set[date]) -> int:
    return (max(days) - min(days)).days
