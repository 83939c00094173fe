"""What questions about usage have in common: their parameters, which days they mean, and whose usage."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.kit.errors import Invalid, NotFound
from toktra.metering import queries
from toktra.metering.queries import DayRange, Filters
from toktra.people import queries as people

MOST_DAYS = 800
MOST_DAYS_HOURLY = 62

StartDate = Annotated[
    date | None, Parameter(description="First day, YYYY-MM-DD, in the organisation's time zone")
]
EndDate = Annotated[date | None, Parameter(description="Last day, included. Default: today")]
Days = Annotated[
    Literal[7, 30, 90], Parameter(description="How many days up to today, when no dates are given")
]
Label = Annotated[str | None, Parameter(max_length=120)]
Period = Literal["hourly", "daily", "weekly", "monthly"]
Basis = Literal["estimated", "reconciled"]


async def days_asked(
    session: AsyncSession,
    actor: Actor,
    now: datetime,
    start_date: date | None,
    end_date: date | None,
    *,
    default: int,
    most: int = MOST_DAYS,
) -> DayRange:
    """The days that are asked for, in the organisation's zone; Invalid where there are none, or too many."""
    zone = ZoneInfo(await people.time_zone(session, org_id=actor.org_id))
    try:
        last = end_date or queries.today(zone, now)
        first = start_date or last - timedelta(days=default - 1)
        if last < first:
            raise Invalid("start_date must not be after end_date.", field="start_date")
        if (last - first).days >= most:
            raise Invalid(f"At most {most} days can be asked for at once.", field="start_date")
        days = DayRange(first, last, zone)
        _ = (days.starts_at - timedelta(days=31), days.ends_at + timedelta(days=31))
    except OverflowError as beyond:
        raise Invalid("The calendar does not reach that far.", field="start_date") from beyond
    return days


async def filters_asked(
    session: AsyncSession,
    actor: Actor,
    user_id: UUID | None,
    model: str | None,
    provider: str | None,
    department_id: UUID | None,
) -> Filters:
    """The filters, within the caller's reach; NotFound for what is not there for the caller."""
    department_ids = None
    if department_id is not None:
        department_ids = await people.department_and_below(
            session, org_id=actor.org_id, department_id=department_id
        )
        if not department_ids:
            raise NotFound(
                "There is no such department in your organisation. GET /v1/departments lists them."
            )
    if user_id is not None:
        await people.user_within_reach(session, actor=actor, user_id=user_id)
    return Filters(user_id, department_ids, provider, model).within(actor.reach)


def period_name(local: datetime, period: Period) -> str:
    """What a period that starts at this local time is called."""
    match period:
        case "hourly":
            return local.isoformat()
        case "monthly":
            return local.strftime("%Y-%m")
        case _:
            return local.date().isoformat()
