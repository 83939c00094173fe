"""Weekly windows of local time, as a person writes them: `Mon-Fri 12:00-13:00`.

H1: a window is half-open; one that ends before it starts goes over midnight, into the day after.
H2: when the clock is changed a window takes its longer reading: from its earliest start to its latest end.
H3: what is printed is read back as the same window.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EXAMPLE = 'Write it like "Mon-Fri 12:00-13:00", "Sat,Sun 00:00-24:00" or "daily 18:00-08:00".'
_MIDNIGHT = 24 * 60
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WORDS = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7), "weekends": range(5, 7)}
_SHAPE = re.compile(r"(?:(\D+?)\s+)?(\d{1,2}):(\d\d)\s*(?:-|–|to)\s*(\d{1,2}):(\d\d)")


class NotAWindow(ValueError):
    """What was written is no window. The message says why and how to write one."""


@dataclass(frozen=True, slots=True)
class Window:
    """Some days of the week (0 is Monday), from one minute of the day to another."""

    days: frozenset[int]
    start: int
    end: int

    def __str__(self) -> str:
        return f"{_days_text(self.days)} {_time_text(self.start)}-{_time_text(self.end)}"

    def end_around(self, now: datetime, zone: tzinfo) -> datetime | None:
        """When the window that `now` is in ends; None outside."""
        nearby = self._between(now, now, zone)
        return next((ends for starts, ends in nearby if starts <= now < ends), None)

    def meets(self, began: datetime, ended: datetime, zone: tzinfo) -> bool:
        """Whether any of this time is in the window. It is always in one that is longer than a week."""
        if ended - began > _WEEK:
            return True
        return any(starts <= ended and began < ends for starts, ends in self._between(began, ended, zone))

    def _between(self, began: datetime, ended: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
        """From the day before to the day after: a change of the clock may pull a window over midnight."""
        first, last = began.astimezone(zone).date() - _DAY, ended.astimezone(zone).date() + _DAY
        over_midnight = _DAY if self.end <= self.start else timedelta()
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            if day.weekday() in self.days:
                starts = min(_instants(day, self.start, zone))
                yield starts, max(_instants(day + over_midnight, self.end, zone))


def parse_window(text: str) -> Window:
    """NotAWindow for what is none."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise NotAWindow(f'"{text}" is not a window of time. {EXAMPLE}')
    days, *times = found.groups()
    start, end = _minute(*times[:2]), _minute(*times[2:])
    if start == _MIDNIGHT:
        raise NotAWindow("A window can end at 24:00 but not start there: start it at 00:00 of the next day.")
    if start == end:
        raise NotAWindow("The window ends when it starts. For a whole day write 00:00-24:00.")
    return Window(frozenset(_WORDS["daily"]) if days is None else _days(days), start, end)


def _minute(hour: str, minute: str) -> int:
    value = int(hour) * 60 + int(minute)
    if int(minute) > 59 or value > _MIDNIGHT:
        raise NotAWindow(f"{hour}:{minute} is no time of day: they go from 00:00 to 24:00.")
    return value


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in re.split(r"[\s,]+", text.strip(" ,").lower()):
        if part in _WORDS:
            found.update(_WORDS[part])
            continue
        first, _, last = part.partition("-")
        begins, ends = _day(first), _day(last or first)
        found.update((begins + step) % 7 for step in range((ends - begins) % 7 + 1))
    return frozenset(found)


def _day(word: str) -> int:
    if re.fullmatch(r"(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?", word) is None:
        raise NotAWindow(f'"{word}" is no day of the week. {EXAMPLE}')
    return DAYS.index(word[:3].capitalize())


def _days_text(days: frozenset[int]) -> str:
    if len(days) == len(DAYS):
        return "daily"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _time_text(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _instants(day: date, minute: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """The two readings of a local time (PEP 495): they differ where the clock skips or repeats it (H2)."""
    days, rest = divmod(minute, _MIDNIGHT)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
