"""A process to kill: the agent, with a tap that makes one request after the other and notes each of them.

    python -m e2e.agent.maker FOLDER REQUESTS

Before a request is kept its number is appended to FOLDER/begun, afterwards to FOLDER/kept.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from toktra_agent import agent
from toktra_agent.core.watching import Admission, Request, Watcher

HOST = "api.openai.com"
PAUSE_SECONDS = 0.004
BEGUN, KEPT = "begun", "kept"


def made(number: int, admission: Admission) -> Request:
    """Request `number`: no two have the same size."""
    return Request(HOST, datetime.now(UTC), 100, 2_000 + number, 3_000 + 10 * number, 5, admission=admission)


def numbers(folder: Path, name: str) -> list[int]:
    """What is noted; a number that a SIGKILL cut short is none."""
    path = folder / name
    text = path.read_text() if path.exists() else ""
    return [int(line) for line in text[: text.rfind("\n") + 1].split()]


async def make(watcher: Watcher, *, folder: Path, requests: int) -> None:
    """Go on where the last process was killed, and stay when all are made."""
    begun = numbers(folder, BEGUN)
    with (folder / BEGUN).open("ab", 0) as starts, (folder / KEPT).open("ab", 0) as ends:
        for number in range(begun[-1] + 1 if begun else 0, requests):
            while not watcher.watches(HOST):  # noqa: ASYNC110 - the configuration is on its way
                await asyncio.sleep(0.05)
            admission = await watcher.admit(HOST)
            os.write(starts.fileno(), b"%d\n" % number)
            watcher.keep(made(number, admission))
            os.write(ends.fileno(), b"%d\n" % number)
            await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.Event().wait()


if __name__ == "__main__":
    at, most = Path(sys.argv[1]), int(sys.argv[2])
    asyncio.run(agent.run(at, taps=[lambda watcher: make(watcher, folder=at, requests=most)]))
