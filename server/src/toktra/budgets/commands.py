"""`toktra budgets recount`: the counters are caches, and can be made anew."""

import asyncio
import sys
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select

from toktra.budgets.ledger.recount import Difference, recount
from toktra.budgets.model import Budget
from toktra.kit.clock import utc_now
from toktra.kit.database import locate, make_engine, make_sessions, raw_connection
from toktra.kit.settings import Settings, from_environment

app = typer.Typer(help="Budgets, as an operator sees them.", no_args_is_help=True)


@app.callback()
def budgets() -> None:
    """Budgets, as an operator sees them."""


@app.command("recount")
def recount_budgets(
    org: Annotated[UUID | None, typer.Option(help="Only this organisation, by its id.")] = None,
    mend: Annotated[bool, typer.Option(help="Correct what differs, or only say it.")] = True,
) -> None:
    """Make used, held and rolled over anew from events and holds.

    Says what differed; finds nothing when all is well. New usage waits while
    an organisation is recounted: run it when little is going on.
    Ends with status 1 when something differed.
    """
    found = asyncio.run(_recount(from_environment(), org, mend))
    if not found:
        Console().print("All counters say what events and holds say.")
        return
    Console().print(_table(found, mend))
    sys.exit(1)


async def _recount(settings: Settings, org: UUID | None, mend: bool) -> list[Difference]:
    engine = make_engine(locate(settings).corporate, pool_size=2)
    found: list[Difference] = []
    try:
        async with make_sessions(engine)() as session:
            every = set(await session.scalars(select(Budget.org_id).distinct()))
        for org_id in track(
            sorted(every if org is None else {org}), "Recounting", console=Console(stderr=True)
        ):
            async with raw_connection(engine) as connection, connection.transaction():
                await connection.execute("SET LOCAL statement_timeout = '15min'")
                kept_since = utc_now() - timedelta(days=settings.retention_days)
                found += await recount(
                    connection, org_id=org_id, now=utc_now(), kept_since=kept_since, mend=mend
                )
    finally:
        await engine.dispose()
    return found


def _table(found: list[Difference], mend: bool) -> Table:
    table = Table(title="Counters that differed" + (", corrected" if mend else ""), title_justify="left")
    for heading in ("budget", "period from", "counter"):
        table.add_column(heading)
    for heading in ("was", "should be"):
        table.add_column(heading, justify="right")
    for one in found:
        table.add_row(
            one.budget, f"{one.starts_at:%Y-%m-%d}", one.counter, f"{one.was:,}", f"{one.should_be:,}"
        )
    return table
