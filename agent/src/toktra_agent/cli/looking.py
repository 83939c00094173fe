"""Commands that only look: what the agent does, what it sent, what is wrong."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
import typer

from toktra_agent.cli import checks
from toktra_agent.cli.saying import CannotBe, say
from toktra_agent.desktop.words import (
    NOTHING_SENT,
    private_text,
    remaining_text,
    sent_lines,
    standing_text,
)
from toktra_agent.store import choices, keys
from toktra_agent.store import status as kept
from toktra_agent.store.choices import Choices
from toktra_agent.store.folder import is_running, locate
from toktra_agent.store.spool_file import Damaged, Unwritable, last_sent
from toktra_agent.store.status import Status

_ANEW: Final = "A running agent sets a damaged one aside and begins a new one."
AsJson = Annotated[bool, typer.Option("--json", help="As JSON, for programs")]


def status(as_json: AsJson = False) -> None:
    """Show what the agent does: contact, what waits, what was dropped and why, the budget."""
    folder, now = locate(), datetime.now(UTC)
    found, running, chosen = kept.read(folder), is_running(folder), choices.load(folder)
    identity = keys.load(folder)
    if as_json:
        say(json.dumps(_as_json(found, running, chosen, now), indent=2))
        return
    say(f"{standing_text(found, running, chosen, now)}.")
    say(f"Enrolled at {identity.server} for {identity.user_email}.")
    say(f"{private_text(chosen, now)}.")
    for line in [] if found is None else _lines(found):
        say(line)


def _lines(found: Status) -> list[str]:
    lines = [f"{remaining_text(found.remaining)}."]
    lines.append(f"Last contact: {found.last_contact_at or 'none yet'}. Waiting to be sent: {found.spooled}.")
    if found.sent:
        lines.append("Sent: " + _counts(found.sent))
    if found.dropped:
        lines.append("Not sent: " + _counts(found.dropped))
    if found.unknown_hosts:
        lines.append(f"Connections that hide their host, not counted: {found.unknown_hosts}")
    return lines


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in sorted(counts.items()))


def _as_json(found: Status | None, running: bool, chosen: Choices, now: datetime) -> dict[str, Any]:
    return {
        "running": running,
        "private": chosen.privacy_hours.covers(now),
        "mode": chosen.mode,
        "agent": None if found is None else msgspec.to_builtins(found),
    }


def sent(as_json: AsJson = False) -> None:
    """Show the last events exactly as they left this device."""
    try:
        bodies = last_sent(locate())
    except (Damaged, Unwritable) as none:
        raise CannotBe(f"The file with the last events cannot be read ({none}). {_ANEW}") from none
    if as_json:
        say(json.dumps([json.loads(body) for body in bodies], indent=2))
        return
    for line in sent_lines(bodies):
        say(line)
    say("With every field: toktra-agent sent --json" if bodies else NOTHING_SENT)


def doctor() -> None:
    """Check what the agent needs, and say what to do where something is missing."""
    found = list(checks.run(locate(), datetime.now(UTC)))
    for check in found:
        say(f"{'ok ' if check.advice is None else 'no '} {check.what}")
        if check.advice is not None:
            say(f"    {check.advice}")
    if any(check.advice is not None for check in found):
        sys.exit(1)
