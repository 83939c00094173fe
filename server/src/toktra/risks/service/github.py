"""The GitHub integration: set up by an admin, told of events by GitHub.

G1: what is not signed with the integration's secret is refused, whatever it says.
G2: a delivery is taken once; sent again, it is refused.
G3: whose event it is follows from what an admin said of the login, else from an e-mail of the organisation.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Actor
from toktra.kit.database import driver_of
from toktra.kit.errors import BadRequest, Conflict, Invalid, NotFound, Unauthorized
from toktra.kit.secrets import seal, unseal
from toktra.metering import sums
from toktra.people import queries as people
from toktra.risks import queries
from toktra.risks.model import GithubDelivery, GithubIdentity, GithubIntegration
from toktra.risks.rules import (
    HEAVY_TOKENS,
    MANY_FILES,
    PATTERNS,
    WITHIN_HOURS,
    Payload,
    Risk,
    Watching,
    is_signed,
    risk_in,
)
from toktra.risks.service.storing import JudgeRisk, NewRisk, store
from toktra_wire.ids import new_id

_KNOWN = frozenset({"secret_scanning_alert", "repository", "push"})
_decode = msgspec.json.Decoder(Payload).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationChanges:
    """What is to be different about an integration; what is UNSET stays."""

    name: str | UnsetType = UNSET
    patterns: list[str] | UnsetType = UNSET
    many_files: int | UnsetType = UNSET
    heavy_tokens: int | UnsetType = UNSET
    within_hours: int | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A request as GitHub sends it."""

    event: str | None
    delivery_id: str | None
    signature: str | None
    body: bytes


