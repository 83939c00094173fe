"""The demo while it runs: server and worker as children, live usage beside them, until it is stopped.

K2: a child that dies ends the demo, and is named with the end of its log.
"""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.text import Text

from toktra.demo import children
from toktra.demo.children import Child
from toktra.demo.fill import history_of
from toktra.demo.live import keep_sending
from toktra.demo.record import Record

READY_SECONDS = 60


class ChildDied(Exception):
    """A child ended that should not; the message says which and shows its log."""

    def __init__(self, child: Child) -> None:
        log = children.end_of_log(child) or "(its log is empty)"
        super().__init__(f"the {child.name} has ended ({child.process.returncode}). From {child.log}:\n{log}")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo runs with."""

    record: Record
    environment: Mapping[str, str]
    data_dir: Path
    port: int
    public_url: str
    live: bool

    @property
    def url(self) -> str:
        """The server as this machine reaches it."""
        return f"http://127.0.0.1:{self.port}"


async def run(stage: Stage, console: Console) -> None:
    """Run until cancelled; ChildDied when a child ends before (K2). Children are ended in every case."""
    started: list[Child] = []
    try:
        for name, arguments in (("server", ("serve", "--port", str(stage.port))), ("worker", ("worker",))):
            command = (sys.executable, "-m", "toktra.cli", *arguments)
            log = stage.data_dir / "logs" / f"{name}.log"
            started.append(await children.start(name, command, log=log, environment=stage.environment))
        await _while_alive(started, _ready(stage.url))
        _show(stage, console)
        await _while_alive(started, _play(stage, console))
    finally:
        _ignore_signals()
        console.print("Stopping server and worker.", soft_wrap=True)
        for name in await children.end(started):
            console.print(
                f"The {name} did not end in {children.END_SECONDS} s and was killed.", soft_wrap=True
            )


async def _while_alive(started: Sequence[Child], work: Coroutine[Any, Any, None]) -> None:
    """Do this until it is done; ChildDied when a child ends first."""
    working, dying = asyncio.create_task(work), asyncio.create_task(children.first_to_die(started))
    try:
        await asyncio.wait((working, dying), return_when=asyncio.FIRST_COMPLETED)
        if dying.done():
            raise ChildDied(dying.result())
        await working
    finally:
        for task in (working, dying):
            task.cancel()
        await asyncio.gather(working, dying, return_exceptions=True)


async def _ready(url: str) -> None:
    """Wait until the server can do its work."""
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=5) as client:
        for _ in range(READY_SECONDS * 5):
            try:
                if (await client.get("/v1/health")).is_success:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise NotReady(f"The server was not ready within {READY_SECONDS} s. Its log is in the data folder.")


class NotReady(Exception):
    """The server runs but does not get ready."""


async def _play(stage: Stage, console: Console) -> None:
    """Send live usage, or nothing, for ever."""
    if stage.live:
        await keep_sending(
            stage.record,
            history_of(stage.record),
            url=stage.url,
            issuer=stage.public_url,
            tell=lambda why: console.print(why, style="yellow", soft_wrap=True, highlight=False),
        )
    await asyncio.Event().wait()


def _ignore_signals() -> None:
    """The end of the children is not to be interrupted: it is bounded, and would leave some behind."""
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, lambda: None)


def _show(stage: Stage, console: Console) -> None:
    known = stage.record
    lines = [
        ("Toktra runs at", stage.public_url),
        *((f"Sign in: {one.role}", one.email) for one in known.sign_ins),
        ("Password of all four", known.password),
        ("API key", known.api_key),
        ("Logs", str(stage.data_dir / "logs")),
        ("Watch it", f"TOKTRA_API_KEY={known.api_key} toktra top --url {stage.public_url}"),
    ]
    console.print()
    for name, value in lines:
        console.print(Text(f"{name:22}", style="dim"), Text(value, style="bold"), soft_wrap=True, sep="")
    console.print()
    for line in (
        f"{known.people} people, {known.days} days of usage. Request sizes are real, from a public trace of",
        "Azure LLM services. The shape of days and weeks, the people, their choice of models are made up.",
        "Live usage goes on. Stop with Ctrl-C." if stage.live else "Stop with Ctrl-C.",
    ):
        console.print(line, soft_wrap=True, highlight=False)
