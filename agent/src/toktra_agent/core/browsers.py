"""Which program is which browser, and whether a browser's extension covers a host.

X1: while the extension is alive on the device, flows of its own browser to hosts it covers are left to it;
    those of any other program and to any other host are not.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from toktra_wire.hosts import matcher

Browser = Literal["chrome", "chromium", "edge", "firefox"]
ALIVE_FOR: Final = timedelta(seconds=90)

# Longer beginnings first: "chromium" begins with no other, "google chrome helper" with "google chrome".
_PROGRAMS: Final[tuple[tuple[str, Browser], ...]] = (
    ("chromium", "chromium"),
    ("google-chrome", "chrome"),
    ("google chrome", "chrome"),
    ("chrome", "chrome"),
    ("microsoft-edge", "edge"),
    ("microsoft edge", "edge"),
    ("msedge", "edge"),
    ("firefox", "firefox"),
)


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """When a browser's extension was last heard of, and the hosts it covers; a host may have one `*`."""

    at: datetime
    hosts: tuple[str, ...]


def browser_of(application: str | None) -> Browser | None:
    """By the program's name, as systems and packagers write it."""
    name = (application or "").lower()
    return next((browser for start, browser in _PROGRAMS if name.startswith(start)), None)


def alive(sign: SignOfLife | None, now: datetime) -> bool:
    """A sign from the future (the clock was put back) is none."""
    return sign is not None and timedelta() <= now - sign.at < ALIVE_FOR


def covers(sign: SignOfLife | None, host: str, now: datetime) -> bool:
    """X1, for a flow of the sign's browser."""
    if sign is None or not alive(sign, now):
        return False
    return any(matcher(pattern.lower())(host.lower()) for pattern in sign.hosts)
