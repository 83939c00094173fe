"""Gives the demo organisation policies, risk events and an incident, where it never had a policy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.demo import company
from toktra.demo.organization import acting
from toktra.demo.record import Record
from toktra.incidents import service as incidents
from toktra.kit.groups import Connection
from toktra.people import queries as people
from toktra.people.queries import User
from toktra.policies.queries import screens
from toktra.policies.rules.policy import Content, Status
from toktra.policies.service import writing
from toktra.risks.service.storing import NewRisk, SeenRisk, store

_NIGHT = {"match": "time_of_day", "operator": "within_hours", "value": {"start": "22:00", "end": "05:00"}}
_ALWAYS: dict[str, Any] = {"match": "all", "conditions": []}
_POLICIES: Sequence[tuple[str, Status, dict[str, Any]]] = (
    (
        "Far more than usual",
        "published",
        {
            "trigger": {"type": "unusual_usage", "times": 8, "least_tokens": 100_000},
            "conditions": _ALWAYS,
            "actions": [{"type": "email_manager"}],
            "severity": "warning",
        },
    ),
    (
        "High-severity IP risk",
        "published",
        {
            "trigger": {"type": "ip_risk_event"},
            "conditions": {"match": "risk_level", "operator": "in", "value": ["high", "critical"]},
            "actions": [{"type": "create_incident", "severity": "critical"}, {"type": "email_manager"}],
            "severity": "critical",
        },
    ),
    (
        "Large models at night",
        "shadow",
        {
            "trigger": {"type": "department_threshold", "limit_tokens": 1, "period": "daily"},
            "conditions": {"match": "all", "conditions": [_NIGHT]},
            "actions": [{"type": "block", "hours": 8}],
            "severity": "info",
        },
    ),
    (
        "Budget used up: a word to the user",
        "draft",
        {
            "trigger": {"type": "token_budget_exceeded", "percent": 100},
            "conditions": _ALWAYS,
            "actions": [{"type": "email_user"}],
            "severity": "info",
        },
    ),
)
_RISKS = (
    ("secret_found", "high", "A secret was found in acme/website", "acme/website", "member"),
    ("push_to_personal_fork", "medium", "112 files were pushed to a personal fork", "mia/website", "member"),
)


async def make_policies(session: AsyncSession, record: Record, *, now: datetime) -> bool:
    """Make them where there never was one; whether there was something to make."""
    admin = await _user(session, record, "admin")
    actor = acting(admin)
    there = await screens.policies(session, actor=actor, status=None, now=now, cursor=None, limit=1)
    if there.items:
        return False
    for name, status, content in _POLICIES:
        policy_id = await writing.create(
            session,
            actor=actor,
            name=name,
            description="",
            content=msgspec.convert(content, Content),
            now=now,
        )
        if status != "draft":
            await writing.set_status(session, actor=actor, policy_id=policy_id, status=status, now=now)
    for number, (kind, level, title, repository, whose) in enumerate(_RISKS, start=1):
        user = await _user(session, record, whose)
        new = NewRisk(
            org_id=record.org_id,
            source="api",
            external_id=f"demo/{number}",
            kind=kind,
            level=level,  # type: ignore[arg-type]
            title=title,
            repository=repository,
            login=None,
            user_id=user.id,
            occurred_at=now - timedelta(hours=9 * number),
            details={},
        )
        await store(session, new, _unjudged, now=now)
    await _look_into(session, admin, (await _user(session, record, "member")).id, now)
    return True


async def _look_into(session: AsyncSession, admin: User, about: UUID, now: datetime) -> None:
    """An incident that somebody has begun to look into."""
    actor = acting(admin)
    incident_id = await incidents.create(
        session,
        actor=actor,
        title="A key of the website was in a commit",
        description="Found by the scanner of the build.",
        severity="critical",
        owner_id=admin.id,
        user_id=about,
        now=now - timedelta(hours=5),
    )
    changes = incidents.IncidentChanges(state="investigating")
    later = now - timedelta(hours=4)
    await incidents.change(session, actor=actor, incident_id=incident_id, changes=changes, now=later)
    text = "The key is revoked. We look for where else it was used."
    await incidents.comment(session, actor=actor, incident_id=incident_id, text=text, now=later)


async def _unjudged(_connection: Connection, _risk: SeenRisk, _now: datetime) -> None:
    """What happened before the policies were there fires none of them."""


async def _user(session: AsyncSession, record: Record, name: str) -> User:
    found = await people.user_by_email(session, org_id=record.org_id, email=f"{name}@{company.MAIL_DOMAIN}")
    assert found is not None
    return found
