"""HTTP of the corporate side of Token Perks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import OWN, PUBLIC, may
from toktra.access.rules import Actor, Scope
from toktra.kit.errors import BadRequest, Forbidden, NotFound
from toktra.kit.http import delete, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.kit.settings import Settings
from toktra.people import queries as people
from toktra.perks import queries
from toktra.perks.rules import State
from toktra.perks.service import enrolling, rewarding, tiers, vouchers
from toktra.perks.service.rewarding import NewAchievement
from toktra.perks.shapes import (
    AchievementAnswer,
    AchievementBody,
    BonusAnswer,
    BonusRuleAnswer,
    EnrollmentAnswer,
    EnrollmentChangeBody,
    EnrollmentImportAnswer,
    MonthFigures,
    NewBonusRuleBody,
    NewEnrollmentBody,
    NewTierBody,
    OwnEnrollmentAnswer,
    PublicKeyAnswer,
    SummaryAnswer,
    TierAnswer,
    TierChangeBody,
    VouchersAnswer,
)
from toktra.perks.sheet import TakesCsv, read_rows
from toktra_wire.figures import FEWEST

LARGEST_FILE = 1024 * 1024


@get("/v1/perks/tiers", guards=[may(Scope.PERKS_READ)])
async def list_tiers(actor: Actor, session: AsyncSession) -> list[TierAnswer]:
    """The tiers in use, the smallest first."""
    people_in = await queries.people_of_tiers(session, org_id=actor.org_id)
    found = await queries.tiers(session, org_id=actor.org_id)
    return [TierAnswer.of(one, people_in.get(one.id, 0)) for one in found]


@post("/v1/perks/tiers", guards=[may(Scope.PERKS_WRITE)], status_code=201)
async def create_tier(
    data: NewTierBody, request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> TierAnswer:
    """A new tier. With the first one, Token Perks is set up."""
    made = await tiers.create_tier(
        session,
        org_id=actor.org_id,
        name=data.name,
        monthly_tokens=data.monthly_tokens,
        rollover_percent=data.rollover_cap_percent,
        secret_key=_settings(request).require_secret_key(),
        now=now,
    )
    return TierAnswer.of(made)


@patch("/v1/perks/tiers/{tier_id:uuid}", guards=[may(Scope.PERKS_WRITE)])
async def change_tier(tier_id: UUID, data: TierChangeBody, actor: Actor, session: AsyncSession) -> TierAnswer:
    """Change a tier, from the next month's vouchers on."""
    changes = msgspec.structs.asdict(data)
    changes["rollover_percent"] = changes.pop("rollover_cap_percent")
    found = await tiers.change_tier(session, org_id=actor.org_id, tier_id=tier_id, changes=changes)
    there = await queries.people_of_tiers(session, org_id=actor.org_id)
    return TierAnswer.of(found, there.get(tier_id, 0))


