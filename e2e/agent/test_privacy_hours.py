"""Admins can see that Privacy Hours are in use for a device: the running agent says so, and nothing else."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from e2e.agent.office import Desk, Office, until
from toktra_agent.core.privacy_hours import PrivacyHours
from toktra_agent.core.windows import parse_window
from toktra_agent.server.telling import said
from toktra_agent.store import choices, status
from toktra_agent.store.choices import Choices

_RUN = """
import asyncio, pathlib, sys
from toktra_agent.agent import run
asyncio.run(run(pathlib.Path(sys.argv[1]), taps=[]))
"""


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    """The agent of this desk, as its own process and without a tap."""
    words = (sys.executable, "-c", _RUN, str(desk.folder))
    process = await asyncio.create_subprocess_exec(*words, env=os.environ)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)


def shown(there: Office, desk: Desk) -> Any:
    return there.call("GET", f"/v1/devices/{desk.identity.device_id}")["privacy_hours_in_use"]


async def test_the_server_learns_that_they_are_in_use_and_that_they_are_no_more(there: Office) -> None:
    desk = await there.desk()
    assert shown(there, desk) is False
    async with running(desk):
        choices.save(desk.folder, Choices(PrivacyHours((parse_window("Mon-Fri 12:00-13:00"),))))
        await until(lambda: shown(there, desk) is True)
        choices.save(desk.folder, Choices())
        await until(lambda: shown(there, desk) is False)
        choices.save(desk.folder, Choices(PrivacyHours(until=datetime.now(UTC) + timedelta(hours=1))))
        await until(lambda: shown(there, desk) is True)
    found = status.read(desk.folder)
    assert found is not None
    assert found.paused


def test_what_is_said_is_one_yes_or_no() -> None:
    assert [msgspec.json.decode(said(word)) for word in (True, False)] == [
        {"in_use": True},
        {"in_use": False},
    ]
