"""Gives the demo organisation budgets and exemption requests, through the use cases that people have.

U1: all of them are made in one transaction, and only where no budget ever was: what people change stays so.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from toktra.budgets import service
from toktra.budgets.queries import listing
from toktra.budgets.queries.listing import BudgetFilter
from toktra.budgets.rules import PeriodKind, period_at
from toktra.budgets.service import Limit, NewBudget
from toktra.demo import company, limits
from toktra.demo.limits import Request, Wanted
from toktra.demo.organization import LIVE, acting
from toktra.demo.record import Record
from toktra.metering import queries as metering
from toktra.metering.queries import DayRange, Filters
from toktra.people import queries as people
from toktra.people import service as people_service
from toktra.people.queries import User

_ZONE = ZoneInfo(company.TIME_ZONE)


async def make_budgets(session: AsyncSession, record: Record, *, now: datetime) -> bool:
    """Make them where there never were any (U1); whether there was something to make."""
    admin = await _user(session, record, f"admin@{company.MAIL_DOMAIN}")
    for archived in (False, True):
        page = await listing.budgets(
            session, actor=acting(admin), only=BudgetFilter(archived=archived), now=now, cursor=None, limit=1
        )
        if page.items:
            return False
    for wanted in limits.BUDGETS:
        await _make(session, record, wanted, now)
    for request in limits.REQUESTS:
        await _ask(session, record, request, admin, now)
    return True


async def _make(session: AsyncSession, record: Record, wanted: Wanted, now: datetime) -> None:
    user_id = None if wanted.email is None else (await _user(session, record, wanted.email)).id
    filters = Filters(user_id=user_id)
    if wanted.department is not None:
        filters = Filters(department_ids=await _below(session, record, wanted.department, now))
    amount = await _limit(session, record, wanted, filters, now)
    month = period_at(PeriodKind.MONTHLY, now, _ZONE)
    new = NewBudget(
        name=None,
        department=wanted.department,
        user_id=user_id,
        limit=Limit(unit=wanted.unit, amount=amount),
        period=PeriodKind.MONTHLY,
        hard_cap=wanted.hard_cap,
        rollover_cap_percent=wanted.rollover_cap_percent,
        thresholds=None,
        when_unsure="allow",
    )
    since = now if wanted.rollover_cap_percent is None else month.starts_at - timedelta(days=1)
    await service.create_budget(session, org_id=record.org_id, new=new, now=since)


async def _below(session: AsyncSession, record: Record, path: str, now: datetime) -> frozenset[UUID]:
    found = await people_service.find_or_create_department(session, org_id=record.org_id, path=path, now=now)
    return await people.department_and_below(session, org_id=record.org_id, department_id=found.id)


async def _limit(
    session: AsyncSession, record: Record, wanted: Wanted, filters: Filters, now: datetime
) -> int:
    today = metering.today(_ZONE, now)
    days = max(1, min(limits.USUAL_DAYS, record.days))
    usual, used = [
        await _taken(session, record, wanted, filters, first, today)
        for first in (today - timedelta(days=days - 1), today.replace(day=1))
    ]
    return limits.limit_of(wanted, usual=usual * limits.USUAL_DAYS // days, used=used)


async def _taken(
    session: AsyncSession, record: Record, wanted: Wanted, filters: Filters, first: date, last: date
) -> int:
    """What was used in these days, in the unit of the budget."""
    days = DayRange(first, last, _ZONE)
    rows = await metering.by_provider(session, org_id=record.org_id, days=days, filters=filters)
    if wanted.unit == "micros":
        return sum(row.cost_micros for row in rows)
    return sum(row.input_tokens + row.output_tokens for row in rows)


async def _ask(session: AsyncSession, record: Record, request: Request, admin: User, now: datetime) -> None:
    members: Sequence[company.Person] = company.people(record.people)[LIVE]
    asking = await _user(session, record, members[request.member].email)
    made = await service.request_exemption(
        session,
        actor=acting(asking),
        user_id=asking.id,
        reason=request.reason,
        tokens=request.tokens,
        period=PeriodKind.MONTHLY,
        now=now,
    )
    if request.verdict is not None:
        await service.review_exemption(
            session,
            actor=acting(admin),
            exemption_id=made.id,
            verdict=request.verdict,
            notes=request.notes,
            now=now,
        )


async def _user(session: AsyncSession, record: Record, email: str) -> User:
    found = await people.user_by_email(session, org_id=record.org_id, email=email)
    assert found is not None, email
    return found
