"""Real PostgreSQL, the real app, and a fresh organisation for each test that asks for one."""

import asyncio
import atexit
import io
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from hypothesis import settings as hypothesis_settings
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from toktra.access import service as access
from toktra.access.rules import GRANTABLE_SCOPES, Role
from toktra.app import build
from toktra.kit import log
from toktra.kit.clock import utc_now
from toktra.kit.database import Databases, locate, make_engine, make_sessions, raw_connection
from toktra.kit.edge import RequestLog
from toktra.kit.settings import Settings
from toktra.metering import partitions
from toktra.migrations import migrate
from toktra.people import queries as people_queries
from toktra.people import service as people
from toktra.people.model import User
from toktra_wire import identity
from toktra_wire.ids import new_id

hypothesis_settings.register_profile("toktra", deadline=None)  # no test asserts a time
hypothesis_settings.load_profile("toktra")


@pytest.fixture(scope="session")
def settings() -> Settings:
    """A data folder outside pytest's own, which other runs of pytest tidy away."""
    folder = Path(tempfile.mkdtemp(prefix="toktra-tests-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    log.set_up("error")
    return Settings(data_dir=folder, secret_key="a secret key for tests, long enough", log_level="error")


@pytest.fixture(scope="session")
def database(settings: Settings) -> Databases:
    databases = locate(settings)
    migrate(databases)
    return databases


@pytest.fixture(scope="session")
async def engine(database: Databases) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database.corporate, pool_size=10)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    return make_sessions(engine)


@pytest.fixture
async def session(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session
        await session.rollback()


@pytest.fixture
def now() -> datetime:
    return utc_now()


@pytest.fixture(scope="session")
async def app(settings: Settings, database: Databases) -> AsyncIterator[Litestar]:
    log.set_up(settings.log_level)
    async with running(build(settings)) as app:
        app.state.streams.longest = 0.05  # the test client waits for an answer's end
        yield app


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[Litestar]:
    """The app with its lifespan in a task of its own: it must end in the task that began it."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await ended.wait()

    living = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait([living, waiting], return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    try:
        yield app
    finally:
        ended.set()
        await living


@pytest.fixture
def started() -> Callable[[Litestar], AbstractAsyncContextManager[Litestar]]:
    """An app of a test's own, with its lifespan."""
    return running


@asynccontextmanager
async def client_of(app: Litestar, address: str = "127.0.0.1") -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=RequestLog(app), client=(address, 40_000))  # type: ignore[arg-type]
    async with httpx2.AsyncClient(transport=transport, base_url="http://toktra.test") as client:
        yield client


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
def run() -> Callable[[Litestar], AbstractAsyncContextManager[Litestar]]:
    """Runs an app of the test's own."""
    return running


@pytest.fixture
def client_to() -> Callable[..., AbstractAsyncContextManager[httpx2.AsyncClient]]:
    """A client to an app of the test's own, or from another address."""
    return client_of


@dataclass
class Clock:
    """The app's clock, which tests move."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock(app: Litestar) -> Iterator[Clock]:
    """The app's clock, standing still until a test moves it."""
    before, app.state.clock = app.state.clock, Clock(utc_now())
    yield app.state.clock
    app.state.clock = before


@pytest.fixture
def at(clock: Any, engine: AsyncEngine) -> Callable[[Any], Any]:
    """Set the app's clock to an instant, with partitions for the events around it."""

    async def at(instant: Any) -> None:
        clock.now = instant
        async with raw_connection(engine) as connection:
            await partitions.make(connection, now=instant - timedelta(days=1), back=timedelta(days=40))

    return at


@pytest.fixture
def log_lines(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    """What the server writes to standard error during a test, from the level `info` up."""
    written = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", written)
        _log_anew("info")
        yield lambda: written.getvalue().splitlines()
    _log_anew(settings.log_level)


def _log_anew(level: str) -> None:
    vars(log.log).pop("bind", None)  # the logger keeps its settings from its first use on
    log.set_up(level)


@pytest.fixture
def event() -> Callable[..., dict[str, Any]]:
    """A good event of now as it is sent, with these fields changed."""
    return make_event


def make_event(**changes: Any) -> dict[str, Any]:
    made = {
        "id": str(new_id()),
        "occurred_at": utc_now().isoformat(),
        "provider_host": "api.openai.com",
        "model": "gpt-4o",
        "request_bytes": 2048,
        "response_bytes": 8192,
        "estimated_input_tokens": 1000,
        "estimated_output_tokens": 100,
    }
    return {**made, **changes}


@dataclass
class TestOrganization:
    """An organisation with one user of each role, each with an open session and none with a password."""

    __test__ = False
    id: UUID
    root_id: UUID
    owner: User
    admin: User
    manager: User
    member: User
    api_key: dict[str, str]
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def as_(self, role: str) -> dict[str, str]:
        """Headers of a signed-in session of this role: cookie and CSRF token."""
        return self.headers[role]


async def make_organization(
    sessions: async_sessionmaker[AsyncSession], *, time_zone: str = "Europe/Berlin"
) -> TestOrganization:
    now = utc_now()
    async with sessions.begin() as session:
        made = await people.create_organization(
            session, name="Acme", time_zone=time_zone, currency="USD", region="eu", now=now
        )
        root = await people_queries.root_department(session, org_id=made.id)
        users: dict[str, User] = {}
        headers: dict[str, dict[str, str]] = {}
        for role in Role:
            users[role] = await people.create_user(
                session,
                org_id=made.id,
                email=f"{role}-{new_id().hex[-12:]}@example.com",
                name=f"{role} of Acme",
                department="Engineering" if role in (Role.MANAGER, Role.MEMBER) else None,
                role=role,
                now=now,
            )
            started = await access.start_session(session, user=users[role], now=now)
            headers[role] = {"Cookie": f"toktra_session={started.token}", "X-CSRF-Token": started.csrf_token}
        _, key = await access.create_api_key(
            session,
            org_id=made.id,
            created_by=users[Role.OWNER].id,
            name="all",
            scopes=GRANTABLE_SCOPES,
            expires_at=None,
            now=now,
        )
    return TestOrganization(
        id=made.id,
        root_id=root.id,
        owner=users[Role.OWNER],
        admin=users[Role.ADMIN],
        manager=users[Role.MANAGER],
        member=users[Role.MEMBER],
        api_key={"Authorization": f"Bearer {key}"},
        headers=headers,
    )


@dataclass
class TestDevice:
    """An enrolled device of an organisation's member, and the headers of its token."""

    __test__ = False
    id: UUID
    headers: dict[str, str]


@pytest.fixture
async def device(client: httpx2.AsyncClient, organization: TestOrganization) -> TestDevice:
    return await enroll(client, organization)


@pytest.fixture
def enroll_device(client: httpx2.AsyncClient) -> Callable[[TestOrganization], Awaitable[TestDevice]]:
    """Enrol a device of an organisation's member."""
    return partial(enroll, client)


async def enroll(client: httpx2.AsyncClient, organization: TestOrganization) -> TestDevice:
    asked = await client.post("/v1/enrollment-tokens", json={}, headers=organization.api_key)
    key = identity.new_key()
    said = {
        "token": asked.json()["token"],
        "csr": identity.signing_request(key, "laptop"),
        "hostname": "laptop",
        "platform": "linux",
        "agent_version": "1.0",
        "user_email": organization.member.email,
    }
    enrolled = (await client.post("/v1/devices/enroll", json=said)).json()
    device_id, issuer = enrolled["device_id"], enrolled["issuer"]
    assertion = identity.proof(key, device_id=device_id, issuer=issuer, now=utc_now())
    grant = {"grant_type": identity.JWT_BEARER, "assertion": assertion}
    token = (await client.post("/v1/oauth/token", data=grant)).json()["access_token"]
    return TestDevice(UUID(device_id), {"Authorization": f"Bearer {token}"})


@pytest.fixture
def make(sessions: async_sessionmaker[AsyncSession]) -> Callable[..., Awaitable[TestOrganization]]:
    """Make another organisation, in a time zone."""
    return partial(make_organization, sessions)


@pytest.fixture
async def organization(sessions: async_sessionmaker[AsyncSession]) -> TestOrganization:
    return await make_organization(sessions)


@pytest.fixture
async def other_organization(sessions: async_sessionmaker[AsyncSession]) -> TestOrganization:
    return await make_organization(sessions)
