"""The server, put together: settings, database, slices, edge. One of three composition roots."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from litestar import Litestar, Request, Router
from litestar.config.compression import CompressionConfig
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from toktra import __version__
from toktra.access import routes as access_routes
from toktra.access import service as access
from toktra.access.credentials import Credentials
from toktra.access.edge import Authentication, describe_caller, provide_actor
from toktra.access.guards import PUBLIC
from toktra.access.routes import TokenRequest
from toktra.access.rules import Actor
from toktra.alerts import routes as alerts_routes
from toktra.budgets import routes as budgets_routes
from toktra.budgets.book import Books
from toktra.budgets.desk import Desk
from toktra.budgets.ledger.counting import count
from toktra.budgets.ledger.recount import recount_after_move
from toktra.budgets.service.unsure import when_unsure
from toktra.budgets.streams import Streams
from toktra.compliance import routes as compliance_routes
from toktra.devices import routes as devices_routes
from toktra.devices import service as devices
from toktra.devices.configuration import ConfigParts, ConfigSource
from toktra.health import ROUTES as HEALTH_ROUTES
from toktra.incidents import routes as incidents_routes
from toktra.kit import log
from toktra.kit.clock import utc_now
from toktra.kit.database import (
    connection_options,
    conninfo,
    locate,
    locate_personal,
    make_engine,
    make_sessions,
    one_by_one,
    raw_connection,
)
from toktra.kit.edge import HANDLERS, RequestLog, only_known_query
from toktra.kit.errors import BadRequest
from toktra.kit.gzip import GzipBodies
from toktra.kit.http import EXTENSIONS, LeanRequest
from toktra.kit.leaving import on_leaving
from toktra.kit.reuse import Reuse
from toktra.kit.settings import Settings, from_environment
from toktra.kit.work import provide_reading, provide_session, remember_answer
from toktra.metering import partitions
from toktra.metering import routes as metering_routes
from toktra.metering.catalog import PROVIDERS
from toktra.metering.writer import Writer
from toktra.notify import routes as notify_routes
from toktra.people import routes as people_routes
from toktra.perks import queries as perks
from toktra.perks import routes as perks_routes
from toktra.personal import app as personal
from toktra.personal.day_keys import DayKeys
from toktra.personal.keys_over_http import KeysOverHttp
from toktra.policies import routes as policies_routes
from toktra.policies.live import Rulebooks, Watch
from toktra.risks import routes as risks_routes
from toktra.webapp import built
from toktra.webapp.serving import with_dashboard
from toktra_wire import estimator
from toktra_wire.config import ProviderHost
from toktra_wire.identity import JWT_BEARER

MAX_BODY = 256 * 1024
_CORS = CORSConfig(
    allow_origins=[],
    allow_origin_regex=EXTENSIONS,
    allow_methods=["GET", "POST", "PUT", "DELETE"],
    allow_headers=["authorization", "content-type", "if-none-match"],
    expose_headers=["etag", "retry-after"],
    max_age=7200,
)
"""Browser extensions may call the API with a token of theirs; no page may, and no cookie goes along."""
SHUTDOWN_SECONDS = 20
PERSONAL = "/personal/"
_DAYS = "personal-days"


def create_app(
    settings: Settings | None = None,
    *,
    clock: Callable[[], datetime] = utc_now,
    dashboard: Path = built.FOLDER,
) -> ASGIApp:
    """The ASGI application. Without arguments it reads TOKTRA_* variables, as uvicorn's workers do."""
    settings = settings or from_environment()
    settings.require_secret_key()
    log.set_up(settings.log_level)
    beside = None if settings.personal_url else build_personal(settings, lambda: api, clock=clock)
    api = build(settings, clock=clock, beside=beside)
    corporate = RequestLog(with_dashboard(api, built.read(dashboard), personal_url=settings.personal_url))
    if beside is None:
        return corporate

    async def either(scope: Scope, receive: Receive, send: Send) -> None:
        """Nothing of a personal request passes by what measures and logs the others."""
        personal_one = scope["type"] == ScopeType.HTTP and scope["path"].startswith(PERSONAL)
        await (beside if personal_one else corporate)(scope, receive, send)

    return either


def create_personal() -> ASGIApp:
    """The personal ledger as a server of its own. It asks the corporate one for public keys alone."""
    settings = from_environment()
    log.set_up(settings.log_level)
    return personal.build(
        locate_personal(settings)[1],
        keys=DayKeys(settings.data_dir / _DAYS),
        key_of=KeysOverHttp(settings.public_url),
        portal=settings.public_url,
    )


def build_personal(
    settings: Settings, corporate: Callable[[], Litestar], *, clock: Callable[[], datetime] = utc_now
) -> Litestar:
    """The personal ledger in the corporate API's own process, which it asks for public keys alone."""

    async def key_of(org_id: UUID) -> bytes | None:
        async with corporate().state.reading() as session:
            return await perks.public_key(session, org_id=org_id)

    return personal.build(
        locate_personal(settings)[1], keys=DayKeys(settings.data_dir / _DAYS), key_of=key_of, clock=clock
    )


