"""Risk events, and the policies that they fire: once for a person and a day."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from toktra.policies.queries.rulebook import Rulebook
from toktra.policies.rules.conditions import Facts, matches
from toktra.policies.service.hits import Hit
from toktra.risks.service.storing import SeenRisk


def risk_hits(book: Rulebook, risk: SeenRisk) -> list[Hit]:
    """What a risk event fires. Where nobody knows whose it is, it is about the whole organisation."""
    if not book.risks:
        return []
    facts = facts_of(book, risk)
    local = risk.occurred_at.astimezone(book.zone)
    day = datetime(local.year, local.month, local.day, tzinfo=book.zone)
    subject = risk.user_id or _root(book)
    return [
        Hit(
            rule=rule,
            subject_kind="department" if risk.user_id is None else "user",
            subject_id=subject,
            meter_id=subject,
            starts_at=day.astimezone(UTC),
            ends_at=(day + timedelta(days=1)).astimezone(UTC),
            user_id=risk.user_id,
            users=frozenset({risk.user_id} if risk.user_id else ()),
            reason=risk.title,
            events=1,
            tokens=0,
            risk_event_id=risk.id,
        )
        for rule in book.risks
        if matches(rule.content.conditions, facts)
    ]


def facts_of(book: Rulebook, risk: SeenRisk) -> Facts:
    """What conditions can ask of a risk event."""
    local = risk.occurred_at.astimezone(book.zone)
    places = book.usage.places
    return Facts(
        user_id=risk.user_id,
        department_id=risk.department_id,
        above=frozenset(places.above(risk.department_id) if risk.department_id else ()),
        minute=local.weekday() * 1440 + local.hour * 60 + local.minute,
        risk=risk.level,
    )


def _root(book: Rulebook) -> UUID:
    return next(one for one, parent in book.usage.places.parents.items() if parent is None)