async def create(
    session: AsyncSession, *, actor: Actor, name: str, secret_key: str, now: datetime
) -> tuple[GithubIntegration, str]:
    """A new integration and its secret, shown this once."""
    secret, integration_id = secrets.token_urlsafe(32), new_id()
    made = GithubIntegration(
        org_id=actor.org_id,
        id=integration_id,
        name=name,
        sealed_secret=seal(secret_key, _purpose(integration_id), secret.encode()),
        patterns=PATTERNS,
        many_files=MANY_FILES,
        heavy_tokens=HEAVY_TOKENS,
        within_hours=WITHIN_HOURS,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made, secret


async def change(
    session: AsyncSession, *, actor: Actor, integration_id: UUID, changes: IntegrationChanges
) -> GithubIntegration:
    """Change what is given."""
    found = await queries.integration(session, org_id=actor.org_id, integration_id=integration_id)
    for field in IntegrationChanges.__slots__:
        if (value := getattr(changes, field)) is not UNSET:
            setattr(found, field, value)
    await session.flush()
    return found


async def rotate(
    session: AsyncSession, *, actor: Actor, integration_id: UUID, secret_key: str
) -> tuple[GithubIntegration, str]:
    """A new secret, shown this once. The one before is no longer good."""
    found = await queries.integration(session, org_id=actor.org_id, integration_id=integration_id)
    secret = secrets.token_urlsafe(32)
    found.sealed_secret = seal(secret_key, _purpose(found.id), secret.encode())
    await session.flush()
    return found, secret


async def archive(session: AsyncSession, *, actor: Actor, integration_id: UUID, now: datetime) -> None:
    """GitHub is not heard any more. What it told of stays."""
    found = await queries.integration(session, org_id=actor.org_id, integration_id=integration_id)
    found.archived_at = now
    await session.flush()


async def identify(session: AsyncSession, *, actor: Actor, login: str, user_id: UUID) -> None:
    """Say whose a login is (G3). Said again, the last word counts."""
    await people.user_within_reach(session, actor=actor, user_id=user_id)
    said = insert(GithubIdentity).values(org_id=actor.org_id, login=login.lower(), user_id=user_id)
    key = [GithubIdentity.org_id, GithubIdentity.login]
    await session.execute(said.on_conflict_do_update(index_elements=key, set_={"user_id": user_id}))


async def forget_identity(session: AsyncSession, *, actor: Actor, login: str) -> None:
    """Take back whose a login is."""
    gone = await session.execute(
        delete(GithubIdentity)
        .where(GithubIdentity.org_id == actor.org_id, GithubIdentity.login == login.lower())
        .returning(GithubIdentity.login)
    )
    if gone.first() is None:
        raise NotFound("Nobody has said whose this login is.")


async def hear(
    session: AsyncSession,
    *,
    integration_id: UUID,
    delivery: Delivery,
    secret_key: str,
    judge: JudgeRisk,
    now: datetime,
) -> bool:
    """Take a delivery of GitHub (G1, G2); whether it was a risk."""
    found = await session.scalar(
        select(GithubIntegration).where(
            GithubIntegration.id == integration_id, GithubIntegration.archived_at.is_(None)
        )
    )
    secret = "" if found is None else _secret(found, secret_key)
    if not is_signed(secret, delivery.body, delivery.signature) or found is None:
        raise Unauthorized(
            "There is no such integration, or the signature is not that of this body. "
            "Check the webhook's address and secret in GitHub."
        )
    await _take_once(session, found, delivery, now)
    found.heard_at = now
    if delivery.event not in _KNOWN:
        return False
    watching = Watching(patterns=tuple(found.patterns), many_files=found.many_files)
    risk = risk_in(delivery.event, _read(delivery.body), watching)
    return risk is not None and await _note(session, found, risk, delivery, judge, now)


def _secret(found: GithubIntegration, secret_key: str) -> str:
    return unseal(secret_key, _purpose(found.id), found.sealed_secret).decode()


async def _take_once(
    session: AsyncSession, found: GithubIntegration, delivery: Delivery, now: datetime
) -> None:
    try:
        delivery_id = UUID(delivery.delivery_id or "")
    except ValueError:
        raise BadRequest("X-GitHub-Delivery is missing, or not a UUID.") from None
    taken = await session.execute(
        insert(GithubDelivery)
        .values(org_id=found.org_id, integration_id=found.id, delivery_id=delivery_id, received_at=now)
        .on_conflict_do_nothing()
        .returning(GithubDelivery.delivery_id)
    )
    if taken.first() is None:
        raise Conflict("This delivery was taken before.")


def _read(body: bytes) -> Payload:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as wrong:
        raise Invalid(
            "This is no event of GitHub in JSON. Set the webhook's content type to application/json.",
            field="body",
        ) from wrong


async def _note(
    session: AsyncSession,
    found: GithubIntegration,
    risk: Risk,
    delivery: Delivery,
    judge: JudgeRisk,
    now: datetime,
) -> bool:
    user_id = await _whose(session, found.org_id, risk)
    if risk.needs_heavy_use:
        if user_id is None:
            return False
        tokens = await _used(session, found, user_id, now)
        if tokens < found.heavy_tokens:
            return False
        risk = replace(risk, details={**risk.details, "tokens_before": tokens})
    new = NewRisk(
        org_id=found.org_id,
        source="github",
        external_id=risk.external_id or f"delivery/{delivery.delivery_id}",
        kind=risk.kind,
        level=risk.level,
        title=risk.title[:300],
        repository=risk.repository[:200],
        login=risk.login,
        user_id=user_id,
        occurred_at=min(risk.occurred_at, now) if risk.occurred_at and risk.occurred_at.tzinfo else now,
        details=risk.details,
    )
    await store(session, new, judge, now=now)
    return True


async def _whose(session: AsyncSession, org_id: UUID, risk: Risk) -> UUID | None:
    """G3."""
    if risk.login is not None:
        said = await session.get(GithubIdentity, (org_id, risk.login.lower()))
        if said is not None:
            return said.user_id
    for email in risk.emails[:20]:
        user = await people.user_by_email(session, org_id=org_id, email=email[:254])
        if user is not None:
            return user.id
    return None


async def _used(session: AsyncSession, found: GithubIntegration, user_id: UUID, now: datetime) -> int:
    first = now - timedelta(hours=found.within_hours)
    hours = await sums.hours_of(
        await driver_of(session), org_id=found.org_id, user_ids=[user_id], first=first, before=now
    )
    return sum(tokens for _, tokens in hours[user_id])


def _purpose(integration_id: UUID) -> str:
    return f"github secret:{integration_id}"
