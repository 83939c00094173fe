"""The device's configuration: asked for now and then, and kept, so that the agent starts without a network.

G1: the last good configuration stays in force until a better one comes, whatever the server answers.
G2: an unchanged one is not sent again (RFC 9110, 13.1.2).
"""

from pathlib import Path
from typing import Final

import httpx2
import msgspec
from msgspec import Struct

from toktra_agent.store.writing import write_whole
from toktra_wire.config import DeviceConfig

FILE: Final = "config.json"
_LEAST_SECONDS, _MOST_SECONDS = 10, 3600


class Kept(Struct, frozen=True):
    """A configuration with its ETag, and when it came."""

    etag: str
    came_at: str
    config: DeviceConfig

    @property
    def poll_seconds(self) -> float:
        return float(min(max(self.config.intervals.config_seconds, _LEAST_SECONDS), _MOST_SECONDS))


def load(folder: Path) -> Kept | None:
    """The last one; None where there is none, or it cannot be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None


def save(folder: Path, kept: Kept) -> None:
    """OSError where the folder cannot be written; what is in force does not depend on it."""
    write_whole(folder / FILE, msgspec.json.encode(kept))


async def poll(client: httpx2.AsyncClient, kept: Kept | None, *, now: str) -> Kept | httpx2.Response:
    """The configuration now in force, or the answer that is none (G1). Raises what the client raises."""
    headers = {} if kept is None else {"If-None-Match": kept.etag}
    response = await client.get("/v1/devices/me/config", headers=headers)
    if response.status_code == 304 and kept is not None:
        return kept
    try:
        config = msgspec.json.decode(
            response.content if response.status_code == 200 else b"", type=DeviceConfig
        )
    except msgspec.MsgspecError:
        return response
    return Kept(response.headers.get("etag", ""), now, config)
