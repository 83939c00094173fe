"""The commands of `toktra audit`: results to standard output, progress to standard error."""

import asyncio
import sys
from typing import Annotated

import msgspec
import typer
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import ProgrammingError

from toktra.compliance.verify import Expected, Verdict, verify, written_down
from toktra.kit.database import locate, make_engine
from toktra.kit.settings import Settings, SettingsError, from_environment

Expect = Annotated[
    list[str] | None,
    typer.Option(help="A head that was written down earlier, ORG_ID:SEQ:HASH. Can be given several times."),
]


def verify_audit_log(
    expect: Expect = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Follow every organisation's chain of audit entries. Ends with 1 when one is broken."""
    expected = written_down(expect or [])
    verdicts = asyncio.run(_verify(from_environment(), expected))
    whole = all(verdict.broken is None for verdict in verdicts)
    if as_json:
        answer = {"whole": whole, "organizations": verdicts}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    else:
        sys.stdout.writelines(_line(verdict) + "\n" for verdict in verdicts)
    if not whole:
        raise typer.Exit(1)


async def _verify(settings: Settings, expected: Expected) -> list[Verdict]:
    engine = make_engine(locate(settings).corporate, pool_size=1)
    console = Console(stderr=True)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
            task = bars.add_task("Audit log")
            return await verify(
                engine,
                expected=expected,
                advance=lambda total, more: bars.update(task, total=total, advance=more),
            )
    except ProgrammingError as missing:
        if isinstance(missing.orig, UndefinedTable):
            raise SettingsError("The database has not been migrated: run `toktra migrate`.") from missing
        raise
    finally:
        await engine.dispose()


def _line(verdict: Verdict) -> str:
    """The head comes last in its own form, so that it can be written down and given to --expect."""
    if verdict.broken is not None:
        return f"broken  {verdict.org_id}: {verdict.broken}"
    if verdict.seq == 0:
        return f"whole   {verdict.org_id}: no entry yet"
    return f"whole   {verdict.seq} entries, head {verdict.org_id}:{verdict.seq}:{verdict.hash}"
