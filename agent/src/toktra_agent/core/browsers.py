"""Which program is which browser, and whether a browser's extension covers a host.

X1: while the extension is alive on the device, flows of its own browser to hosts it covers are left to it;
    those of any other program and to any other host are not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

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
    return sign is not None and alive(sign, now) and _named(host.lower(), sign.hosts)


def _named(host: str, patterns: Iterable[str]) -> bool:
    for pattern in patterns:
        before, star, after = pattern.lower().partition("*")
        fits = host.startswith(before) and host.endswith(after) and len(host) > len(before) + len(after)
        if host == before if not star else fits:
            return True
    return False
