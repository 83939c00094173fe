"""The running agent: its parts put together, its jobs side by side, its end in order.

X1: one agent runs on a folder.
X2: a part that fails for good ends the whole, so that whoever watches over the agent can start it again.
X3: told to stop, it ends its taps, sends what it can within FLUSH_SECONDS, and leaves the rest in the spool.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

import httpx2

from toktra_agent.core.notices import Notices
from toktra_agent.core.watching import Admission, Watcher
from toktra_agent.desktop.notify import notify
from toktra_agent.housekeeping import Housekeeping
from toktra_agent.server import configuring
from toktra_agent.server.access import connect
from toktra_agent.server.admitting import Gate
from toktra_agent.server.asking import Releases
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import Contact
from toktra_agent.server.outbox import Outbox
from toktra_agent.server.polling import Poller
from toktra_agent.server.telling import keep_telling
from toktra_agent.store import keys
from toktra_agent.store.folder import prepare, sole_agent
from toktra_agent.store.spool import Spool
from toktra_agent.watch import Watch
from toktra_wire.config import Enforcement, Intervals

FLUSH_SECONDS: Final = 3.0
FIRST_WORD_SECONDS: Final = 5.0
BLOCKED: Final = "This AI request was not sent"

Tap = Callable[[Watcher], Coroutine[Any, Any, None]]


async def run(folder: Path, *, taps: Sequence[Tap]) -> None:
    """Until told to stop. Raises NotEnrolled, AlreadyRunning, FolderUnusable, or what a tap raises."""
    prepare(folder)
    with sole_agent(folder), _told_to_stop() as stop:
        identity = keys.load(folder)
        key = await asyncio.to_thread(keys.load_key, folder, identity)
        contact, kept = Contact(lambda: datetime.now(UTC)), configuring.load(folder)
        client, access = connect(identity, key, contact)
        async with client:
            watch = put_together(folder, client, contact, kept)
            poller = Poller(client, contact, folder, identity, kept, watch.use)
            if kept is None:
                await _first_configuration(poller)
            keeping = Housekeeping(watch, identity, datetime.now(UTC))
            jobs = [access.keep_fresh(), poller.keep_polling(), watch.outbox.keep_sending()]
            jobs += [watch.gate.releases.keep_giving_back(), keeping.keep_house()]
            jobs += [keep_telling(client, watch.uses_privacy_hours)]
            try:
                await _side_by_side([*jobs, *(tap(watch) for tap in taps)], stop)
            finally:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(watch.outbox.send_all(), FLUSH_SECONDS)
                keeping.end()


async def _first_configuration(poller: Poller) -> None:
    """Before the taps open for the first time: what they do not know the hosts of would pass them unseen."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(poller.poll_once(), FIRST_WORD_SECONDS)


def put_together(folder: Path, client: httpx2.AsyncClient, contact: Contact, kept: Kept | None) -> Watch:
    spool = Spool(folder)
    watch: Watch

    def enforcement() -> Enforcement | None:
        return None if watch.kept is None else watch.kept.config.enforcement

    def intervals() -> Intervals:
        return Intervals() if watch.kept is None else watch.kept.config.intervals

    gate = Gate(client, contact, Releases(client, spool.count), enforcement, _teller(spool))
    outbox = Outbox(client, contact, spool, intervals, lambda: watch.is_private(contact.clock()))
    watch = Watch(folder, contact, spool, gate, outbox, kept)
    return watch


def _teller(spool: Spool) -> Callable[[str, Admission], None]:
    """Tells the person of refusals, on the desktop, and waits for nobody."""
    notices, telling = Notices(), set[asyncio.Task[None]]()

    async def show(text: str) -> None:
        if not await asyncio.to_thread(notify, BLOCKED, text):
            spool.count("notices_not_shown")

    def tell(budget: str, admission: Admission) -> None:
        if notices.is_due(budget, monotonic()):
            task = asyncio.create_task(
                show(" ".join(filter(None, (admission.message, admission.exemption_url))))
            )
            telling.add(task)
            task.add_done_callback(telling.discard)

    return tell


async def _side_by_side(jobs: Sequence[Coroutine[Any, Any, None]], stop: asyncio.Event) -> None:
    """X2: what one of them raises comes out of here by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(job) for job in jobs]
            await stop.wait()
            for task in tasks:
                task.cancel()
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from failures


@contextlib.contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """Set by SIGTERM and SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
