"""The ASGI app of the personal ledger. It writes no access log and no metric, and keeps no address.

P6: only a personal credential is taken; a corporate token or cookie is not looked at.
P7: an organisation is told its figures, and nothing else (U2).
P8: it keeps its own house: no job of it stands in a corporate table.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import psycopg
from litestar import Litestar, Request
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from toktra.kit.clock import utc_now
from toktra.kit.database import make_engine, raw_connection
from toktra.kit.edge import HANDLERS, only_known_query
from toktra.kit.errors import Invalid, Unauthorized
from toktra.kit.groups import Connection
from toktra.kit.gzip import GzipBodies
from toktra.kit.http import EXTENSIONS, LeanRequest, delete, get, post, put
from toktra.kit.log import log
from toktra.personal import ledger, publishing
from toktra.personal.day_keys import DayKeys
from toktra.personal.ledger import Account, NewRecord
from toktra.personal.shapes import (
    AccountAnswer,
    AccountMadeAnswer,
    BackupBody,
    BonusAnswer,
    CheckAnswer,
    CheckBody,
    CredentialAnswer,
    CredentialBody,
    HistoryAnswer,
    KeptAnswer,
    MonthAnswer,
    NewAccountBody,
    RecordAnswer,
    RecordsAnswer,
    RecordsBody,
    VoucherBody,
    figures_of,
)
from toktra.personal.storage import OPTIONS, keep_partitions
from toktra_wire.figures import FiguresOfMonth
from toktra_wire.voucher import Refused, Voucher, check, check_asking, read, read_asking

KeyOf = Callable[[UUID], Awaitable[bytes | None]]
"""The public key with which an organisation signs vouchers; None where there is no such organisation."""
MAX_BODY = 2 * 1024 * 1024
_EVERY = timedelta(minutes=15)


@post("/personal/v1/accounts", status_code=201, opt={"public": True})
async def open_account(
    data: NewAccountBody, request: Request[Any, Any, Any], connection: Connection, now: datetime
) -> AccountMadeAnswer:
    """Opt in: an account with a public key, and the allowance of its first voucher."""
    voucher = await _good(request, data.voucher, now)
    made = await ledger.open_account(connection, public_key=data.public_key, voucher=voucher, now=now)
    return AccountMadeAnswer(*made)


@get("/personal/v1/account")
async def get_account(account: Account, connection: Connection, now: datetime) -> AccountAnswer:
    """The account, its wrapped key and what this month allows."""
    month = await ledger.current(connection, account_id=account.id, now=now)
    return AccountAnswer(
        account.id, account.public_key, account.backup, MonthAnswer.of(month) if month else None
    )


@delete("/personal/v1/account", status_code=204)
async def erase(account: Account, connection: Connection) -> None:
    """Opt out: the account and everything of it is gone at once."""
    await ledger.erase(connection, account_id=account.id)


@put("/personal/v1/account/backup", status_code=204)
async def keep_backup(data: BackupBody, account: Account, connection: Connection) -> None:
    """Keep the private key as its owner wrapped it, for another device of theirs."""
    await ledger.keep_backup(connection, account_id=account.id, wrapped=data.wrapped)


@post("/personal/v1/credentials", status_code=201)
async def add_credential(
    data: CredentialBody, account: Account, connection: Connection, now: datetime
) -> CredentialAnswer:
    """One more credential, for the agent or the extension; shown this once."""
    secret = await ledger.add_credential(connection, account_id=account.id, label=data.label, now=now)
    return CredentialAnswer(secret)


@post("/personal/v1/vouchers", status_code=200)
async def redeem(
    data: VoucherBody,
    request: Request[Any, Any, Any],
    account: Account,
    connection: Connection,
    now: datetime,
) -> MonthAnswer | None:
    """Redeem a month's allowance or a bonus; each once."""
    voucher = await _good(request, data.voucher, now)
    await ledger.redeem(connection, account_id=account.id, org_id=account.org_id, voucher=voucher)
    month = await ledger.current(connection, account_id=account.id, now=now)
    return MonthAnswer.of(month) if month else None


@post("/personal/v1/preflight", status_code=200)
async def preflight(data: CheckBody, account: Account, connection: Connection, now: datetime) -> CheckAnswer:
    """Whether a request fits into what is left. A refused one is an answer, not an error."""
    found = await ledger.check(
        connection, account_id=account.id, key=data.key, tokens=data.estimated_tokens, now=now
    )
    return CheckAnswer.of(found)


@delete("/personal/v1/holds/{key:uuid}", status_code=204)
async def give_back(key: UUID, account: Account, connection: Connection) -> None:
    """The request was not made: its room is free again."""
    await ledger.give_back(connection, account_id=account.id, key=key)


@post("/personal/v1/records", status_code=200)
async def keep_records(
    data: RecordsBody, request: Request[Any, Any, Any], account: Account, connection: Connection
) -> KeptAnswer:
    """Keep and count records; each once, and all of them or none."""
    new = [NewRecord(one.id, one.tokens, one.sealed, one.hold) for one in data.records]
    kept = await ledger.keep(connection, account_id=account.id, records=new, keys=request.app.state.day_keys)
    return KeptAnswer(kept, len(new) - kept)


@get("/personal/v1/records")
async def list_records(
    request: Request[Any, Any, Any],
    account: Account,
    connection: Connection,
    before: UUID | None = None,
    limit: Annotated[int, Parameter(ge=1, le=1_000)] = 500,
) -> RecordsAnswer:
    """The account's records of the last 90 days, the newest first, as their owner sealed them."""
    found = await ledger.records(
        connection, account_id=account.id, before=before, limit=limit, keys=request.app.state.day_keys
    )
    return RecordsAnswer(
        [RecordAnswer.of(one) for one in found], found[-1].id if len(found) == limit else None
    )


