"""HTTP of policies: written, tried, published; their versions and firings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.guards import may
from toktra.access.rules import Actor, Scope
from toktra.kit.http import delete, get, patch, post
from toktra.kit.pages import DEFAULT_LIMIT, Cursor, Limit, Page
from toktra.policies.queries import screens
from toktra.policies.queries.rulebook import content_of
from toktra.policies.rules.policy import Status
from toktra.policies.service import testing, writing
from toktra.policies.service.writing import PolicyChanges
from toktra.policies.shapes import (
    DraftTestBody,
    FiringAnswer,
    NewPolicyBody,
    PolicyAnswer,
    PolicyChangeBody,
    PolicyTestAnswer,
    PolicyVersionAnswer,
    TestBody,
)


@get("/v1/policies", guards=[may(Scope.POLICIES_READ)])
async def list_policies(
    actor: Actor,
    session: AsyncSession,
    now: datetime,
    status: Status | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PolicyAnswer]:
    """The organisation's policies, newest first, without those archived."""
    page = await screens.policies(session, actor=actor, status=status, now=now, cursor=cursor, limit=limit)
    items = [PolicyAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/policies", guards=[may(Scope.POLICIES_WRITE)], status_code=201)
async def create_policy(
    data: NewPolicyBody, actor: Actor, session: AsyncSession, now: datetime
) -> PolicyAnswer:
    """Make a policy, as a draft."""
    policy_id = await writing.create(
        session, actor=actor, name=data.name, description=data.description, content=data.content(), now=now
    )
    return await _policy(session, actor, policy_id, now)


@get("/v1/policies/{policy_id:uuid}", guards=[may(Scope.POLICIES_READ)])
async def get_policy(policy_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> PolicyAnswer:
    """One policy, archived or not."""
    return await _policy(session, actor, policy_id, now)


@patch("/v1/policies/{policy_id:uuid}", guards=[may(Scope.POLICIES_WRITE)])
async def change_policy(
    policy_id: UUID, data: PolicyChangeBody, actor: Actor, session: AsyncSession, now: datetime
) -> PolicyAnswer:
    """Change what is given. A published policy goes on with what it says now."""
    before = await screens.policy(session, actor=actor, policy_id=policy_id, now=now)
    content = data.content(content_of(before.policy.content))
    changes = PolicyChanges(name=data.name, description=data.description, content=content)
    await writing.change(session, actor=actor, policy_id=policy_id, changes=changes, now=now)
    return await _policy(session, actor, policy_id, now)


@delete("/v1/policies/{policy_id:uuid}", guards=[may(Scope.POLICIES_WRITE)], status_code=204)
async def archive_policy(policy_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> None:
    """Archive a policy: it does nothing any more. Its versions and firings stay."""
    await writing.archive(session, actor=actor, policy_id=policy_id, now=now)


@post("/v1/policies/{policy_id:uuid}/publish", guards=[may(Scope.POLICIES_WRITE)], status_code=200)
async def publish_policy(policy_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> PolicyAnswer:
    """Have it act from now on."""
    return await _set(session, actor, policy_id, "published", now)


@post("/v1/policies/{policy_id:uuid}/shadow", guards=[may(Scope.POLICIES_WRITE)], status_code=200)
async def shadow_policy(policy_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> PolicyAnswer:
    """Have it fire on paper: what it would have done is listed, and nothing is done."""
    return await _set(session, actor, policy_id, "shadow", now)


@post("/v1/policies/{policy_id:uuid}/disable", guards=[may(Scope.POLICIES_WRITE)], status_code=200)
async def disable_policy(policy_id: UUID, actor: Actor, session: AsyncSession, now: datetime) -> PolicyAnswer:
    """Have it do nothing. Blocks it has made go on until they end or are lifted."""
    return await _set(session, actor, policy_id, "disabled", now)


@get("/v1/policies/{policy_id:uuid}/versions", guards=[may(Scope.POLICIES_READ)])
async def list_versions(
    policy_id: UUID,
    actor: Actor,
    session: AsyncSession,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[PolicyVersionAnswer]:
    """What it said over time, the latest first."""
    page = await screens.versions(session, actor=actor, policy_id=policy_id, cursor=cursor, limit=limit)
    items = [PolicyVersionAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@get("/v1/policy-firings", guards=[may(Scope.POLICIES_READ)])
async def list_firings(
    actor: Actor,
    session: AsyncSession,
    policy_id: UUID | None = None,
    shadow: Annotated[bool | None, Parameter(description="Only those on paper, or only the others")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Page[FiringAnswer]:
    """When policies fired, for whom and why, within the caller's reach, newest first."""
    page = await screens.firings(
        session, actor=actor, policy_id=policy_id, shadow=shadow, cursor=cursor, limit=limit
    )
    items = [FiringAnswer.of(one) for one in page.items]
    return Page(items, page.next_cursor, page.has_more, page.total_count)


@post("/v1/policies/{policy_id:uuid}/test", guards=[may(Scope.POLICIES_WRITE)], status_code=202)
async def test_policy(
    policy_id: UUID, data: TestBody, actor: Actor, session: AsyncSession, now: datetime
) -> PolicyTestAnswer:
    """Try it on what happened: answered at once; ask `GET /v1/policy-tests/{test_id}` how far it is."""
    test_id = await testing.ask(
        session, actor=actor, policy_id=policy_id, content=None, days=data.days, now=now
    )
    return PolicyTestAnswer.of(await screens.policy_test(session, actor=actor, test_id=test_id))


@post("/v1/policy-tests", guards=[may(Scope.POLICIES_WRITE)], status_code=202)
async def test_draft(
    data: DraftTestBody, actor: Actor, session: AsyncSession, now: datetime
) -> PolicyTestAnswer:
    """Try what need not be kept, as while it is written."""
    test_id = await testing.ask(
        session, actor=actor, policy_id=None, content=data.content(), days=data.days, now=now
    )
    return PolicyTestAnswer.of(await screens.policy_test(session, actor=actor, test_id=test_id))


@get("/v1/policy-tests/{test_id:uuid}", guards=[may(Scope.POLICIES_WRITE)])
async def get_test(test_id: UUID, actor: Actor, session: AsyncSession) -> PolicyTestAnswer:
    """How far a test is, and what came of it. It is kept for a day."""
    return PolicyTestAnswer.of(await screens.policy_test(session, actor=actor, test_id=test_id))


async def _set(
    session: AsyncSession, actor: Actor, policy_id: UUID, status: Status, now: datetime
) -> PolicyAnswer:
    await writing.set_status(session, actor=actor, policy_id=policy_id, status=status, now=now)
    return await _policy(session, actor, policy_id, now)


async def _policy(session: AsyncSession, actor: Actor, policy_id: UUID, now: datetime) -> PolicyAnswer:
    return PolicyAnswer.of(await screens.policy(session, actor=actor, policy_id=policy_id, now=now))


ROUTES: Sequence[Any] = [
    list_policies,
    create_policy,
    get_policy,
    change_policy,
    archive_policy,
    publish_policy,
    shadow_policy,
    disable_policy,
    list_versions,
    list_firings,
    test_policy,
    test_draft,
    get_test,
]
