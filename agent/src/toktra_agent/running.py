"""The agent as a process: `main` takes HOST PORT TAP..., words that were checked.

`toktra-agent run` becomes this, so that what a command line needs does not stay in memory for months.
R1: what ends the agent is one sentence on stderr and exit code 1; never a traceback.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import Final

from toktra_agent import agent, tapping
from toktra_agent.desktop.plan import TapName
from toktra_agent.desktop.words import failure_text
from toktra_agent.store.folder import AlreadyRunning, FolderUnusable, locate
from toktra_agent.store.keys import NotEnrolled

_SENTENCES: Final = (*tapping.NOT_TO_BE_HAD, AlreadyRunning, FolderUnusable, NotEnrolled, OSError)


def main(words: Sequence[str]) -> int:
    """Until the agent is told to stop; the exit code."""
    host, port, *names = words
    taps = tapping.taps([TapName(name) for name in names], host, int(port))
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(agent.run(locate(), taps=taps))
    except _SENTENCES as failure:
        print(failure_text(failure), file=sys.stderr)
        return 1
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
