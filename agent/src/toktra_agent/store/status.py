"""What the running agent knows of itself, for screens: one file, written whole, read by the CLI and the tray.

T1: no host that is not watched, no URL and no content is in it; what was dropped is here with its reason.
"""

from pathlib import Path

import msgspec
from msgspec import Struct

from toktra_agent.store.writing import write_whole

FILE = "status.json"


class Remaining(Struct, frozen=True):
    """What the server last said of the user's budgets. Instants are RFC 3339 texts."""

    said_at: str
    decision: str
    message: str
    budget_name: str | None
    remaining_tokens: int | None
    resets_at: str | None


class Status(Struct, frozen=True, omit_defaults=True):
    """`sent`: events since enrolment, by the server's answer; `dropped`: what else came of events and holds.

    `error`: what does not work now, as a sentence; empty while all is well. `preflight`: whether a hard cap
    stands above the user. `paused`: Privacy Hours are in force. `unknown_hosts`: connections whose host the
    handshake hid.
    """

    pid: int
    version: str
    started_at: str
    server: str
    device_id: str
    spooled: int = 0
    sent: dict[str, int] = {}
    dropped: dict[str, int] = {}
    unknown_hosts: int = 0
    last_contact_at: str | None = None
    error: str = ""
    config_from: str | None = None
    watched_patterns: int = 0
    preflight: bool = False
    when_unsure: str = "allow"
    paused: bool = False
    remaining: Remaining | None = None


def write(folder: Path, status: Status) -> None:
    """OSError where the folder cannot be written."""
    write_whole(folder / FILE, msgspec.json.encode(status))


def read(folder: Path) -> Status | None:
    """None where no agent has run yet, or what is there cannot be read."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Status)
    except (OSError, msgspec.MsgspecError):
        return None
