"""What screens of the agent say: commands and the tray use the same sentences."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from toktra_agent.store.choices import Choices
from toktra_agent.store.status import Remaining, Status
from toktra_wire.event import UsageEvent

NOTHING_SENT = "Nothing has been sent yet."


def tokens_text(tokens: int) -> str:
    """`820 tokens`, `12.4 k tokens`, `1.24 M tokens`: three digits, as the dashboard says it."""
    for size, unit in ((1_000_000_000, " G"), (1_000_000, " M"), (1_000, " k")):
        if tokens >= size:
            whole = tokens / size
            return f"{whole:.{2 if whole < 10 else 1 if whole < 100 else 0}f}{unit} tokens"
    return f"{tokens} tokens"


def instant_text(instant: datetime, now: datetime, choices: Choices) -> str:
    """A time of day, with its day where that is another one; in the device's zone."""
    local, today = instant.astimezone(choices.privacy_hours.zone), now.astimezone(choices.privacy_hours.zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%a %d %b %H:%M}"


def private_text(choices: Choices, now: datetime) -> str:
    """Whether Privacy Hours are in force, and until when."""
    if choices.damaged:
        return "Privacy Hours are in force until you choose anew"
    if not choices.privacy_hours.covers(now):
        return "Privacy Hours are not in force"
    ends = choices.privacy_hours.ends_at(now)
    return f"Privacy Hours until {instant_text(ends, now, choices)}" if ends else "Privacy Hours are in force"


def standing_text(status: Status | None, running: bool, choices: Choices, now: datetime) -> str:
    """What the agent does now, in one sentence."""
    if not running:
        return "The agent is not running"
    if choices.privacy_hours.covers(now):
        return "Private: nothing is captured"
    if status is None or (status.last_contact_at is None and not status.error):
        return "Starting"
    return status.error or "Counting"


def remaining_text(remaining: Remaining | None) -> str:
    """What is left of the tightest budget, as the server last said."""
    if remaining is None:
        return "No budget has been asked about yet"
    if remaining.remaining_tokens is None:
        return "No hard cap stands above you"
    left = f"{tokens_text(remaining.remaining_tokens)} left"
    named = f"{left} in {remaining.budget_name}" if remaining.budget_name else left
    return f"{named}, until {_day(remaining.resets_at)}" if remaining.resets_at else named


def _day(instant: str) -> str:
    try:
        return f"{datetime.fromisoformat(instant):%d %b %H:%M %Z}".strip()
    except ValueError:
        return instant


def sent_lines(bodies: Sequence[bytes]) -> Iterator[str]:
    """Events as they left, newest first, a line each."""
    for body in reversed(bodies):
        try:
            event = msgspec.json.decode(body, type=UsageEvent)
        except msgspec.MsgspecError:
            continue
        estimated = tokens_text(event.estimated_input_tokens + event.estimated_output_tokens)
        yield f"{event.occurred_at:%d %b %H:%M:%S} {event.provider_host}, about {estimated}"


def failure_text(failure: BaseException) -> str:
    """What could not be done, in the one line that the person sees."""
    if not isinstance(failure, OSError):
        return str(failure)
    reason = failure.strerror or type(failure).__name__
    where = f"{failure.filename}: " if failure.filename else ""
    if isinstance(failure, PermissionError):
        return f"{where}{reason}. Check whose file it is, or use administrator rights where a tap needs them."
    return f"{where}{reason}. `toktra-agent doctor` looks for the cause."