@get("/personal/v1/history")
async def history(account: Account, connection: Connection) -> HistoryAnswer:
    """Every month with what rolled over and was used, and every bonus."""
    months = await ledger.months(connection, account_id=account.id)
    bonuses = await ledger.bonuses(connection, account_id=account.id)
    return HistoryAnswer(
        [MonthAnswer.of(one) for one in months],
        [BonusAnswer(one.month, one.tokens, one.reason) for one in bonuses],
    )


@get("/personal/v1/aggregates", opt={"public": True})
async def list_aggregates(
    request: Request[Any, Any, Any], connection: Connection, now: datetime
) -> list[FiguresOfMonth]:
    """What is published about the organisation that signed this question (P7)."""
    key_of: KeyOf = request.app.state.key_of
    text = _bearer(request)
    try:
        key = await key_of(read_asking(text).org_id)
        if key is None:
            raise Refused("No such organisation is known here.")
        org_id = check_asking(text, key, now=now).org_id
    except Refused as refused:
        raise Unauthorized(f"{refused} Only an organisation's own server is told its figures.") from refused
    return [figures_of(one) for one in await publishing.told(connection, org_id=org_id)]


ROUTES: Sequence[Any] = [
    open_account,
    get_account,
    erase,
    keep_backup,
    add_credential,
    redeem,
    preflight,
    give_back,
    keep_records,
    list_records,
    history,
    list_aggregates,
]


async def _good(request: Request[Any, Any, Any], text: str, now: datetime) -> Voucher:
    key_of: KeyOf = request.app.state.key_of
    try:
        key = await key_of(read(text).org_id)
        if key is None:
            raise Refused("The voucher is of an organisation that is not known here.")
        return check(text, key, now=now)
    except Refused as refused:
        raise Invalid(f"{refused} Get a new one at /perks.", field="voucher") from refused


async def _connection(request: Request[Any, Any, Any]) -> AsyncIterator[Connection]:
    """One transaction for each request, committed before the answer leaves."""
    async with raw_connection(request.app.state.engine) as connection, connection.transaction():
        yield connection


async def _only_owners(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """P6. Before a transaction is begun."""
    if handler.opt.get("public"):
        return
    secret = _bearer(connection)
    account = None
    if secret.startswith("tk_per_"):
        async with raw_connection(connection.app.state.engine) as database:
            account = await ledger.account_of(database, secret)
    if account is None:
        raise Unauthorized("This needs a personal credential. Open /perks to get one.")
    connection.state.account = account


def _bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret if scheme.lower() == "bearer" else ""


def _account(request: Request[Any, Any, Any]) -> Account:
    return request.state.account  # type: ignore[no-any-return]


def _now(request: Request[Any, Any, Any]) -> datetime:
    return request.app.state.clock()  # type: ignore[no-any-return]


async def keep_house(engine: AsyncEngine, keys: DayKeys, *, now: datetime) -> None:
    """What falls due with time (P8): partitions and keys of days, nonces, holds, and the figures of today."""
    async with raw_connection(engine) as connection:
        await keep_partitions(connection, today=now.date())
        async with connection.transaction():
            await ledger.forget(connection, now=now)
        async with connection.transaction():
            await publishing.publish(connection, today=now.date())
    await asyncio.to_thread(keys.destroy_old, today=now.date())


async def _try_to_keep_house(engine: AsyncEngine, keys: DayKeys, now: datetime) -> None:
    try:
        await keep_house(engine, keys, now=now)
    except (psycopg.Error, SQLAlchemyError, OSError) as failed:
        log.error("personal_house", error=type(failed).__name__, todo="run: toktra migrate")


async def _go_on_keeping_house(engine: AsyncEngine, keys: DayKeys, clock: Callable[[], datetime]) -> None:
    while True:
        await asyncio.sleep(_EVERY.total_seconds())
        await _try_to_keep_house(engine, keys, clock())


def build(
    address: URL,
    *,
    keys: DayKeys,
    key_of: KeyOf,
    portal: str = "",
    pool_size: int = 5,
    clock: Callable[[], datetime] = utc_now,
) -> Litestar:
    """The personal ledger's API on this database, with the keys of its days.

    `portal`: where its pages are, if not at this address. Extensions may call it, too.
    """

    @contextlib.asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        engine = make_engine(address, pool_size=pool_size, options=OPTIONS)
        app.state.engine = engine
        await _try_to_keep_house(engine, keys, clock())
        keeping = asyncio.create_task(_go_on_keeping_house(engine, keys, clock))
        yield
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await engine.dispose()

    return Litestar(
        route_handlers=ROUTES,
        dependencies={
            "connection": Provide(_connection),
            "account": Provide(_account, sync_to_thread=False),
            "now": Provide(_now, sync_to_thread=False),
        },
        guards=[only_known_query, _only_owners],
        middleware=[GzipBodies()],
        cors_config=CORSConfig(
            allow_origins=[portal] if portal else [],
            allow_origin_regex=EXTENSIONS,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["authorization", "content-type"],
            max_age=7200,
        ),
        exception_handlers=HANDLERS,
        request_class=LeanRequest,
        request_max_body_size=MAX_BODY,
        lifespan=[running],
        state=State({"clock": clock, "day_keys": keys, "key_of": key_of}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
