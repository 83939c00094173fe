"""The key of each day, kept outside the database: with it goes whatever a backup still has of the day.

D1: a record is encrypted under its day's key before it is stored (AES-256-GCM, bound to account and id).
D2: 90 days later the key is gone, and then nobody opens the record, its owner neither.
"""

import os
from contextlib import suppress
from datetime import date
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from toktra.personal.rules import oldest_kept

_KEY, _NONCE = 32, 12


class DayKeys:
    """The keys in one folder, a file for each day that only the server's user can read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[date, bytes] = {}

    def seal(self, plain: bytes, *, day: date, account_id: UUID, record_id: UUID) -> bytes:
        """D1."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._made(day)).encrypt(nonce, plain, account_id.bytes + record_id.bytes)

    def open(self, sealed: bytes, *, day: date, account_id: UUID, record_id: UUID) -> bytes | None:
        """What was sealed; None where the day's key is gone (D2) or is another."""
        key = self._key(day)
        if key is None:
            return None
        try:
            bound = account_id.bytes + record_id.bytes
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
        except InvalidTag:
            return None

    def destroy_old(self, *, today: date) -> None:
        """D2: overwritten, then removed."""
        for file in self.folder.glob("*.key"):
            if file.stem < oldest_kept(today).isoformat():
                with suppress(FileNotFoundError):
                    file.write_bytes(bytes(_KEY))
                    file.unlink()
        self._known = {day: key for day, key in self._known.items() if day >= oldest_kept(today)}

    def _made(self, day: date) -> bytes:
        """Made by whoever needs it first: a file is there whole or not at all."""
        if (key := self._key(day)) is not None:
            return key
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = self.folder / f".{day.isoformat()}.{os.getpid()}.{os.urandom(4).hex()}"
        descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_KEY))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(written, self._file(day))
        written.unlink()
        key = self._key(day)
        assert key is not None
        return key

    def _key(self, day: date) -> bytes | None:
        if day not in self._known and self._file(day).exists():
            self._known[day] = self._file(day).read_bytes()
        return self._known.get(day)

    def _file(self, day: date) -> Path:
        return self.folder / f"{day.isoformat()}.key"
