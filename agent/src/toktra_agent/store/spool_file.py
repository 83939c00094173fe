"""The spool's file: SQLite, and nothing of what SQLite raises goes further than this module.

F1: a change is made whole or not at all, and is there after a SIGKILL. A power cut may cost the last seconds.
F2: a position is never given twice.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "spool.sqlite"
LAST_SENT: Final = 50
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sent (position INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
"""


class Unwritable(Exception):
    """The file cannot be used now: a full disk, no permission, an error of the device."""


class Damaged(Exception):
    """What is in the file is no spool, or not a whole one."""


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """An open spool. Every method raises Unwritable or Damaged, and then has changed nothing."""

    connection: sqlite3.Connection

    def append(self, at_ms: int, body: bytes, counts: Mapping[str, int], *, drop_through: int = 0) -> int:
        """One more event, and its position. Those up to another position make room for it."""
        with _transaction(self.connection) as run:
            run.execute("DELETE FROM events WHERE position <= ?", (drop_through,))
            position = run.execute("INSERT INTO events (at_ms, body) VALUES (?, ?)", (at_ms, body)).lastrowid
            _write_counts(run, counts)
        assert position is not None
        return position

    def rows(self, *, after: int, limit: int) -> list[tuple[int, bytes]]:
        """The oldest events behind a position."""
        with _translated():
            asked = "SELECT position, body FROM events WHERE position > ? ORDER BY position LIMIT ?"
            return self.connection.execute(asked, (after, limit)).fetchall()

    def forget(self, *, through: int, left: Sequence[bytes], counts: Mapping[str, int]) -> int:
        """Events up to a position were answered; how many go. `left`: as they left."""
        with _transaction(self.connection) as run:
            gone = run.execute("DELETE FROM events WHERE position <= ?", (through,)).rowcount
            run.executemany("INSERT INTO sent (body) VALUES (?)", [(body,) for body in left[-LAST_SENT:]])
            run.execute(
                "DELETE FROM sent WHERE position <= (SELECT max(position) FROM sent) - ?", (LAST_SENT,)
            )
            _write_counts(run, counts)
        return gone

    def last_before(self, at_ms: int) -> int:
        """The last position of an event from before this instant; 0 where there is none."""
        with _translated():
            asked = "SELECT coalesce(max(position), 0) FROM events WHERE at_ms < ?"
            return int(self.connection.execute(asked, (at_ms,)).fetchone()[0])

    def drop_before(self, at_ms: int, *, through: int) -> int:
        """Drop the events from before an instant, up to a position; how many there were."""
        with _transaction(self.connection) as run:
            asked = "DELETE FROM events WHERE at_ms < ? AND position <= ?"
            return run.execute(asked, (at_ms, through)).rowcount

    def size(self, *, after: int) -> tuple[int, int]:
        """Events behind a position, and the bytes of their bodies."""
        with _translated():
            asked = "SELECT count(*), coalesce(sum(length(body)), 0) FROM events WHERE position > ?"
            events, size = self.connection.execute(asked, (after,)).fetchone()
            return int(events), int(size)

    def counts(self) -> dict[str, int]:
        with _translated():
            return dict(self.connection.execute("SELECT name, count FROM counts").fetchall())

    def close(self) -> None:
        self.connection.close()


def open_file(folder: Path) -> SpoolFile:
    """The folder's spool, made where there is none. Unwritable or Damaged where that fails."""
    with _translated():
        connection = sqlite3.connect(folder / FILE, isolation_level=None, timeout=1)
        try:
            (folder / FILE).chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -256")
            connection.execute("PRAGMA wal_autocheckpoint = 250")
            connection.executescript(_SCHEMA)
        except BaseException:
            connection.close()
            raise
    return SpoolFile(connection)


def set_aside(folder: Path) -> None:
    """Out of the way of a new file; only the last damaged one is kept. Unwritable where that fails."""
    with _translated():
        (folder / FILE).replace(folder / f"{FILE}.damaged")
        for end in ("-wal", "-shm"):
            (folder / f"{FILE}{end}").unlink(missing_ok=True)


def last_sent(folder: Path) -> list[bytes]:
    """The last events as they left, oldest first; for another process than the agent's."""
    if not (folder / FILE).exists():
        return []
    with _translated(), closing(sqlite3.connect(f"{(folder / FILE).as_uri()}?mode=ro", uri=True)) as reading:
        return [body for (body,) in reading.execute("SELECT body FROM sent ORDER BY position")]


def _write_counts(run: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    run.executemany(
        "INSERT INTO counts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET count = excluded.count",
        list(counts.items()),
    )


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    with _translated():
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as wrong:
        code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
        raise (Damaged if code in _DAMAGED else Unwritable)(str(wrong)) from wrong