def build(
    settings: Settings, *, clock: Callable[[], datetime] = utc_now, beside: Litestar | None = None
) -> Litestar:
    """The API, without the dashboard and the outermost log. `beside`: what lives as long as it does."""
    return Litestar(
        route_handlers=[
            *HEALTH_ROUTES,
            *access_routes.ROUTES,
            *people_routes.ROUTES,
            *devices_routes.ROUTES,
            *metering_routes.ROUTES,
            *budgets_routes.ROUTES,
            *alerts_routes.ROUTES,
            *notify_routes.ROUTES,
            *incidents_routes.ROUTES,
            *policies_routes.ROUTES,
            *risks_routes.ROUTES,
            *perks_routes.ROUTES,
            *compliance_routes.ROUTES,
        ],
        dependencies={
            "session": Provide(provide_session),
            "reading": Provide(provide_reading),
            "actor": Provide(provide_actor, sync_to_thread=False),
            "now": Provide(_provide_now, sync_to_thread=False),
        },
        guards=[only_known_query],
        middleware=[Authentication(), GzipBodies()],
        after_request=remember_answer,
        exception_handlers=HANDLERS,
        request_class=LeanRequest,
        request_max_body_size=MAX_BODY,
        cors_config=_CORS,
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=2048, exclude_opt_key="uncompressed"
        ),
        lifespan=[_running, *([lambda _app: beside.lifespan()] if beside else [])],
        state=State({"settings": settings, "clock": clock, "describe_caller": describe_caller}),
        openapi_config=_openapi(settings),
        logging_config=None,
        debug=False,
    )


def _openapi(settings: Settings) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Toktra",
        version=__version__,
        description="Usage of AI: measured, budgeted, never read. Every error has one shape: ErrorAnswer.",
        use_handler_docstrings=True,
        openapi_router=Router("/schema", route_handlers=[], opt=PUBLIC, include_in_schema=False),
        render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"])],
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(
                    type="http", scheme="bearer", description="API key, OAuth or device token"
                ),
                "session": SecurityScheme(type="apiKey", name="toktra_session", security_scheme_in="cookie"),
            }
        ),
        security=[{"bearer": []}, {"session": []}],
    )


def _provide_now(request: Request[Any, Any, Any]) -> datetime:
    return request.app.state.clock()  # type: ignore[no-any-return]


@contextlib.asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """What lives as long as the server: the engine, the writer; ended in the reverse order."""
    settings: Settings = app.state.settings
    corporate = locate(settings).corporate
    engine = make_engine(corporate, pool_size=settings.database_pool_size)
    app.state.engine = engine
    app.state.sessions = make_sessions(engine)
    app.state.statements = one_by_one(engine)
    app.state.reading = make_sessions(app.state.statements)
    app.state.credentials = Credentials(
        app.state.reading,
        {
            "tk_key": access.resolve_api_key,
            "tk_oat": access.resolve_client_token,
            "tk_dat": devices.resolve_token,
        },
    )
    app.state.grants = {
        "client_credentials": access_routes.client_credentials,
        JWT_BEARER: _device_grant(settings),
    }
    app.state.device_config_source = _device_config_source(app)
    app.state.reuse = Reuse(app.state.reading)
    streams = app.state.streams = Streams(app.state.sessions, lambda: app.state.clock())
    app.state.books = Books(
        app.state.reading, on_told=lambda org_id, budgets: streams.wake(org_id, budgets=budgets)
    )
    app.state.rulebooks = Rulebooks(app.state.books, app.state.reading)
    watch = Watch(app.state.rulebooks)
    app.state.judge_risk = watch.judge_risk
    app.state.writer = Writer(engine, count, watch.judge, clock=lambda: app.state.clock())
    checks = make_engine(corporate, pool_size=1, durable=False)
    app.state.desk = Desk(
        one_by_one(checks),
        app.state.books,
        public_url=settings.public_url,
        hold_for=timedelta(seconds=settings.hold_seconds),
    )
    app.state.on_department_moved = recount_after_move
    app.state.forget = partial(_forget, app.state.credentials, app.state.books)
    await _make_partitions(app)
    _settle_garbage()
    app.state.working = [asyncio.create_task(groups.run()) for groups in (app.state.writer, app.state.desk)]
    listening = asyncio.create_task(app.state.books.listen(conninfo(corporate), connection_options()))
    try:
        with on_leaving(streams.close):
            yield
    finally:
        streams.close()
        app.state.writer.close()
        app.state.desk.close()
        listening.cancel()
        await asyncio.wait_for(asyncio.gather(*app.state.working), SHUTDOWN_SECONDS)
        await app.state.reuse.close()
        await checks.dispose()
        await engine.dispose()


def _forget(credentials: Credentials, books: Books, org_id: UUID) -> None:
    """This process answers with what was just changed; others hear of it."""
    credentials.forget_all()
    books.forget(org_id)


async def _make_partitions(app: Litestar) -> None:
    """Without a migrated database the server starts all the same: /v1/health says what to do."""
    try:
        async with raw_connection(app.state.engine) as connection:
            await partitions.make(connection, now=app.state.clock())
    except (psycopg.Error, SQLAlchemyError) as missing:
        log.log.error("database_not_ready", error=type(missing).__name__, todo="run: toktra migrate")


def _settle_garbage() -> None:
    """What is there now stays: the collector need not look at it each time a batch of events is decoded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _device_grant(settings: Settings) -> Callable[[AsyncSession, TokenRequest, datetime], Any]:
    async def grant(session: AsyncSession, data: TokenRequest, now: datetime) -> access.IssuedToken:
        if not data.assertion:
            raise BadRequest("This grant needs an assertion: a JWT signed by the device's key.")
        return await devices.proof_grant(
            session, assertion=data.assertion, issuer=settings.public_url, now=now
        )

    return grant


def _device_config_source(app: Litestar) -> ConfigSource:
    hosts = [ProviderHost(pattern, provider.id) for provider in PROVIDERS for pattern in provider.hosts]
    parameters = estimator.load()

    async def source(actor: Actor) -> ConfigParts:
        book = await app.state.books.of(actor.org_id)
        return ConfigParts(hosts, parameters, when_unsure(book, actor, app.state.clock()))

    return source
