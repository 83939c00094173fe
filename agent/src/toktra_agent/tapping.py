"""Taps by their names: what `toktra-agent run --tap` starts, each kept to the hosts the server names."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from toktra_agent.agent import Tap
from toktra_agent.core.watching import Watcher
from toktra_agent.desktop.plan import TapName, clash
from toktra_agent.taps.passive import NoCapture, passive
from toktra_agent.taps.proxy import proxy
from toktra_agent.taps.redirection import MARK, NoRedirection
from toktra_agent.taps.sight import Sight
from toktra_agent.taps.transparent import transparent
from toktra_agent.watch import Watch

NOT_TO_BE_HAD: Final = (NoCapture, NoRedirection)
_LOOK_EVERY: Final = 0.1
_LOST: Final = "The system's rules that led connections to the agent were removed. Start the agent again."


def taps(names: Sequence[TapName], host: str, port: int) -> list[Tap]:
    """What they raise while they start: one of NOT_TO_BE_HAD, a sentence; or OSError."""
    if (why := clash(names)) is not None:
        return [_none(why)]
    mark = MARK if TapName.TRANSPARENT in names else 0
    return [_named(name, host, port, mark) for name in dict.fromkeys(names)]


def _none(why: str) -> Tap:
    async def run(watcher: Watcher) -> None:
        raise NoCapture(why)

    return run


def _named(name: TapName, host: str, port: int, mark: int) -> Tap:
    match name:
        case TapName.PROXY:
            return _tap(lambda sight: proxy(sight, port, host=host), mark)
        case TapName.TRANSPARENT:
            return _tap(transparent, mark)
        case TapName.PASSIVE:
            return _tap(passive, mark)


def _tap(opened: Callable[[Sight], AbstractAsyncContextManager[object]], mark: int) -> Tap:
    async def run(watcher: Watcher) -> None:
        assert isinstance(watcher, Watch)
        known = [] if watcher.kept is None else watcher.kept.config.hosts
        sight = Sight(watcher, known, mark=mark)  # before the tap is open, so that nothing passes it unseen
        async with opened(sight) as running:
            while not (isinstance(running, asyncio.Task) and running.done()):
                if watcher.kept is not None and watcher.kept.config.hosts is not sight.patterns:
                    sight.know(watcher.kept.config.hosts)
                await asyncio.sleep(_LOOK_EVERY)
        raise NoRedirection(_LOST)

    return run
