"""HTTP of charts: usage over time, by provider and by model."""

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
from toktra.kit.http import get
from toktra.kit.pages import DEFAULT_LIMIT, Limit
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
from toktra.metering.catalog import PROVIDER_NAMES
from toktra.metering.queries import LISTED_SPANS, by_provider
from toktra.metering.series import Point, by_model, series


class SeriesItem(Struct, frozen=True):
    """Usage in one period, of everyone who was asked for together."""

    period: Annotated[
        str, Meta(description="2026-11-21, a week's Monday, 2026-11, or an hour with its offset")
    ]
    starts_at: datetime
    total_requests: int
    total_input_tokens: int
    total_output_tokens: int
    total_tokens: Annotated[int, Meta(description="Input + output")]
    estimated_tokens: Annotated[int, Meta(description="The part of total_tokens that is estimated")]
    reconciled_tokens: Annotated[int, Meta(description="The part that the providers themselves counted")]
    estimated_cost_usd: Annotated[float, Meta(description="At list prices; exact to the micro-dollar")]
    cost_micros: Annotated[int, Meta(description="The same in micro-USD, as an integer")]
    unpriced_requests: Annotated[
        int, Meta(description="Requests without a known price; they add nothing to the cost")
    ]


class SeriesAnswer(Struct, frozen=True):
    start_date: date
    end_date: date
    time_zone: Annotated[str, Meta(description="The organisation's: periods begin at its midnights")]
    items: Annotated[
        list[SeriesItem], Meta(description="Oldest first; every period, also those without usage")
    ]


class ProviderUsage(Struct, frozen=True):
    """Usage at one provider."""

    provider: str
    provider_name: str
    basis: Basis
    input_tokens: int
    output_tokens: int
    total_tokens: int
    total_requests: int
    estimated_cost_usd: float
    cost_micros: int
    unpriced_requests: int


class ProvidersAnswer(Struct, frozen=True):
    start_date: date
    end_date: date
    providers: Annotated[list[ProviderUsage], Meta(description="Most tokens first")]


class ModelUsage(ProviderUsage, frozen=True):
    """Usage of one model at one provider."""

    model: str


class ModelsAnswer(Struct, frozen=True):
    start_date: date
    end_date: date
    models: Annotated[list[ModelUsage], Meta(description="Most tokens first")]


@get("/v1/usage/series", guards=[may(Scope.USAGE_READ)])
async def get_series(
    request: Request[Any, Any, Any],
    actor: Actor,
    reading: AsyncSession,
    now: datetime,
    period: Period = "daily",
    days: Days = 30,
    start_date: StartDate = None,
    end_date: EndDate = None,
    user_id: UUID | None = None,
    model: Label = None,
    provider: Label = None,
    department_id: UUID | None = None,
) -> SeriesAnswer:
    """Usage over time: one item for each period, oldest first, also where there was none.

    Everything within the caller's reach is summed up. A slow answer can be some 15 seconds old.
    """
    most = MOST_DAYS_HOURLY if period == "hourly" else MOST_DAYS
    range_ = await days_asked(reading, actor, now, start_date, end_date, default=days, most=most)
    filters = await filters_asked(reading, actor, user_id, model, provider, department_id)
    org_id, span = actor.org_id, LISTED_SPANS[period]
    points = await request.app.state.reuse.answer(
        ("series", org_id, span, range_, filters),
        reading,
        lambda session: series(session, org_id=org_id, span=span, days=range_, filters=filters),
    )
    items = [_item(point, period, range_.zone) for point in points]
    return SeriesAnswer(range_.first, range_.last, range_.zone.key, items)


@get("/v1/usage/providers", guards=[may(Scope.USAGE_READ)])
async def get_providers(
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
) -> ProvidersAnswer:
    """Input and output tokens per provider."""
    range_ = await days_asked(reading, actor, now, start_date, end_date, default=days)
    filters = await filters_asked(reading, actor, user_id, model, provider, department_id)
    rows = await by_provider(reading, org_id=actor.org_id, days=range_, filters=filters)
    return ProvidersAnswer(range_.first, range_.last, [ProviderUsage(**_counted(row)) for row in rows])


@get("/v1/usage/models", guards=[may(Scope.USAGE_READ)])
async def get_models(
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
    limit: Limit = DEFAULT_LIMIT,
) -> ModelsAnswer:
    """The models with the most tokens, each with its provider. A slow answer can be some 15 seconds old."""
    range_ = await days_asked(reading, actor, now, start_date, end_date, default=days)
    filters = await filters_asked(reading, actor, user_id, model, provider, department_id)
    rows = await request.app.state.reuse.answer(
        ("models", actor.org_id, range_, filters, limit),
        reading,
        lambda session: by_model(session, org_id=actor.org_id, days=range_, filters=filters, limit=limit),
    )
    return ModelsAnswer(
        range_.first, range_.last, [ModelUsage(model=row.model, **_counted(row)) for row in rows]
    )


def _item(point: Point, period: Period, zone: ZoneInfo) -> SeriesItem:
    tokens = point.input_tokens + point.output_tokens
    return SeriesItem(
        period=period_name(point.starts_at.astimezone(zone), period),
        starts_at=point.starts_at,
        total_requests=point.requests,
        total_input_tokens=point.input_tokens,
        total_output_tokens=point.output_tokens,
        total_tokens=tokens,
        estimated_tokens=tokens - point.reconciled_tokens,
        reconciled_tokens=point.reconciled_tokens,
        estimated_cost_usd=point.cost_micros / 1_000_000,
        cost_micros=point.cost_micros,
        unpriced_requests=point.unpriced_requests,
    )


def _counted(row: Row[Any]) -> dict[str, Any]:
    """The fields of ProviderUsage."""
    return {
        "provider": row.provider,
        "provider_name": PROVIDER_NAMES.get(row.provider, row.provider),
        "basis": row.basis,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "total_tokens": row.input_tokens + row.output_tokens,
        "total_requests": row.requests,
        "estimated_cost_usd": row.cost_micros / 1_000_000,
        "cost_micros": row.cost_micros,
        "unpriced_requests": row.unpriced_requests,
    }


ROUTES: Sequence[Any] = [get_series, get_providers, get_models]
