"""Where the personal ledger is kept: its own role and schema, in this database or another.

P1: the corporate role has no right here, and the personal role none there.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from toktra.kit.database import PERSONAL_ROLE, connection_options, conninfo
from toktra.kit.groups import Connection
from toktra.personal.rules import oldest_kept

SCHEMA = "personal"
OPTIONS = connection_options(PERSONAL_ROLE, SCHEMA)
_SCRIPTS = Path(__file__).parent / "sql"
_AHEAD = 7


def migrate(owner: URL) -> None:
    """Bring the personal ledger to this version: role, schema, then each script that was not run yet."""
    with psycopg.connect(conninfo(owner)) as connection:
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [PERSONAL_ROLE]).rowcount:
            connection.execute(f"CREATE ROLE {PERSONAL_ROLE} NOLOGIN")
        if not connection.execute("SELECT pg_has_role(%s, 'SET')", [PERSONAL_ROLE]).fetchone()[0]:  # type: ignore[index]
            connection.execute(f"GRANT {PERSONAL_ROLE} TO CURRENT_USER")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        connection.execute("CREATE TABLE IF NOT EXISTS scripts_run (name text PRIMARY KEY)")
        connection.execute("LOCK TABLE scripts_run")
        run = {name for (name,) in connection.execute("SELECT name FROM scripts_run")}
        for script in sorted(_SCRIPTS.glob("*.sql")):
            if script.name not in run:
                connection.cursor().execute(script.read_bytes())
                connection.execute("INSERT INTO scripts_run VALUES (%s)", [script.name])
        connection.execute(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC")
        connection.execute(f"GRANT USAGE, CREATE ON SCHEMA {SCHEMA} TO {PERSONAL_ROLE}")
        connection.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {PERSONAL_ROLE}"
        )
        connection.execute(f"REVOKE ALL ON {SCHEMA}.scripts_run FROM {PERSONAL_ROLE}")
        connection.execute(f"ALTER TABLE {SCHEMA}.records OWNER TO {PERSONAL_ROLE}")


async def keep_partitions(connection: Connection, *, today: date) -> None:
    """A partition for each day on which a record may be, and none for a day before those."""
    first, last = oldest_kept(today), today + timedelta(days=_AHEAD)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('personal.partitions'))")
        there = {name async for name in _partitions(connection)}
        for day in _days(first, last):
            if (name := _name(day)) not in there:
                made = sql.SQL("CREATE TABLE {} PARTITION OF records FOR VALUES FROM ({}) TO ({})")
                await connection.execute(
                    made.format(sql.Identifier(name), sql.Literal(day), sql.Literal(day + timedelta(days=1)))
                )
        for name in there:
            if name < _name(first):
                await connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))


async def _partitions(connection: Connection) -> AsyncIterator[str]:
    rows = await connection.execute(
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid "
        "WHERE inhparent = 'records'::regclass"
    )
    async for (name,) in rows:
        yield name


def _name(day: date) -> str:
    return f"records_{day:%Y%m%d}"


def _days(first: date, last: date) -> Iterator[date]:
    yield from (first + timedelta(days=number) for number in range((last - first).days + 1))
