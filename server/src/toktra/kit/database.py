"""The database edge: who connects as what, the engine, and the model base.

D1: migrations run as the owner; the server runs as the corporate role, which owns nothing.
D2: every connection has a statement time-out, UTC, and the ledger's schema alone on its search path.
"""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import ARRAY, ColumnElement, DateTime, LargeBinary, MetaData, Uuid, any_, literal
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from toktra.kit import embedded
from toktra.kit.liveness import check_at_checkout
from toktra.kit.settings import Settings, SettingsError

CORPORATE_ROLE = "toktra_corporate"
PERSONAL_ROLE = "toktra_personal"
CORPORATE_SCHEMA = "corporate"
_OWNER_ROLE = "toktra_owner"
_NAMES = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Model(DeclarativeBase):
    """Base of every table of the corporate ledger."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), bytes: LargeBinary()}  # noqa: RUF012


@dataclass(frozen=True, slots=True)
class Databases:
    """Addresses: as the owner of both ledgers (migrations), and as the role that each is served under."""

    owner: URL
    corporate: URL
    personal: URL
    personal_owner: URL


def locate(settings: Settings) -> Databases:
    """The configured database, or the embedded one, started and provisioned."""
    elsewhere = _psycopg_url("personal_database_url", settings.personal_database_url)
    if owner := _psycopg_url("database_url", settings.database_url):
        found = Databases(owner, owner, owner, owner)
    else:
        found = _embedded(embedded.start(settings.data_dir).superuser_url)
    return replace(found, personal=elsewhere, personal_owner=elsewhere) if elsewhere else found


def locate_personal(settings: Settings) -> tuple[URL, URL]:
    """The personal ledger's database alone: as its owner, and as it is served."""
    if elsewhere := _psycopg_url("personal_database_url", settings.personal_database_url):
        return elsewhere, elsewhere
    found = locate(settings)
    return found.personal_owner, found.personal


def _psycopg_url(name: str, text: str | None) -> URL | None:
    if not text:
        return None
    try:
        url = make_url(text)
    except Exception as wrong:
        raise SettingsError(
            f"TOKTRA_{name.upper()} cannot be read; it must look like postgresql://user:password@host:5432/name"
        ) from wrong
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise SettingsError(
            f"TOKTRA_{name.upper()} must begin with postgresql:// - Toktra runs on PostgreSQL alone."
        )
    return url.set(drivername="postgresql+psycopg")


def _embedded(superuser_url: str) -> Databases:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for role in (_OWNER_ROLE, CORPORATE_ROLE, PERSONAL_ROLE):
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).rowcount:
                connection.execute(f"CREATE ROLE {role} LOGIN")
        for role in (CORPORATE_ROLE, PERSONAL_ROLE):
            connection.execute(f"GRANT {role} TO {_OWNER_ROLE} WITH ADMIN OPTION")
        if not connection.execute("SELECT FROM pg_database WHERE datname = 'toktra'").rowcount:
            connection.execute(f"CREATE DATABASE toktra OWNER {_OWNER_ROLE}")
    base = make_url(superuser_url).set(drivername="postgresql+psycopg", database="toktra", password=None)
    roles = (_OWNER_ROLE, CORPORATE_ROLE, PERSONAL_ROLE)
    owner, corporate, personal = (base.set(username=role) for role in roles)
    return Databases(owner, corporate, personal, owner)


def connection_options(
    role: str = CORPORATE_ROLE, schema: str = CORPORATE_SCHEMA, *, durable: bool = True
) -> str:
    """libpq options that pin the role, the schema, the zone and the time-outs of a session (D1, D2).

    Not `durable`: a crash of the database can lose the last moments' commits, whole and in order.
    """
    pinned = {
        "synchronous_commit": "on" if durable else "off",
        "role": role,
        "search_path": schema,
        "timezone": "UTC",
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
    }
    return " ".join(f"-c {name}={value}" for name, value in pinned.items())


def make_engine(url: URL, *, pool_size: int, durable: bool = True, options: str | None = None) -> AsyncEngine:
    """The server's engine: one bounded pool for ORM and hot path alike. `options`: another role's."""
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={
            "options": options or connection_options(durable=durable),
            "connect_timeout": 5,
        },
    )
    check_at_checkout(engine)
    return engine


def one_by_one(engine: AsyncEngine) -> AsyncEngine:
    """The same pool, each statement a transaction of its own: for reads, and for writes of one statement."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def make_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after the commit, so that answers can be shaped from them."""
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def raw_connection(engine: AsyncEngine) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A psycopg connection from the same pool, for COPY and hand-written statements."""
    async with engine.connect() as connection:
        fairy = await connection.get_raw_connection()
        driver = fairy.driver_connection
        assert isinstance(driver, psycopg.AsyncConnection)
        yield driver


def among(
    key: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Collection[UUID]
) -> ColumnElement[bool]:
    """Whether a column is one of some ids: one array, since a list of parameters can be too long to send."""
    return key == any_(literal(list(ids), ARRAY(Uuid())))


async def driver_of(session: AsyncSession) -> psycopg.AsyncConnection[Any]:
    """The psycopg connection of a session, inside its transaction, for hand-written statements."""
    await session.flush()
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


def conninfo(url: URL) -> str:
    """The same address for libpq, without SQLAlchemy's driver name."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
