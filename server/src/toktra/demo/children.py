"""The demo's child processes: started together, watched, and ended together.

K1: when the demo ends, none of its children is left.
"""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

END_SECONDS = 20
_LOG_LINES, _LOG_BYTES = 20, 20_000


@dataclass(frozen=True, slots=True)
class Child:
    """A running program and the file it logs to."""

    name: str
    process: asyncio.subprocess.Process
    log: Path


async def start(name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> Child:
    """Start a program whose output goes to its log file, which begins anew."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(environment), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
        )
    return Child(name, process, log)


async def first_to_die(children: Sequence[Child]) -> Child:
    """Wait until one of them ends."""
    waits = {asyncio.create_task(child.process.wait()): child for child in children}
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return waits[done.pop()]


async def end(children: Sequence[Child]) -> list[str]:
    """End them all (K1): asked first, killed after END_SECONDS. Answers the names of those killed."""
    for child in children:
        _signal(child, signal.SIGTERM)
    waits = [asyncio.create_task(child.process.wait()) for child in children]
    if waits:
        await asyncio.wait(waits, timeout=END_SECONDS)
    late = [child for child in children if child.process.returncode is None]
    for child in late:
        _signal(child, signal.SIGKILL)
    await asyncio.gather(*waits)
    return [child.name for child in late]


def _signal(child: Child, number: int) -> None:
    if child.process.returncode is None:
        child.process.send_signal(number)


def end_of_log(child: Child) -> str:
    """The last lines of a child's log."""
    with child.log.open("rb") as log:
        log.seek(max(0, child.log.stat().st_size - _LOG_BYTES))
        lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:])
