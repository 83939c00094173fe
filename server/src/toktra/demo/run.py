"""`toktra demo`: database, demo organisation, server, worker and live usage, in one process group."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from toktra.demo import company, record, stage
from toktra.demo.prepare import prepare
from toktra.demo.record import BrokenRecord
from toktra.demo.stage import ChildDied, NotReady, Stage
from toktra.demo.terminal import fail
from toktra.demo.trace import TraceError
from toktra.kit.database import Databases, conninfo, locate, make_engine
from toktra.kit.embedded import forget_ended
from toktra.kit.secrets import Unreadable
from toktra.kit.settings import Settings, from_environment
from toktra.migrations import migrate

_LOCK = "SELECT pg_try_advisory_lock(hashtext('toktra demo'))"
_STOPPED = 130


@dataclass(frozen=True, slots=True)
class _Wanted:
    port: int
    people: int
    days: int
    live: bool


def demo(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The server's port, on this machine only.")
    ] = 8000,
    people: Annotated[
        int, typer.Option(min=company.FEWEST, max=company.MOST, help="People in the demo organisation.")
    ] = 200,
    days: Annotated[int, typer.Option(min=1, max=365, help="Days of history.")] = 90,
    live: Annotated[bool, typer.Option(help="Go on sending usage from a few devices.")] = True,
) -> None:
    """Start everything with a demo organisation: database, server, usage.

    Its requests have real sizes: input and output tokens are drawn from a
    public trace of two Azure LLM services, and so are the pauses between
    requests. The shape of days and weeks, the people and their choice of
    models are made up.

    Data is kept in TOKTRA_DATA_DIR, and a second start keeps it. To begin
    anew, delete that folder.
    """
    console = Console()
    _check_port(port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _start(console, _Wanted(port, people, days, live))
    except KeyboardInterrupt:
        console.print("Stopped. The next start goes on from here.")
        raise typer.Exit(_STOPPED) from None
    except (ChildDied, NotReady) as failed:
        fail(str(failed), status=1)
    except (BrokenRecord, TraceError, Unreadable) as wrong:
        fail(str(wrong))


def _check_port(port: int) -> None:
    """Before anything is done: a server that cannot listen would be noticed only after the history."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as taken:
            fail(f"Port {port} cannot be used: {taken.strerror}. Choose another one with --port.")


def _start(console: Console, wanted: _Wanted) -> None:
    environment = _environment(wanted.port)
    settings = from_environment(environment)
    where = "at TOKTRA_DATABASE_URL" if settings.database_url else f"in {settings.data_dir}"
    console.print(
        f"The database {where} is started and brought to this version.", soft_wrap=True, highlight=False
    )
    databases = locate(settings)
    try:
        migrate(databases)
        with _alone(databases):
            asyncio.run(_run(console, settings, databases, environment, wanted))
    finally:
        forget_ended(settings.data_dir)


def _environment(port: int) -> dict[str, str]:
    """The variables of the server and the worker: those given, and what only a demo makes up."""
    data_dir = Path(os.environ.get("TOKTRA_DATA_DIR") or ".toktra").expanduser().resolve()
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        secret_key = os.environ.get("TOKTRA_SECRET_KEY") or record.secret_key(data_dir)
    except OSError as wrong:
        fail(f"The data folder {data_dir} cannot be used: {wrong.strerror}. Set TOKTRA_DATA_DIR.")
    return {
        **os.environ,
        "TOKTRA_DATA_DIR": str(data_dir),
        "TOKTRA_SECRET_KEY": secret_key,
        "TOKTRA_PUBLIC_URL": os.environ.get("TOKTRA_PUBLIC_URL") or f"http://localhost:{port}",
    }


@contextmanager
def _alone(databases: Databases) -> Iterator[None]:
    """Two demos on one database would fill it at the same time."""
    with psycopg.connect(conninfo(databases.corporate), autocommit=True) as connection:
        (granted,) = connection.execute(_LOCK).fetchone() or (False,)
        if not granted:
            fail("Another `toktra demo` runs on this data. Stop it first, or set another TOKTRA_DATA_DIR.")
        yield


async def _run(
    console: Console,
    settings: Settings,
    databases: Databases,
    environment: dict[str, str],
    wanted: _Wanted,
) -> None:
    this = asyncio.current_task()
    assert this is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, this.cancel)
    engine = make_engine(databases.corporate, pool_size=5)
    try:
        known = await prepare(engine, settings, console, people=wanted.people, days=wanted.days)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        await engine.dispose()
    running = Stage(known, environment, settings.data_dir, wanted.port, settings.public_url, wanted.live)
    try:
        await stage.run(running, console)
    except asyncio.CancelledError:
        console.print(
            "Stopped. The data is kept; `toktra demo` starts it again.", soft_wrap=True, highlight=False
        )
