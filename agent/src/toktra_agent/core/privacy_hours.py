"""Privacy Hours: when nothing is captured, not even counted. Chosen by the employee and by nobody else.

P1: they follow from what the employee chose, the instant and the device's time zone; from nothing else.
P2: in force means in force: windows and "for the next hour" add up, none can shorten another.
P3: nothing but whether they are in use ever leaves the device.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from toktra_agent.core.windows import Window

MOST_WINDOWS = 50
LONGEST = timedelta(days=7)
UNTIL_CHOSEN_ANEW = datetime.max.replace(tzinfo=UTC)


class NotADuration(ValueError):
    """What was written is no length of time. The message says how to write one."""


@dataclass(frozen=True, slots=True)
class PrivacyHours:
    """Weekly windows in the device's time zone, and an instant until which they are in force anyway."""

    windows: tuple[Window, ...] = ()
    until: datetime | None = None
    zone: tzinfo = UTC

    def covers(self, now: datetime) -> bool:
        """Whether they are in force at this instant."""
        return self._covered_to(now) is not None

    def covers_any_of(self, began: datetime, ended: datetime) -> bool:
        """Whether they were in force at any instant of this time, both ends with it."""
        began, ended = sorted((began, ended))  # the clock may have been put back meanwhile
        begun = self.until is not None and began < self.until
        return begun or any(window.meets(began, ended, self.zone) for window in self.windows)

    def ends_at(self, now: datetime) -> datetime | None:
        """When they end that are in force now; None where none are, or where no end is in sight."""
        ends, horizon = self._covered_to(now), now + LONGEST + timedelta(days=1)
        while ends is not None and ends < horizon and (later := self._covered_to(ends)) is not None:
            ends = later
        return ends if ends is not None and ends < horizon else None

    def in_use(self, now: datetime) -> bool:
        """Whether there is a schedule, or they are in force now. All that the server may learn (P3)."""
        return bool(self.windows) or self.covers(now)

    def _covered_to(self, now: datetime) -> datetime | None:
        ends = [window.end_around(now, self.zone) for window in self.windows]
        if self.until is not None and now < self.until:
            ends.append(self.until)
        return max((end for end in ends if end is not None), default=None)


def parse_duration(text: str) -> timedelta:
    """`45m`, `1h`, `2 hours`; NotADuration for anything else, and for more than a week."""
    found = re.fullmatch(r"(\d{1,5})\s*(m|min|minutes?|h|hours?)", text.strip().lower())
    if found is None:
        raise NotADuration(f'"{text}" is not a length of time. Write it like "45m" or "2h".')
    number, unit = int(found[1]), found[2]
    length = timedelta(minutes=number * (60 if unit.startswith("h") else 1))
    if not timedelta() < length <= LONGEST:
        raise NotADuration("Choose between 1 minute and 7 days (168h), or add a weekly window.")
    return length
