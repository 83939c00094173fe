"""A trial's result, as people read it: how often, for whom, when, and what a block would have refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.people import queries as people
from toktra.policies.queries.rulebook import Rulebook
from toktra.policies.rules.meters import Meter
from toktra.policies.service.hits import reason_of, subject_of
from toktra.policies.trial import Trial

_MOST_SHOWN = 50


class TestedDay(Struct, frozen=True):
    """One local day."""

    day: date
    events: Annotated[int, Meta(description="Events that would have fired it")]


class TestedPerson(Struct, frozen=True):
    """Somebody whose events would have fired it."""

    user_id: UUID
    email: str
    firings: Annotated[int, Meta(description="In how many windows")]


class TestedFiring(Struct, frozen=True):
    """One firing that would have been."""

    subject_kind: str
    subject_id: UUID
    subject: str
    first_at: datetime
    events: int
    reason: str


class TestResult(Struct, frozen=True):
    """What a policy would have done in the days that were looked at."""

    events_looked_at: int
    events_matched: Annotated[int, Meta(description="Events that would have fired it")]
    firings: Annotated[int, Meta(description="Once per subject and window")]
    days: list[TestedDay]
    people: Annotated[list[TestedPerson], Meta(description="The 50 for whom it would have fired most")]
    people_all: int
    latest: Annotated[list[TestedFiring], Meta(description="The 50 latest")]
    refused_requests: Annotated[int, Meta(description="What a block would have refused; 0 without one")]
    refused_tokens: int


async def result_of(
    session: AsyncSession, *, book: Rulebook, trial: Trial, days: int, now: datetime
) -> TestResult:
    """The result, with names."""
    today = now.astimezone(book.zone).date()
    every = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    latest = sorted(trial.firings, key=lambda meter: trial.firings[meter].first_at, reverse=True)[
        :_MOST_SHOWN
    ]
    most = sorted(trial.users.items(), key=lambda one: (-one[1], one[0]))[:_MOST_SHOWN]
    users = {user_id for user_id, _ in most} | {subject_of(book, meter)[1] for meter in latest}
    labels = await people.labels(session, org_id=book.org_id, user_ids=users, department_ids=())
    return TestResult(
        events_looked_at=trial.events,
        events_matched=trial.matched,
        firings=len(trial.firings),
        days=[TestedDay(day, trial.days.get(day.isoformat(), 0)) for day in every],
        people=[TestedPerson(one, labels.user_emails.get(one, ""), many) for one, many in most],
        people_all=len(trial.users),
        latest=[_firing(book, trial, meter, labels.user_emails) for meter in latest],
        refused_requests=trial.refused_requests,
        refused_tokens=trial.refused_tokens,
    )


def _firing(book: Rulebook, trial: Trial, meter: Meter, emails: dict[UUID, str]) -> TestedFiring:
    kind, subject_id = subject_of(book, meter)
    name = emails.get(subject_id, "") if kind == "user" else book.departments.get(subject_id, "")
    return TestedFiring(
        subject_kind=kind,
        subject_id=subject_id,
        subject=name,
        first_at=datetime.fromtimestamp(trial.firings[meter].first_at, UTC),
        events=trial.firings[meter].events,
        reason=trial.reasons.get(meter)
        or reason_of(book, book.usage.rules[0], meter, trial.firings[meter].tokens),
    )
