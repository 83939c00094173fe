"""What the demo keeps in the data folder: secret key, sign-ins, devices. Only its owner can read them.

F1: a file is there whole or not at all.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from msgspec import Struct

_FILE, _KEY_FILE = "demo.json", "secret_key"


class SignIn(Struct, frozen=True):
    """Someone who can sign in to the demo."""

    role: str
    email: str


class LiveDevice(Struct, frozen=True):
    """A device the demo plays: its id, its private key, and whose it is."""

    user_email: str
    device_id: str
    private_key: str


class Record(Struct, frozen=True):
    """One demo organisation. `filled_until` is None until its history is complete."""

    org_id: UUID
    api_key: str
    password: str
    sign_ins: list[SignIn]
    people: int
    days: int
    made_at: datetime
    filled_until: datetime | None = None
    devices: list[LiveDevice] = []


class BrokenRecord(Exception):
    """The demo's file cannot be read; the message says what to do."""


def load(data_dir: Path) -> Record | None:
    """The record of this data folder's demo; None when there is none."""
    file = data_dir / _FILE
    if not file.exists():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, ValueError) as wrong:
        raise BrokenRecord(
            f"{file} cannot be read. Delete it: the demo then makes its sign-ins anew."
        ) from wrong


def save(data_dir: Path, record: Record) -> None:
    """Keep the record (F1)."""
    _write(data_dir / _FILE, msgspec.json.format(msgspec.json.encode(record)))


def secret_key(data_dir: Path) -> str:
    """The data folder's secret key, made on first use."""
    file = data_dir / _KEY_FILE
    if not file.exists():
        _write(file, secrets.token_urlsafe(48).encode())
    return file.read_text().strip()


def _write(file: Path, content: bytes) -> None:
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