@delete("/v1/perks/tiers/{tier_id:uuid}", guards=[may(Scope.PERKS_WRITE)], status_code=204)
async def archive_tier(tier_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """End a tier that nobody is in."""
    await tiers.archive_tier(session, org_id=actor.org_id, tier_id=tier_id, now=now)


@get("/v1/perks/enrollments", guards=[may(Scope.PERKS_READ)])
async def list_enrollments(
    actor: Actor,
    session: AsyncSession,
    wanted: Annotated[State | None, Parameter(query="state")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[EnrollmentAnswer]:
    """Who was invited, is enrolled or has left, the newest first. Nothing of what they used."""
    page = await queries.enrollments(session, org_id=actor.org_id, state=wanted, cursor=cursor, limit=limit)
    items = [EnrollmentAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/perks/enrollments", guards=[may(Scope.PERKS_WRITE)], status_code=201)
async def enroll(
    data: NewEnrollmentBody, actor: Actor, session: AsyncSession, now: datetime
) -> EnrollmentAnswer:
    """Invite somebody into a tier, with a mail. Who is in already is moved to it."""
    user = await enrolling.user_named(
        session, org_id=actor.org_id, user_id=data.user_id, email=data.user_email
    )
    tier = await queries.tier(session, org_id=actor.org_id, tier_id=data.tier_id)
    found = await enrolling.enroll(session, org_id=actor.org_id, user=user, tier=tier, now=now)
    return EnrollmentAnswer.of(found)


@post(
    "/v1/perks/enrollments/import",
    guards=[may(Scope.PERKS_WRITE)],
    status_code=200,
    operation_class=TakesCsv,
    request_max_body_size=LARGEST_FILE,
)
async def import_enrollments(
    body: bytes, actor: Actor, session: AsyncSession, now: datetime, dry_run: bool = True
) -> EnrollmentImportAnswer:
    """Invite and move people from a CSV file with the columns `email` and `tier`: all rows or none.

    With `dry_run`, which is the default, nothing is done and the answer says what would be.
    """
    rows = read_rows(body)
    found = await enrolling.import_rows(session, org_id=actor.org_id, rows=rows, dry_run=dry_run, now=now)
    return EnrollmentImportAnswer.of(found, dry_run=dry_run)


@patch("/v1/perks/enrollments/{enrollment_id:uuid}", guards=[may(Scope.PERKS_WRITE)])
async def move(
    enrollment_id: UUID, data: EnrollmentChangeBody, actor: Actor, session: AsyncSession
) -> EnrollmentAnswer:
    """To another tier, from the next month's voucher on."""
    tier = await queries.tier(session, org_id=actor.org_id, tier_id=data.tier_id)
    found = await enrolling.move(session, org_id=actor.org_id, enrollment_id=enrollment_id, tier=tier)
    return EnrollmentAnswer.of(found)


@delete("/v1/perks/enrollments/{enrollment_id:uuid}", guards=[may(Scope.PERKS_WRITE)], status_code=204)
async def withdraw(enrollment_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """No more vouchers for them. Their personal account and its records stay theirs."""
    await enrolling.withdraw(session, org_id=actor.org_id, enrollment_id=enrollment_id, now=now)


@post(
    "/v1/perks/enrollments/{enrollment_id:uuid}/issue-again", guards=[may(Scope.PERKS_WRITE)], status_code=204
)
async def issue_again(enrollment_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Let them fetch this month's voucher once more, where it was lost before it was redeemed."""
    month = (await vouchers.span_of(session, org_id=actor.org_id, now=now)).month
    await enrolling.issue_again(session, org_id=actor.org_id, enrollment_id=enrollment_id, month=month)


@get("/v1/perks/me", opt=OWN)
async def own_enrollment(
    request: Request[Any, Any, Any], actor: Actor, session: AsyncSession
) -> OwnEnrollmentAnswer:
    """The caller's own enrolment, and where their personal ledger is."""
    found = await queries.enrollment_of(session, org_id=actor.org_id, user_id=actor.user_id)
    organization = await people.organization(session, org_id=actor.org_id)
    tier = found.tier if found and found.enrollment.state != "withdrawn" else None
    return OwnEnrollmentAnswer(
        state=found.enrollment.state if found else None,
        tier=tier.name if tier else None,
        monthly_tokens=tier.monthly_tokens if tier else None,
        rollover_cap_percent=tier.rollover_percent if tier else None,
        organization=organization.name,
        personal_url=_settings(request).personal_url,
    )


@delete("/v1/perks/me", opt=OWN, status_code=204)
async def opt_out(actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Leave. Erase the personal account first, with its own credential: this side does not know it."""
    _only_people(actor)
    await enrolling.opt_out(session, org_id=actor.org_id, user_id=actor.user_id, now=now)


@post("/v1/perks/vouchers", opt=OWN, status_code=200)
async def issue_vouchers(
    request: Request[Any, Any, Any], actor: Actor, session: AsyncSession, now: datetime
) -> VouchersAnswer:
    """What is due to the caller: this month's allowance and granted bonuses, each once. Asking is opting in.

    It takes no Idempotency-Key, since an answer that is remembered is a voucher that is kept.
    """
    _only_people(actor)
    if "idempotency-key" in request.headers:
        raise BadRequest("This address takes no Idempotency-Key: vouchers are not kept. Leave it out.")
    settings = _settings(request)
    made = await vouchers.issue(
        session,
        org_id=actor.org_id,
        user_id=actor.user_id,
        secret_key=settings.require_secret_key(),
        now=now,
    )
    return VouchersAnswer(list(made), settings.personal_url)


@get("/v1/perks/keys/{org_id:uuid}", opt=PUBLIC)
async def get_key(org_id: UUID, session: AsyncSession) -> PublicKeyAnswer:
    """With which an organisation's vouchers are checked."""
    found = await queries.public_key(session, org_id=org_id)
    if found is None:
        raise NotFound("There is no such organisation, or it has no Token Perks.")
    return PublicKeyAnswer(found)


@get("/v1/perks/bonus-rules", guards=[may(Scope.PERKS_READ)])
async def list_bonus_rules(actor: Actor, session: AsyncSession) -> list[BonusRuleAnswer]:
    """The bonus rules in use."""
    return [BonusRuleAnswer.of(one) for one in await queries.bonus_rules(session, org_id=actor.org_id)]


@post("/v1/perks/bonus-rules", guards=[may(Scope.PERKS_WRITE)], status_code=201)
async def create_bonus_rule(
    data: NewBonusRuleBody, actor: Actor, session: AsyncSession, now: datetime
) -> BonusRuleAnswer:
    """A new bonus rule. It grants for what is reported from now on."""
    made = await tiers.create_rule(session, org_id=actor.org_id, now=now, **msgspec.structs.asdict(data))
    return BonusRuleAnswer.of(made)


@delete("/v1/perks/bonus-rules/{rule_id:uuid}", guards=[may(Scope.PERKS_WRITE)], status_code=204)
async def archive_bonus_rule(rule_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """It grants nothing from now on."""
    await tiers.archive_rule(session, org_id=actor.org_id, rule_id=rule_id, now=now)


@post("/v1/perks/achievements", guards=[may(Scope.PERKS_WRITE)], status_code=201)
async def report_achievement(
    data: AchievementBody, actor: Actor, session: AsyncSession, now: datetime
) -> AchievementAnswer:
    """A training or certification was completed, or a programme joined: by an LMS or an admin."""
    user = await enrolling.user_named(session, org_id=actor.org_id, user_id=None, email=data.user_email)
    new = NewAchievement(
        org_id=actor.org_id,
        user_id=user.id,
        kind=data.kind,
        subject=data.subject,
        external_id=data.external_id,
        achieved_at=min(data.achieved_at or now, now),
    )
    achievement_id, earned = await rewarding.report(session, new, now=now)
    return AchievementAnswer(achievement_id, [BonusAnswer.of(one) for one in earned])


@get("/v1/perks/bonuses", guards=[may(Scope.PERKS_READ)])
async def list_bonuses(
    actor: Actor, session: AsyncSession, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[BonusAnswer]:
    """Bonuses that were granted, the newest first."""
    page = await queries.bonuses(session, org_id=actor.org_id, cursor=cursor, limit=limit)
    return Page(
        [BonusAnswer.of(one) for one in page.items], page.next_cursor, page.has_more, page.total_count
    )


@get("/v1/perks/summary", guards=[may(Scope.PERKS_READ)])
async def summary(actor: Actor, session: AsyncSession) -> SummaryAnswer:
    """How many take part, and what the personal ledger publishes of them together."""
    states = await queries.states(session, org_id=actor.org_id)
    found = await queries.figures(session, org_id=actor.org_id)
    return SummaryAnswer(
        invited=states.get("invited", 0),
        enrolled=states.get("enrolled", 0),
        withdrawn=states.get("withdrawn", 0),
        fewest=FEWEST,
        months=[MonthFigures.of(one) for one in found],
    )


def _only_people(actor: Actor) -> None:
    if actor.kind != "session":
        raise Forbidden("Only somebody who is signed in can do this for themselves. Open /perks.")


def _settings(request: Request[Any, Any, Any]) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


ROUTES: Sequence[Any] = [
    list_tiers,
    create_tier,
    change_tier,
    archive_tier,
    list_enrollments,
    enroll,
    import_enrollments,
    move,
    withdraw,
    issue_again,
    own_enrollment,
    opt_out,
    issue_vouchers,
    get_key,
    list_bonus_rules,
    create_bonus_rule,
    archive_bonus_rule,
    report_achievement,
    list_bonuses,
    summary,
]
