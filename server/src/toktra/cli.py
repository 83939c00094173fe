"""The `toktra` command. One of three composition roots."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated, NoReturn, TypeVar

import msgspec
import psycopg
import typer
import uvicorn
from rich.console import Console
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from toktra import __version__
from toktra.bootstrap import Bootstrapped
from toktra.bootstrap import bootstrap as make_organization
from toktra.budgets.commands import app as budgets
from toktra.compliance.command import verify_audit_log
from toktra.demo.replay import replay
from toktra.demo.run import demo
from toktra.demo.top import top
from toktra.kit import log
from toktra.kit.clock import utc_now
from toktra.kit.database import locate, locate_personal, make_engine, make_sessions
from toktra.kit.errors import Problem
from toktra.kit.settings import Settings, SettingsError, from_environment
from toktra.migrations import migrate as run_migrations
from toktra.personal.storage import migrate as migrate_personal

app = typer.Typer(
    help="Toktra measures an organisation's use of AI and keeps it inside budgets, without reading a prompt.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.command()(replay)
app.command()(top)
app.add_typer(budgets, name="budgets")
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
audit.command("verify")(verify_audit_log)
app.add_typer(audit, name="audit")
T = TypeVar("T")


class Only(StrEnum):
    """A part of the server."""

    PERSONAL = "personal"


def _migrate(settings: Settings, only: Only | None = None) -> None:
    """Both ledgers, or the personal one alone; where that is served elsewhere, it is migrated there."""
    if only is None:
        run_migrations(locate(settings))
    if only is not None or not settings.personal_url:
        migrate_personal(locate_personal(settings)[0])


@app.command()
def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 for every interface.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="Server processes. They share one database.")
    ] = 1,
    only: Annotated[
        Only | None, typer.Option(help="`personal`: the personal ledger alone, with its own database.")
    ] = None,
) -> None:
    """Serve the API and the dashboard. Migrates the database first when it is the embedded one."""
    settings = from_environment()
    if only is None:
        settings.require_secret_key()
    if settings.database_url is None:
        _migrate(settings, only)
    if workers > 1:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="toktra-metrics-"))
    # uvicorn raises the signal again once it has ended; the embedded database is stopped by exiting as usual.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        "toktra.app:create_app" if only is None else "toktra.app:create_personal",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="auto",
        http="httptools",
        access_log=False,
        log_level="warning",
        timeout_keep_alive=75,  # a device asks now and then, and should not connect anew each time
        timeout_graceful_shutdown=25,
        server_header=False,
    )


@app.command()
def worker() -> None:
    """Run jobs and schedules: partitions, retention, lapsed holds, housekeeping."""
    from toktra import worker as jobs

    settings = from_environment()
    settings.require_secret_key()
    log.set_up(settings.log_level)
    asyncio.run(jobs.run(settings))


@app.command()
def migrate(
    only: Annotated[Only | None, typer.Option(help="`personal`: the personal ledger alone.")] = None,
) -> None:
    """Bring the database to this version. Safe to run again."""
    _migrate(from_environment(), only)
    Console(stderr=True).print("The database is up to date.")


@app.command()
def openapi() -> None:
    """Print the API's OpenAPI document as JSON. Needs no settings and no database."""
    from toktra.app import build

    document = build(Settings()).openapi_schema.to_schema()
    text = msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=2)
    sys.stdout.write(text.decode() + "\n")


@app.command()
def bootstrap(
    org: Annotated[str, typer.Option(help="The organisation's name.")],
    email: Annotated[str, typer.Option(help="E-mail of its first owner.")],
    time_zone: Annotated[str, typer.Option(help="IANA time zone, such as Europe/Berlin.")] = "UTC",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make an organisation, its first owner and an API key. The password and the key are shown once."""
    settings = from_environment()
    _migrate(settings)
    made = _in_transaction(
        settings,
        lambda session: make_organization(session, name=org, email=email, time_zone=time_zone, now=utc_now()),
    )
    _show(made, as_json)


def _show(made: Bootstrapped, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(made).decode() + "\n")
        return
    for name, value in msgspec.structs.asdict(made).items():
        sys.stdout.write(f"{name:15} {value}\n")


def _in_transaction(settings: Settings, use_case: Callable[[AsyncSession], Awaitable[T]]) -> T:
    async def run() -> T:
        engine = make_engine(locate(settings).corporate, pool_size=1)
        try:
            async with make_sessions(engine).begin() as session:
                return await use_case(session)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def version(show: bool) -> None:
    """Print the version and end."""
    if show:
        sys.stdout.write(f"toktra {__version__}\n")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Settings are TOKTRA_* environment variables; the documentation lists them."""


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(f"[red]error:[/red] {message}", highlight=False)
    raise SystemExit(2)


def main() -> None:
    """Run a command; what a person can mend is one line, not a traceback."""
    try:
        app()
    except SettingsError as wrong:
        _fail(str(wrong))
    except Problem as problem:
        _fail(problem.message)
    except (psycopg.OperationalError, OperationalError) as unreachable:
        reason = str(getattr(unreachable, "orig", unreachable)).splitlines()[0]
        _fail(f"The database cannot be used: {reason}. Check TOKTRA_DATABASE_URL, and that PostgreSQL runs.")


if __name__ == "__main__":
    main()
