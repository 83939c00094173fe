"""The browser extension's way to the agent: native messaging (length-prefixed JSON on stdin and stdout).

J1: a message is at most MOST_BYTES long and says one thing: the extension is alive, and which hosts it
    covers. There is no field for anything else; a message with one is refused.
J2: the answer lets the extension follow the same rules: which device it is on, whether it is private time,
    and whether the agent runs, to which it leaves hosts then.
J3: the sign of life is of the program that started this, as connections are: several browsers read the
    same manifest, and a packager's name is not the maker's.
"""

import struct
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

import msgspec
import psutil
from msgspec import Meta, Struct

from toktra_agent.core.browsers import Browser, browser_of
from toktra_agent.core.mode import Mode
from toktra_agent.store import choices, keys, liveness
from toktra_agent.store.folder import is_running

MOST_BYTES: Final = 65_536
_LENGTH: Final = struct.Struct("=I")  # in the machine's own byte order, as browsers write it

# A host, or a pattern of hosts with one `*`.
_Pattern = Annotated[str, Meta(max_length=253, pattern=r"\A[A-Za-z0-9._-]*\*?[A-Za-z0-9._-]*\Z")]


class Alive(Struct, frozen=True, forbid_unknown_fields=True):
    """What the extension says, every 30 seconds or so (J1)."""

    type: Literal["alive"]
    hosts: Annotated[list[_Pattern], Meta(max_length=liveness.MOST_HOSTS)]


class Answer(Struct, frozen=True):
    """J2. `device_id`: None while not enrolled. `private_until`: RFC 3339, where an end is in sight."""

    device_id: str | None
    mode: Mode
    private: bool
    private_until: str | None
    running: bool


class Refusal(Struct, frozen=True):
    """The message was not what an extension can say."""

    error: str


def started_by(otherwise: Browser) -> Browser:
    """The browser that this process comes from (J3); Windows puts a shell between them."""
    try:
        names = [one.name() for one in psutil.Process().parents()]
    except psutil.Error:
        return otherwise
    return next((found for name in names if (found := browser_of(name))), otherwise)


def serve(
    folder: Path, browser: Browser, source: BinaryIO, sink: BinaryIO, clock: Callable[[], datetime]
) -> None:
    """Until the browser closes its end, or says more than MOST_BYTES at once."""
    while (body := _message(source)) is not None:
        answer = msgspec.json.encode(_answer(folder, browser, body, clock()))
        sink.write(_LENGTH.pack(len(answer)) + answer)
        sink.flush()


def _message(source: BinaryIO) -> bytes | None:
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    body = source.read(length) if length <= MOST_BYTES else b""
    return body if len(body) == length else None


def _answer(folder: Path, browser: Browser, body: bytes, now: datetime) -> Answer | Refusal:
    try:
        said = msgspec.json.decode(body, type=Alive)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Refusal('Say {"type": "alive", "hosts": [...]} and nothing else.')
    try:
        liveness.beat(folder, browser, said.hosts, now)
    except OSError:
        return Refusal("The agent's folder cannot be written.")
    chosen = choices.load(folder)
    ends = chosen.privacy_hours.ends_at(now)
    return Answer(
        device_id=_device_id(folder),
        mode=chosen.mode,
        private=chosen.privacy_hours.covers(now),
        private_until=None if ends is None else ends.isoformat(timespec="seconds"),
        running=is_running(folder),
    )


def _device_id(folder: Path) -> str | None:
    try:
        return keys.load(folder).device_id
    except keys.NotEnrolled:
        return None
