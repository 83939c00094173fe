"""Migrations of the corporate ledger, run as its owner with lock and statement time-outs."""

import sys
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import URL

from toktra.kit.database import CORPORATE_ROLE, CORPORATE_SCHEMA, Databases, conninfo
from toktra.kit.settings import SettingsError

_OPTIONS = f"-c search_path={CORPORATE_SCHEMA} -c timezone=UTC -c lock_timeout=5s -c statement_timeout=10min"


def migrate(databases: Databases) -> None:
    """Bring the ledger to this version: role and schema first, then every migration not yet run."""
    _provision(databases.owner)
    engine = create_engine(databases.owner, connect_args={"options": _OPTIONS})
    with engine.begin() as connection:
        config = Config(stdout=sys.stderr)
        config.set_main_option("script_location", str(Path(__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def _provision(owner: URL) -> None:
    """The corporate role and its schema. Roles belong to the whole cluster, so they may be there already."""
    with psycopg.connect(conninfo(owner), autocommit=True) as connection:
        if connection.info.server_version < 160000:
            raise SettingsError("Toktra needs PostgreSQL 16 or later; this server is older.")
        try:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [CORPORATE_ROLE]).rowcount:
                connection.execute(f"CREATE ROLE {CORPORATE_ROLE} NOLOGIN")
            if not connection.execute("SELECT pg_has_role(%s, 'SET')", [CORPORATE_ROLE]).fetchone()[0]:  # type: ignore[index]
                connection.execute(f"GRANT {CORPORATE_ROLE} TO CURRENT_USER")
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {CORPORATE_SCHEMA}")
        except psycopg.errors.InsufficientPrivilege as refused:
            raise SettingsError(
                f"The user of TOKTRA_DATABASE_URL may not create the role {CORPORATE_ROLE} or the schema "
                f"{CORPORATE_SCHEMA}. As a superuser run: CREATE ROLE {CORPORATE_ROLE}; "
                f"GRANT {CORPORATE_ROLE} TO <user>; GRANT CREATE ON DATABASE <name> TO <user>; and try again."
            ) from refused
