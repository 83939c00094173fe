"""What is asked for in the background: the configuration, and a new certificate when it is time."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2

from toktra_agent.core.retry import asked_seconds, wait_seconds
from toktra_agent.server import configuring
from toktra_agent.server.access import AccessRefused
from toktra_agent.server.configuring import Kept
from toktra_agent.server.contact import UNANSWERED, Contact, sentence_of
from toktra_agent.server.enrolling import NotLetIn, renew_if_due
from toktra_agent.store.keys import Identity, NotEnrolled


@dataclass(slots=True)
class Poller:
    """One per agent. `take`: told of each configuration that is new."""

    client: httpx2.AsyncClient
    contact: Contact
    folder: Path
    identity: Identity
    kept: Kept | None
    take: Callable[[Kept], None]

    async def keep_polling(self) -> None:
        """For as long as this runs."""
        failures = 0
        while True:
            asked = await self.poll_once()
            failures = 0 if asked is None else failures + 1
            if asked is None and self.kept is not None:
                await asyncio.sleep(self.kept.poll_seconds)
            else:
                await asyncio.sleep(wait_seconds(failures, asked or 0, random.random()))  # noqa: S311

    async def poll_once(self) -> float | None:
        """None where all went well; else how long the server asks to wait at least."""
        try:
            found = await configuring.poll(
                self.client, self.kept, now=self.contact.now().isoformat(timespec="seconds")
            )
            if isinstance(found, httpx2.Response):
                self.contact.fails("configuration", sentence_of(found))
                return asked_seconds(found.headers.get("retry-after"), found.headers.get("date"))
            self._take(found)
            await self._renew()
        except UNANSWERED as failure:
            self.contact.lost(failure, self.client)
            return 0.0
        except AccessRefused:
            return 0.0
        self.contact.works("configuration")
        return None

    def _take(self, found: Kept) -> None:
        if found is self.kept:
            return
        self.kept = found
        self.take(found)
        try:
            configuring.save(self.folder, found)
        except OSError as wrong:
            self.contact.fails("disk", f"The configuration could not be kept ({wrong.strerror or wrong}).")
        else:
            self.contact.works("disk")

    async def _renew(self) -> None:
        try:
            self.identity = await renew_if_due(
                self.client, self.folder, self.identity, now=self.contact.now()
            )
        except (NotLetIn, NotEnrolled, OSError) as wrong:
            self.contact.fails("certificate", str(wrong))
        else:
            self.contact.works("certificate")
