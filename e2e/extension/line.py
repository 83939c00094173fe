"""The line between extension and server: it hands everything on, keeps what went by, and can be bad."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from e2e.extension.serving import ANYWHERE, serving

Quality = Literal["good", "slow", "hanging", "gone"]
SLOW_SECONDS = 2


@dataclass
class Line:
    """`said`: every byte that the extension sent over it."""

    to_port: int
    port: int = 0
    quality: Quality = "good"
    said: bytearray = field(default_factory=bytearray)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def line(to_port: int, at: tuple[str, int] = ANYWHERE) -> Iterator[Line]:
    """A line to a server on this machine; cut afterwards."""
    made = Line(to_port)
    with serving(lambda reader, writer: _carry(made, reader, writer), at=at) as made.port:
        yield made


async def _carry(made: Line, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", made.to_port)
    back = asyncio.create_task(_copy_back(far_reader, writer))
    try:
        while some := await reader.read(65_536):
            made.said += some
            if made.quality == "gone":
                break
            if made.quality == "slow":
                await asyncio.sleep(SLOW_SECONDS)
            if made.quality != "hanging":
                far_writer.write(some)
    finally:
        back.cancel()
        far_writer.transport.abort()


async def _copy_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while some := await reader.read(65_536):
            writer.write(some)
    writer.close()
