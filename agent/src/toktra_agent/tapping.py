"""Taps by their names: what `toktra-agent run --tap` starts, each kept to the hosts the server names."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Final

from toktra_agent.agent import Tap
from toktra_agent.core.watching import Watcher
from toktra_agent.desktop.plan import TapName
from toktra_agent.taps.proxy import proxy
from toktra_agent.taps.sight import Sight
from toktra_agent.watch import Watch

_LOOK_EVERY: Final = 1.0


class NoSuchTap(ValueError):
    """This tap is not to be had here. The message says why, and what there is instead."""


def tap(name: TapName, host: str, port: int) -> Tap:
    """NoSuchTap where the platform does not have it."""
    match name:
        case TapName.PROXY:
            return partial(_watching, lambda sight: proxy(sight, port, host=host))
        case TapName.TRANSPARENT | TapName.PASSIVE:
            raise NoSuchTap(f"The {name} tap is not there yet. Use --tap proxy.")


def _watching(opened: Any, watcher: Watcher) -> Coroutine[Any, Any, None]:
    assert isinstance(watcher, Watch)
    return _run(opened, watcher)


async def _run(opened: Any, watch: Watch) -> None:
    sight = Sight(watch, [] if watch.kept is None else watch.kept.config.hosts)
    running: AbstractAsyncContextManager[object] = opened(sight)
    async with running:
        while True:
            if watch.kept is not None and watch.kept.config.hosts is not sight.patterns:
                sight.know(watch.kept.config.hosts)
            await asyncio.sleep(_LOOK_EVERY)
