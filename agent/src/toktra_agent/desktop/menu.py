"""The tray's menu, as data: made anew from what is known and chosen now.

G1: Privacy Hours are begun and ended here, and their schedule changed, by nobody but who sits here.
G2: what cannot be chosen is shown with the reason, not hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from toktra_agent.core.mode import PersonalLedger
from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.core.windows import Window, parse_window
from toktra_agent.desktop.words import (
    NOTHING_SENT,
    instant_text,
    private_text,
    remaining_text,
    sent_lines,
    standing_text,
)
from toktra_agent.store.choices import Choices
from toktra_agent.store.status import Status

OFFERED = tuple(
    parse_window(text) for text in ("daily 12:00-13:00", "Mon-Fri 18:00-08:00", "Sat,Sun 00:00-24:00")
)
SHOWN_SENT = 10
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the menu. `chooses`: what is chosen by it; without, it only says something."""

    text: str
    chooses: Choices | None = None
    checked: bool | None = None
    items: "tuple[Item, ...]" = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to be shown."""

    status: Status | None
    running: bool
    sent: Sequence[bytes] = ()


def menu(known: Known, choices: Choices, ledger: PersonalLedger, now: datetime) -> tuple[Item, ...]:
    """The whole menu (G1, G2)."""
    status = known.status
    return (
        Item(standing_text(status, known.running, choices, now)),
        Item(remaining_text(status.remaining if status else None)),
        Item(private_text(choices, now)),
        _pause(choices, now),
        Item("Weekly Privacy Hours", items=_schedule(choices)),
        _personal(choices, ledger),
        Item("What is sent", items=_sent(known.sent)),
    )


def _pause(choices: Choices, now: datetime) -> Item:
    """Begin an hour, or end one that was begun."""
    hours = _fresh(choices)
    if hours.until is not None and now < hours.until:
        until = instant_text(hours.until, now, choices)
        return Item(f"End the Privacy Hours until {until}", _with(choices, replace(hours, until=None)))
    if choices.damaged:
        return Item("End Privacy Hours and choose anew", _with(choices, hours))
    return Item("Privacy Hours for the next hour", _with(choices, replace(hours, until=now + HOUR)))


def _schedule(choices: Choices) -> tuple[Item, ...]:
    """Every window that is chosen or offered, to be switched on and off."""
    hours = _fresh(choices)
    windows = (*hours.windows, *(window for window in OFFERED if window not in hours.windows))
    return tuple(_window(choices, hours, window) for window in windows)


def _window(choices: Choices, hours: PrivacyHours, window: Window) -> Item:
    chosen = window in hours.windows
    others = tuple(other for other in hours.windows if other != window)
    windows = others if chosen else (*others, window)
    return Item(str(window), _with(choices, replace(hours, windows=windows)), checked=chosen)


def _personal(choices: Choices, ledger: PersonalLedger) -> Item:
    if choices.mode == "personal":
        return Item("Personal mode", replace(choices, mode="corporate"), checked=True)
    why = ledger.why_not_ready()
    if why is not None:
        return Item("Personal mode", checked=False, items=(Item(why),))
    return Item("Personal mode", replace(choices, mode="personal"), checked=False)


def _sent(bodies: Sequence[bytes]) -> tuple[Item, ...]:
    lines = tuple(Item(line) for line in list(sent_lines(bodies))[:SHOWN_SENT])
    return lines or (Item(NOTHING_SENT),)


def _fresh(choices: Choices) -> PrivacyHours:
    """What is changed: of a damaged file there is nothing to keep."""
    return PrivacyHours(zone=choices.privacy_hours.zone) if choices.damaged else choices.privacy_hours


def _with(choices: Choices, hours: PrivacyHours) -> Choices:
    return replace(choices, privacy_hours=hours, damaged=None)
