"""From an empty database to the demo organisation with its history, in steps that can be run again.

G1: a start that is interrupted anywhere is completed by the next one; nothing is there twice.
G2: what is there already is kept as it is.
"""

from datetime import datetime, timedelta

import msgspec
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.demo import organization, record
from toktra.demo.budgets import make_budgets
from toktra.demo.fill import fill
from toktra.demo.policies import make_policies
from toktra.demo.record import Record
from toktra.demo.terminal import progress
from toktra.kit.clock import utc_now
from toktra.kit.database import make_sessions
from toktra.kit.settings import Settings

CATCH_UP_AFTER = timedelta(hours=12)


async def prepare(
    engine: AsyncEngine, settings: Settings, console: Console, *, people: int, days: int
) -> Record:
    """The demo organisation, made, filled and given budgets where it is not yet (G1, G2)."""
    known = record.load(settings.data_dir)
    if known is not None:
        async with make_sessions(engine)() as session:
            known = known if await organization.is_there(session, known) else None
    if known is None:
        known = await _make(engine, settings, console, people=people, days=days)
    else:
        _say(
            console,
            f"The demo organisation is here since {known.made_at:%Y-%m-%d %H:%M} UTC. Its data is kept.",
        )
        if (known.people, known.days) != (people, days):
            _say(
                console,
                f"It was made with {known.people} people and {known.days} days, and stays so.",
            )
    filled = await _filled(engine, settings, console, known)
    async with make_sessions(engine).begin() as session:
        if await make_budgets(session, filled, now=utc_now()):
            _say(console, "Budgets and a few requests for exemptions were made.")
        if await make_policies(session, filled, now=utc_now()):
            _say(console, "Policies, risk events and an incident were made.")
    return filled


async def _make(
    engine: AsyncEngine, settings: Settings, console: Console, *, people: int, days: int
) -> Record:
    """The record is written before the commit: a record alone does no harm, a key without one is lost."""
    key, now = settings.require_secret_key(), utc_now()
    async with make_sessions(engine).begin() as session:
        made = await organization.find_again(session, people=people, days=days, secret_key=key, now=now)
        if made is None:
            with progress(f"{people} people and their devices", console) as advance:
                made = await organization.make(
                    session, people=people, days=days, secret_key=key, now=now, advance=advance
                )
        else:
            _say(console, "The demo organisation is here, but its sign-ins were lost: they are made anew.")
        record.save(settings.data_dir, made)
    return made


async def _filled(engine: AsyncEngine, settings: Settings, console: Console, known: Record) -> Record:
    """The first history, or what is missing since (when the demo was off for longer)."""
    if known.filled_until is None:
        title = f"{known.days} days of usage"
        starts_at, ends_at = known.made_at - timedelta(days=known.days), known.made_at
    elif utc_now() - known.filled_until > CATCH_UP_AFTER:
        title = f"Usage since {known.filled_until:%Y-%m-%d}"
        starts_at, ends_at = known.filled_until, utc_now()
    else:
        return known
    return await _fill(engine, settings, console, known, title, starts_at, ends_at)


async def _fill(
    engine: AsyncEngine,
    settings: Settings,
    console: Console,
    known: Record,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Record:
    with progress(title, console) as advance:
        added = await fill(engine, known, starts_at=starts_at, ends_at=ends_at, advance=advance)
    _say(console, f"{added:,} requests added.")
    filled = msgspec.structs.replace(known, filled_until=ends_at)
    record.save(settings.data_dir, filled)
    return filled


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False)
