"""The ASGI app of the personal ledger. It writes no access log and no metric, and keeps no address.

P6: only a personal credential is taken; a corporate token or cookie is not looked at.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from sqlalchemy.engine import URL

from toktra.kit.clock import utc_now
from toktra.kit.database import make_engine, raw_connection
from toktra.kit.edge import HANDLERS, only_known_query
from toktra.kit.errors import Invalid, Unauthorized
from toktra.kit.groups import Connection
from toktra.kit.gzip import GzipBodies
from toktra.kit.http import LeanRequest, delete, get, post, put
from toktra.personal import ledger
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
)
from toktra.personal.storage import OPTIONS, keep_partitions
from toktra_wire.voucher import Refused, Voucher, check, read

KeyOf = Callable[[UUID], Awaitable[bytes | None]]
"""The public key with which an organisation signs vouchers; None where there is no such organisation."""
MAX_BODY = 2 * 1024 * 1024


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
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    account = None
    if scheme.lower() == "bearer" and secret.startswith("tk_per_"):
        async with raw_connection(connection.app.state.engine) as database:
            account = await ledger.account_of(database, secret)
    if account is None:
        raise Unauthorized("This needs a personal credential. Open /perks to get one.")
    connection.state.account = account


def _account(request: Request[Any, Any, Any]) -> Account:
    return request.state.account  # type: ignore[no-any-return]


def _now(request: Request[Any, Any, Any]) -> datetime:
    return request.app.state.clock()  # type: ignore[no-any-return]


def build(
    address: URL,
    *,
    keys: DayKeys,
    key_of: KeyOf,
    pool_size: int = 5,
    clock: Callable[[], datetime] = utc_now,
) -> Litestar:
    """The personal ledger's API on this database, with the keys of its days."""

    @contextlib.asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        engine = make_engine(address, pool_size=pool_size, options=OPTIONS)
        app.state.engine = engine
        async with raw_connection(engine) as connection:
            await keep_partitions(connection, today=clock().date())
        await asyncio.to_thread(keys.destroy_old, today=clock().date())
        yield
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
        exception_handlers=HANDLERS,
        request_class=LeanRequest,
        request_max_body_size=MAX_BODY,
        lifespan=[running],
        state=State({"clock": clock, "day_keys": keys, "key_of": key_of}),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
