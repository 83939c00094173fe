"""Looking for markers everywhere they must not be: in files, in a process's memory, in a whole database."""

import base64
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from toktra.kit import embedded

_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
"""


def is_in(text: bytes, marker: str) -> bool:
    """As it is, as hex, or as base64 wherever in it the marker begins."""
    raw = marker.encode()
    shifted = (base64.b64encode(b"\0" * shift + raw)[4:-4] for shift in range(3))
    return any(form in text for form in (raw, raw.hex().encode(), *shifted))


def files_with(folder: Path, marker: str) -> list[str]:
    """Of all files below the folder, those with the marker in them or in their name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if is_in(path.name.encode() + _content(path), marker)]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a file of a running program may go while we look
        return b""


def memory_has(pid: int, marker: str) -> bool:
    """Whether it is in any region of the process's memory that can be written (Linux)."""
    return any(is_in(region, marker) for region in _regions(pid))


def _regions(pid: int) -> Iterator[bytes]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
        for line in lines:
            span, rights, *_ = line.split()
            if rights.startswith("rw"):
                start, end = (int(at, 16) for at in span.split("-"))
                memory.seek(start)
                yield memory.read(end - start)


def tables_with(data_dir: Path, marker: str) -> list[str]:
    """Of all tables of all schemas of an embedded database, those with the marker in a row's text."""
    with psycopg.connect(embedded.start(data_dir).superuser_url, dbname="toktra") as connection:
        names = connection.execute(_TABLES).fetchall()
        return [table for schema, table in names if is_in(_rows(connection, schema, table), marker)]


def _rows(connection: psycopg.Connection, schema: str, table: str) -> bytes:
    asked = sql.SQL("COPY (SELECT t::text FROM {} t) TO STDOUT").format(sql.Identifier(schema, table))
    with connection.cursor().copy(asked) as rows:
        return b"".join(map(bytes, rows))
