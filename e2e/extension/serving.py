"""A small server in a thread of its own, which leaves nothing open behind it."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

ANYWHERE = ("127.0.0.1", 0)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextmanager
def serving(
    talk: Talk, context: ssl.SSLContext | None = None, at: tuple[str, int] = ANYWHERE
) -> Iterator[int]:
    """Its port; everything that still talks is cut off afterwards."""
    loop, ready, over = asyncio.new_event_loop(), Event(), asyncio.Event()
    ports: list[int] = []

    async def serve() -> None:
        talking: set[asyncio.Task[None]] = set()

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talking.add(task)
            try:
                await talk(reader, writer)
            except (OSError, asyncio.CancelledError):
                pass
            finally:
                talking.discard(task)
                writer.transport.abort()

        server = await asyncio.start_server(one, *at, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await over.wait()
        server.close()
        for task in list(talking):
            task.cancel()
        await asyncio.sleep(0.05)

    thread = Thread(target=lambda: (loop.run_until_complete(serve()), loop.close()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
