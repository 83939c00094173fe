"""Hearing of the end in time: what never ends by itself must end before the server waits for it.

uvicorn tells an application only once every answer is out; an open stream would keep it from ever saying so.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_leaving(act: Callable[[], None]) -> Iterator[None]:
    """Call `act` in the loop when the process is told to stop, beside what the server does then."""
    loop = asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = {number: handler for number, handler in before.items() if callable(handler)}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)
        heard[signal.Signals(number)](number, frame)

    for number in heard:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
