"""HTTP of metering: events in, usage out."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request
from msgspec import Meta, Struct
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.devices import queries as devices
from toktra.kit.decoding import DecodedOnce
from toktra.kit.http import UNCOMPRESSED, get, post
from toktra.kit.pages import COUNT_LIMIT, DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, page_of
from toktra.metering import captured, charts, queries
from toktra.metering.asked import (
    MOST_DAYS,
    MOST_DAYS_HOURLY,
    Basis,
    Days,
    EndDate,
    Label,
    Period,
    StartDate,
    days_asked,
    filters_asked,
    period_name,
)
from toktra.metering.ingest import ingest
from toktra.metering.queries import Filters, Position
from toktra.metering.rankings import top_users
from toktra.people import queries as people
from toktra_wire.event import EventBatch, EventsAnswer

OVERVIEW_DAYS = 30
MAX_EVENTS_BODY = 2 * 1024 * 1024


class UsageSummary(Struct, frozen=True):
    """Usage of one user with one model in one period."""

    user_id: UUID
    user_email: str
    department_id: UUID
    department: Annotated[str, Meta(description="The department the usage was made in")]
    model: str
    provider: str
    period: Annotated[
        str, Meta(description="2026-11-21, a week's Monday, 2026-11, or an hour with its offset")
    ]
    starts_at: datetime
    total_requests: int
    total_input_tokens: int
    total_output_tokens: int
    total_tokens: Annotated[int, Meta(description="Input + output")]
    estimated_cost_usd: Annotated[float, Meta(description="At list prices; exact to the micro-dollar")]
    cost_micros: Annotated[int, Meta(description="The same in micro-USD, as an integer")]
    unpriced_requests: Annotated[
        int, Meta(description="Requests without a known price; they add nothing to the cost")
    ]
    basis: Annotated[Basis, Meta(description="Where a provider's own count is there, reconciled counts")]


class Overview(Struct, frozen=True):
    """The four tiles of the last 30 days."""

    days: int
    enrolled_devices: Annotated[int, Meta(description="Devices with an active certificate")]
    active_users: Annotated[int, Meta(description="Users with at least one usage event")]
    total_tokens: Annotated[int, Meta(description="Input + output tokens of all providers")]
    input_tokens: int
    output_tokens: int
    total_requests: int
    protected: Annotated[bool, Meta(description="Whether a device has reported within 24 hours")]
    reporting_devices: Annotated[int, Meta(description="Enrolled devices heard from within 24 hours")]


class TopUser(Struct, frozen=True):
    rank: int
    user_id: UUID
    user_email: str
    user_name: str
    input_tokens: int
    output_tokens: int
    total_tokens: int
    total_requests: int
    estimated_cost_usd: float
    cost_micros: int
    share_of_highest: Annotated[float, Meta(description="1.0 for the first; tokens relative to the first's")]


class TopUsersAnswer(Struct, frozen=True):
    start_date: date
    end_date: date
    users: Annotated[list[TopUser], Meta(description="Most tokens first")]


@post(
    "/v1/events",
    guards=[may(Scope.EVENTS_WRITE)],
    opt=UNCOMPRESSED,
    status_code=200,
    request_max_body_size=MAX_EVENTS_BODY,
    dto=DecodedOnce[EventBatch],
    return_dto=None,
)
async def post_events(data: EventBatch, request: Request[Any, Actor, Any]) -> EventsAnswer:
    """Up to 500 usage events, each kept once however often it is sent. gzip is taken.

    An answered event is durable. Events are refused one by one with a reason; the others are kept.
    """
    state = request.app.state
    return await ingest(
        state.writer, state.sessions, actor=request.auth, events=data.events, now=state.clock()
    )


@get("/v1/usage", guards=[may(Scope.USAGE_READ)])
async def get_usage(
    request: Request[Any, Any, Any],
    actor: Actor,
    reading: AsyncSession,
    now: datetime,
    period: Period = "daily",
    start_date: StartDate = None,
    end_date: EndDate = None,
    user_id: UUID | None = None,
    model: Label = None,
    provider: Label = None,
    department_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[UsageSummary]:
    """Usage per period, user, department, provider and model, newest first; the last 30 days by default."""
    most = MOST_DAYS_HOURLY if period == "hourly" else MOST_DAYS
    days = await days_asked(reading, actor, now, start_date, end_date, default=30, most=most)
    filters = await filters_asked(reading, actor, user_id, model, provider, department_id)
    org_id, span = actor.org_id, queries.LISTED_SPANS[period]
    rows = await queries.summaries(
        reading,
        org_id=org_id,
        span=span,
        days=days,
        filters=filters,
        after=decode_cursor(cursor, Position) if cursor else None,
        limit=limit,
    )
    total = len(rows)
    if cursor or total > limit:  # otherwise this page is the whole list
        total = await request.app.state.reuse.answer(
            ("count", org_id, span, days, filters),
            reading,
            lambda session: queries.count_summaries(
                session, org_id=org_id, span=span, days=days, filters=filters
            ),
            settled=lambda count: count == COUNT_LIMIT,  # it only grows, and counting stops there
        )
    labels = await people.labels(
        reading,
        org_id=actor.org_id,
        user_ids={row.user_id for row in rows},
        department_ids={row.department_id for row in rows},
    )
    return page_of(
        rows,
        lambda row: _summary(row, period, days.zone, labels),
        limit=limit,
        position=_position,
        total=total,
    )


@get("/v1/usage/overview", guards=[may(Scope.USAGE_READ)])
async def get_overview(actor: Actor, reading: AsyncSession, now: datetime) -> Overview:
    """The four tiles of the Overview page, for the last 30 days, within the caller's reach."""
    days = await days_asked(reading, actor, now, None, None, default=OVERVIEW_DAYS)
    filters = Filters().within(actor.reach)
    inputs, outputs, requests = await queries.total_tokens(
        reading, org_id=actor.org_id, days=days, filters=filters
    )
    within = (
        None
        if actor.reach.everyone
        else await people.user_ids_within(reading, org_id=actor.org_id, reach=actor.reach)
    )
    counted = await devices.counted(reading, org_id=actor.org_id, reach=actor.reach, now=now)
    return Overview(
        days=OVERVIEW_DAYS,
        enrolled_devices=counted.enrolled,
        active_users=await queries.active_users(
            reading, org_id=actor.org_id, since=days.starts_at, user_ids=within
        ),
        total_tokens=inputs + outputs,
        input_tokens=inputs,
        output_tokens=outputs,
        total_requests=requests,
        protected=counted.reporting > 0,
        reporting_devices=counted.reporting,
    )


@get("/v1/usage/top-users", guards=[may(Scope.USAGE_READ)])
async def get_top_users(
    request: Request[Any, Any, Any],
    actor: Actor,
    reading: AsyncSession,
    now: datetime,
    days: Days = 30,
    start_date: StartDate = None,
    end_date: EndDate = None,
    user_id: UUID | None = None,
    model: Label = None,
    provider: Label = None,
    department_id: UUID | None = None,
    limit: Limit = 10,
) -> TopUsersAnswer:
    """The users with the most tokens, each with their share of the highest.

    Where ranking takes long, among many thousand users, the ranking can be some 15 seconds old.
    """
    range_ = await days_asked(reading, actor, now, start_date, end_date, default=days)
    filters = await filters_asked(reading, actor, user_id, model, provider, department_id)
    rows = await request.app.state.reuse.answer(
        ("top users", actor.org_id, range_, filters, limit),
        reading,
        lambda session: top_users(session, org_id=actor.org_id, days=range_, filters=filters, limit=limit),
    )
    labels = await people.labels(
        reading, org_id=actor.org_id, user_ids={row.user_id for row in rows}, department_ids=()
    )
    highest = max((row.input_tokens + row.output_tokens for row in rows), default=0)
    users = [_top_user(rank, row, labels, highest) for rank, row in enumerate(rows, start=1)]
    return TopUsersAnswer(range_.first, range_.last, users)


def _summary(row: Row[Any], period: Period, zone: ZoneInfo, labels: people.Labels) -> UsageSummary:
    return UsageSummary(
        user_id=row.user_id,
        user_email=labels.user_emails.get(row.user_id, ""),
        department_id=row.department_id,
        department=labels.departments.get(row.department_id, ""),
        model=row.model,
        provider=row.provider,
        period=period_name(row.starts_at.astimezone(zone), period),
        starts_at=row.starts_at,
        total_requests=row.requests,
        total_input_tokens=row.input_tokens,
        total_output_tokens=row.output_tokens,
        total_tokens=row.input_tokens + row.output_tokens,
        estimated_cost_usd=row.cost_micros / 1_000_000,
        cost_micros=row.cost_micros,
        unpriced_requests=row.unpriced_requests,
        basis=row.basis,
    )


def _position(row: Row[Any]) -> Position:
    return (row.starts_at, row.user_id, row.department_id, row.provider, row.model, row.basis)


def _top_user(rank: int, row: Row[Any], labels: people.Labels, highest: int) -> TopUser:
    tokens = row.input_tokens + row.output_tokens
    return TopUser(
        rank=rank,
        user_id=row.user_id,
        user_email=labels.user_emails.get(row.user_id, ""),
        user_name=labels.user_names.get(row.user_id, ""),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        total_tokens=tokens,
        total_requests=row.requests,
        estimated_cost_usd=row.cost_micros / 1_000_000,
        cost_micros=row.cost_micros,
        share_of_highest=round(tokens / highest, 4) if highest else 0.0,
    )


ROUTES: Sequence[Any] = [
    post_events,
    get_usage,
    get_overview,
    get_top_users,
    *charts.ROUTES,
    *captured.ROUTES,
]
