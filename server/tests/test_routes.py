"""The route walk: every route, every kind of caller, and another organisation's ids.

A route that is not in the table fails, and so does a line without a route.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.access import service as access
from toktra.access.guards import scopes_asked
from toktra.access.rules import Scope
from toktra.kit.clock import utc_now
from toktra.kit.errors import PROBLEMS
from toktra.kit.settings import Settings
from toktra.notify.service.mails import unsubscribe_token
from toktra_wire import identity
from toktra_wire.ids import new_id

CALLERS = ("anonymous", "key without scopes", "device", "member", "manager", "admin", "owner")
Statuses = dict[str, int]


def row(*statuses: int) -> Statuses:
    return dict(zip(CALLERS, statuses, strict=True))


def everyone(status: int) -> Statuses:
    return row(*[status] * 7)


def own(status: int) -> Statuses:
    """Any credential, about itself."""
    return row(401, *[status] * 6)


def people(status: int) -> Statuses:
    """Signed-in people, each within their reach."""
    return row(401, 403, 403, status, status, status, status)


def admins(status: int) -> Statuses:
    return row(401, 403, 403, 403, 403, status, status)


def devices(status: int) -> Statuses:
    return row(401, 403, status, 403, 403, 403, 403)


def managers(status: int) -> Statuses:
    return row(401, 403, 403, 403, status, status, status)


@dataclass
class World:
    """An organisation, seen by its owner, in which things are made to be asked for."""

    client: httpx2.AsyncClient
    organization: Any
    device: Any
    secret_key: str
    webhook_id: str = ""
    tier_id: str = ""
    tier_name: str = ""
    incident_id: str = ""

    @property
    def user_id(self) -> str:
        return str(self.organization.member.id)

    @property
    def email(self) -> str:
        return str(self.organization.member.email)

    async def with_a_tier(self) -> "World":
        await self._tier()
        return self

    async def thing(self, parameter: str) -> str:
        """The id of a thing of this organisation, new where a route may take it away."""
        name = new_id().hex
        match parameter:
            case "user_id":
                return self.user_id
            case "device_id":
                return str(self.device.id)
            case "department_id":
                return await self._made("/v1/departments", {"name": name})
            case "key_id":
                return await self._made("/v1/api-keys", {"name": name, "scopes": ["usage:read"]})
            case "client_id":
                return await self._made("/v1/oauth/clients", {"name": name, "scopes": ["usage:read"]})
            case "token_id":
                return await self._made("/v1/enrollment-tokens", {})
            case "budget_id":
                return await self._budget()
            case "hold_id":
                return await self._hold()
            case "exemption_id":
                asked = {"reason": name, "tokens": 1, "user_id": self.user_id}
                return await self._made("/v1/budget-exemptions", asked)
            case "alert_id":
                return await self._alert()
            case "block_id":
                return await self._block()
            case "incident_id":
                self.incident_id = await self._made("/v1/incidents", {"title": name, "user_id": self.user_id})
                return self.incident_id
            case "kind":
                return "usage_event"
            case "target_id":
                target = {"kind": "usage_event", "id": self.user_id}
                await self._made(f"/v1/incidents/{self.incident_id}/links", target)
                return self.user_id
            case "event_id":
                found = {"level": "high", "kind": "k", "title": "t", "user_email": self.email}
                return await self._made("/v1/risk-events", {**found, "external_id": name})
            case "integration_id":
                return await self._made("/v1/integrations/github", {"name": name})
            case "login":
                said = {"login": name, "user_id": self.user_id}
                await self.done("/v1/integrations/github-identities", method="PUT", json=said)
                return name
            case "policy_id":
                return await self._policy(name, None)
            case "test_id":
                return await self._tested()
            case "tier_id":
                return await self._tier()
            case "enrollment_id":
                return await self._enrollment()
            case "org_id":
                await self._tier()
                return str(self.organization.id)
            case "rule_id":
                rule = {"name": name, "trigger": "program_joined", "bonus_tokens": 1}
                return await self._made("/v1/perks/bonus-rules", rule)
            case "webhook_id":
                self.webhook_id = await self._webhook()
                return self.webhook_id
            case "delivery_id":
                return await self._made(f"/v1/webhooks/{self.webhook_id}/test", {})
        raise LookupError(f"how to make a {parameter}?")

    async def _budget(self) -> str:
        """The member's own budget, under a hard cap, which every role can see."""
        there = await self._got("/v1/budgets", user_id=self.user_id)
        made = {"user_id": self.user_id, "limit_tokens": 1_000, "hard_cap": True}
        return str(there[0]["id"]) if there else await self._made("/v1/budgets", made)

    async def _hold(self) -> str:
        await self._budget()
        asked = {"key": new_id().hex, "provider": "openai", "model": "gpt-4o", "estimated_tokens": 1}
        answer = await self.client.post("/v1/preflight", json=asked, headers=self.device.headers)
        assert answer.json()["hold_id"], answer.text
        return str(answer.json()["hold_id"])

    async def _alert(self) -> str:
        """What the member's budget says when it is used up."""
        budget_id = await self._budget()
        used = events(user_id=user, estimated_input_tokens=lambda _: 1_000)(self)
        sent = await self.client.post("/v1/events", **used, headers=self.organization.api_key)
        assert sent.status_code == 200, sent.text
        return str((await self._got("/v1/alerts", budget_id=budget_id))[0]["id"])

    async def _policy(self, name: str, status: str | None, *actions: dict[str, Any]) -> str:
        made = {"name": name, "trigger": BUDGET_TRIGGER, "actions": actions or [{"type": "email_user"}]}
        policy_id = await self._made("/v1/policies", made)
        if status is not None:
            await self.done(f"/v1/policies/{policy_id}/{status}")
        return policy_id

    async def _block(self) -> str:
        """The member is blocked for an hour, since their budget is used up."""
        budget_id = await self._budget()
        policy_id = await self._policy(new_id().hex, "publish", {"type": "block", "hours": 1})
        await self.done(f"/v1/budgets/{budget_id}", method="PATCH", json={"limit_tokens": 0})
        sent = await self.client.post(
            "/v1/events", **events(user_id=user)(self), headers=self.organization.api_key
        )
        assert sent.status_code == 200, sent.text
        blocks = await self._got("/v1/blocks", user_id=self.user_id)
        await self.done(f"/v1/policies/{policy_id}/disable")
        return str(next(one["id"] for one in blocks if one["policy_id"] == policy_id))

    async def _tested(self) -> str:
        owner = self.organization.as_("owner")
        answer = await self.client.post("/v1/policy-tests", **draft()(self), headers=owner)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def _tier(self) -> str:
        self.tier_name = new_id().hex
        tier = {"name": self.tier_name, "monthly_tokens": 1, "rollover_cap_percent": None}
        self.tier_id = await self._made("/v1/perks/tiers", tier)
        return self.tier_id

    async def _enrollment(self) -> str:
        """The member is in a tier, and has their voucher; there is another tier to move to."""
        named = {"user_id": self.user_id, "tier_id": await self._tier()}
        enrollment_id = await self._made("/v1/perks/enrollments", named)
        member = self.organization.as_("member")
        assert (await self.client.post("/v1/perks/vouchers", headers=member)).status_code == 200
        await self._tier()
        return enrollment_id

    async def done(self, path: str, method: str = "POST", json: Any = None) -> None:
        answer = await self.client.request(method, path, json=json, headers=self.organization.as_("owner"))
        assert answer.status_code == 200, answer.text

    async def _webhook(self) -> str:
        """A new one, of which there are not too many at once."""
        if self.webhook_id:
            owner = self.organization.as_("owner")
            await self.client.delete(f"/v1/webhooks/{self.webhook_id}", headers=owner)
        made = {"name": "w", "url": "https://example.com/hook", "events": ["alert.created"]}
        return await self._made("/v1/webhooks", made)

    async def _got(self, path: str, **only: str) -> list[dict[str, Any]]:
        answer = await self.client.get(path, params=only, headers=self.organization.as_("owner"))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def _made(self, path: str, body: dict[str, Any]) -> str:
        answer = await self.client.post(path, json=body, headers=self.organization.as_("owner"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


Ask = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """What each caller gets; how to ask well; and how to ask with another organisation's ids."""

    statuses: Statuses
    ask: Ask = lambda world: {}
    foreign: dict[int, list[Ask]] = field(default_factory=dict)


def query(**made: Callable[[World], Any]) -> Ask:
    return lambda world: {"params": {name: make(world) for name, make in made.items()}}


def body(**given: Any) -> Ask:
    return lambda world: {
        "json": {name: value(world) if callable(value) else value for name, value in given.items()}
    }


def user(world: World) -> str:
    return world.user_id


def email(world: World) -> str:
    return world.email


def root(world: World) -> str:
    return str(world.organization.root_id)


def unused(_world: World) -> str:
    return f"{new_id().hex}@example.com"


def any_name(_world: World) -> str:
    return new_id().hex


def signing_request(_world: World) -> str:
    return identity.signing_request(identity.new_key(), "laptop")


def events(**more: Any) -> Ask:
    def ask(world: World) -> dict[str, Any]:
        sent = {
            "id": str(new_id()),
            "occurred_at": utc_now().isoformat(),
            "provider_host": "api.openai.com",
            "request_bytes": 1,
            "response_bytes": 1,
            "estimated_input_tokens": 1,
            "estimated_output_tokens": 1,
            **{name: value(world) for name, value in more.items()},
        }
        return {"json": {"events": [sent]}}

    return ask


def preflight(**more: Any) -> Ask:
    asked = {"key": any_name, "provider": "openai", "model": "gpt-4o", "estimated_tokens": 1, **more}
    return body(**asked)


def csv(manager: Callable[[World], str]) -> Ask:
    return lambda world: {"content": f"email,name,manager_email\n{unused(world)},N,{manager(world)}\n"}


def about_user(world: World) -> dict[str, Any]:
    return {"match": "user_id", "operator": "equals", "value": world.user_id}


def about_department(world: World) -> dict[str, Any]:
    return {"match": "department_id", "operator": "equals", "value": root(world)}


def draft(**more: Any) -> Ask:
    return body(trigger=BUDGET_TRIGGER, actions=[{"type": "email_user"}], **more)


def risk(**more: Any) -> Ask:
    return body(level="high", kind="k", title="t", external_id=any_name, **more)


def tier(world: World) -> str:
    return world.tier_id


def enrollment(**more: Any) -> Ask:
    return body(tier_id=tier, **more)


def enrolling(world: World) -> dict[str, Any]:
    content = f"email,tier\n{world.email},{world.tier_name}\n"
    return {"params": {"dry_run": "false"}, "content": content}


def achievement(**more: Any) -> Ask:
    return body(kind="program_joined", subject="s", external_id=any_name, **more)


def policy(**more: Any) -> Ask:
    return draft(name="P", **more)


USAGE_OF_OTHERS = {404: [query(user_id=user), query(department_id=root)]}
BUDGET_TRIGGER = {"type": "token_budget_exceeded"}
PROGRAM = body(name="a program", scopes=["usage:read"])
FORM = {"headers": {"Content-Type": "application/x-www-form-urlencoded"}}

TABLE: dict[str, Line] = {
    "GET /v1/health": Line(everyone(200)),
    "GET /metrics": Line(everyone(200)),
    # Public routes are asked with nothing in the body: whoever asks gets as far as that.
    "POST /v1/session": Line(everyone(422)),
    "POST /v1/invitations/accept": Line(everyone(422)),
    "POST /v1/oauth/token": Line(everyone(422), lambda world: FORM),
    "POST /v1/devices/enroll": Line(everyone(422)),
    "GET /v1/session": Line(own(200)),
    "DELETE /v1/session": Line(own(204)),
    "PUT /v1/session/password": Line(
        own(422), body(current_password="not set yet", new_password="long enough")
    ),
    "GET /v1/organization": Line(people(200)),
    "PATCH /v1/organization": Line(admins(200), body(name="Acme again")),
    "GET /v1/users": Line(people(200), query(limit=lambda _: 1)),
    "POST /v1/users": Line(
        admins(201), body(email=unused, name="N"), {422: [body(email=unused, name="N", manager_email=email)]}
    ),
    "GET /v1/users/{user_id}": Line(people(200)),
    "PATCH /v1/users/{user_id}": Line(admins(200), body(name="N"), {422: [body(manager_email=email)]}),
    "POST /v1/users/import": Line(admins(200), csv(email)),
    "POST /v1/users/{user_id}/invitation": Line(admins(201)),
    "GET /v1/departments": Line(people(200)),
    "POST /v1/departments": Line(admins(201), body(name=any_name), {404: [body(name="N", parent_id=root)]}),
    "PATCH /v1/departments/{department_id}": Line(
        admins(200), body(name=any_name), {404: [body(parent_id=root)]}
    ),
    "DELETE /v1/departments/{department_id}": Line(admins(204)),
    "GET /v1/api-keys": Line(admins(200)),
    "POST /v1/api-keys": Line(admins(201), PROGRAM),
    "DELETE /v1/api-keys/{key_id}": Line(admins(204)),
    "GET /v1/oauth/clients": Line(admins(200)),
    "POST /v1/oauth/clients": Line(admins(201), PROGRAM),
    "DELETE /v1/oauth/clients/{client_id}": Line(admins(204)),
    "GET /v1/enrollment-tokens": Line(admins(200)),
    "POST /v1/enrollment-tokens": Line(admins(201), body(), {422: [body(user_email=email)]}),
    "POST /v1/enrollment-tokens/{token_id}/code": Line(admins(201)),
    "DELETE /v1/enrollment-tokens/{token_id}": Line(admins(204)),
    "GET /v1/devices": Line(people(200)),
    "GET /v1/devices/{device_id}": Line(people(200)),
    "DELETE /v1/devices/{device_id}": Line(admins(200)),
    "GET /v1/devices/me/config": Line(devices(200)),
    "PUT /v1/devices/me/privacy-hours": Line(devices(204), body(in_use=True)),
    "GET /v1/devices/me/exemptions": Line(devices(200)),
    "POST /v1/devices/me/certificate": Line(devices(201), body(csr=signing_request)),
    "POST /v1/events": Line(devices(200), events()),
    "GET /v1/usage": Line(people(200), foreign=USAGE_OF_OTHERS),
    "GET /v1/usage/overview": Line(people(200)),
    "GET /v1/usage/providers": Line(people(200), foreign=USAGE_OF_OTHERS),
    "GET /v1/usage/top-users": Line(people(200), foreign=USAGE_OF_OTHERS),
    "GET /v1/usage/series": Line(people(200), foreign=USAGE_OF_OTHERS),
    "GET /v1/usage/models": Line(people(200), foreign=USAGE_OF_OTHERS),
    "GET /v1/usage/captured": Line(people(200)),
    "GET /v1/audit-log": Line(admins(200)),
    "POST /v1/preflight": Line(devices(200), preflight(), {404: [preflight(user_id=user)]}),
    "DELETE /v1/holds/{hold_id}": Line(devices(204)),
    "GET /v1/budgets": Line(people(200)),
    "POST /v1/budgets": Line(
        admins(201),
        body(department=any_name, limit_tokens=1),
        {422: [body(user_id=user, limit_tokens=1)]},
    ),
    "GET /v1/budgets/{budget_id}": Line(people(200)),
    "PATCH /v1/budgets/{budget_id}": Line(admins(200), body(name="B")),
    "DELETE /v1/budgets/{budget_id}": Line(admins(204)),
    "GET /v1/budgets/stream": Line(people(200)),
    "GET /v1/budgets/{budget_id}/rollovers": Line(people(200)),
    "GET /v1/budgets/{budget_id}/periods": Line(people(200)),
    "GET /v1/budgets/{budget_id}/holds": Line(people(200)),
    "GET /v1/budget-exemptions": Line(people(200)),
    "POST /v1/budget-exemptions": Line(
        people(201), body(reason="r", tokens=1), {404: [body(reason="r", tokens=1, user_id=user)]}
    ),
    "GET /v1/budget-exemptions/{exemption_id}": Line(people(200)),
    "POST /v1/budget-exemptions/{exemption_id}/approve": Line(admins(200), body()),
    "POST /v1/budget-exemptions/{exemption_id}/deny": Line(admins(200), body(notes="n")),
    "GET /v1/alerts": Line(people(200)),
    "GET /v1/alerts/{alert_id}": Line(people(200)),
    "POST /v1/alerts/{alert_id}/acknowledge": Line(managers(200)),
    "POST /v1/alerts/{alert_id}/resolve": Line(managers(200)),
    "GET /v1/blocks": Line(people(200), query(user_id=user)),
    "GET /v1/blocks/{block_id}": Line(people(200)),
    "POST /v1/blocks/{block_id}/lift": Line(admins(200)),
    "GET /v1/incidents": Line(managers(200)),
    "POST /v1/incidents": Line(
        managers(201),
        body(title="t"),
        {422: [body(title="t", owner_id=user)], 404: [body(title="t", user_id=user)]},
    ),
    "GET /v1/incidents/{incident_id}": Line(managers(200)),
    "PATCH /v1/incidents/{incident_id}": Line(
        managers(200), body(state="investigating"), {422: [body(owner_id=user)]}
    ),
    "POST /v1/incidents/{incident_id}/comments": Line(managers(201), body(text="t")),
    "GET /v1/incidents/{incident_id}/timeline": Line(managers(200)),
    "GET /v1/incidents/{incident_id}/links": Line(managers(200)),
    "POST /v1/incidents/{incident_id}/links": Line(managers(201), body(kind="usage_event", id=user)),
    "DELETE /v1/incidents/{incident_id}/links/{kind}/{target_id}": Line(managers(204)),
    "GET /v1/policies": Line(managers(200)),
    "POST /v1/policies": Line(
        admins(201),
        policy(),
        {422: [policy(conditions=about_user), policy(conditions=about_department)]},
    ),
    "GET /v1/policies/{policy_id}": Line(managers(200)),
    "PATCH /v1/policies/{policy_id}": Line(admins(200), body(name="P"), {422: [body(conditions=about_user)]}),
    "DELETE /v1/policies/{policy_id}": Line(admins(204)),
    "POST /v1/policies/{policy_id}/publish": Line(admins(200)),
    "POST /v1/policies/{policy_id}/shadow": Line(admins(200)),
    "POST /v1/policies/{policy_id}/disable": Line(admins(200)),
    "GET /v1/policies/{policy_id}/versions": Line(managers(200)),
    "POST /v1/policies/{policy_id}/test": Line(admins(202), body()),
    "POST /v1/policy-tests": Line(admins(202), draft(), {422: [draft(conditions=about_user)]}),
    "GET /v1/policy-tests/{test_id}": Line(admins(200)),
    "GET /v1/policy-firings": Line(managers(200)),
    "GET /v1/risk-events": Line(managers(200)),
    "POST /v1/risk-events": Line(admins(201), risk(), {422: [risk(user_email=email)]}),
    "GET /v1/risk-events/{event_id}": Line(managers(200)),
    "GET /v1/integrations/github": Line(admins(200)),
    "POST /v1/integrations/github": Line(admins(201), body(name="g")),
    "PATCH /v1/integrations/github/{integration_id}": Line(admins(200), body(name="h")),
    "POST /v1/integrations/github/{integration_id}/secret": Line(admins(201)),
    "DELETE /v1/integrations/github/{integration_id}": Line(admins(204)),
    "GET /v1/integrations/github-identities": Line(admins(200)),
    "PUT /v1/integrations/github-identities": Line(
        admins(200), body(login="octocat", user_id=user), {404: [body(login="o", user_id=user)]}
    ),
    "DELETE /v1/integrations/github-identities/{login}": Line(admins(204)),
    "POST /v1/integrations/github/{integration_id}/webhook": Line(everyone(401)),
    "GET /v1/perks/tiers": Line(admins(200)),
    "POST /v1/perks/tiers": Line(
        admins(201), body(name=any_name, monthly_tokens=1, rollover_cap_percent=None)
    ),
    "PATCH /v1/perks/tiers/{tier_id}": Line(admins(200), body(monthly_tokens=2)),
    "DELETE /v1/perks/tiers/{tier_id}": Line(admins(204)),
    "GET /v1/perks/enrollments": Line(admins(200)),
    "POST /v1/perks/enrollments": Line(
        admins(201), enrollment(user_id=user), {422: [enrollment(user_id=user)]}
    ),
    "POST /v1/perks/enrollments/import": Line(admins(200), enrolling),
    "PATCH /v1/perks/enrollments/{enrollment_id}": Line(
        admins(200), body(tier_id=tier), {404: [body(tier_id=tier)]}
    ),
    "DELETE /v1/perks/enrollments/{enrollment_id}": Line(admins(204)),
    "POST /v1/perks/enrollments/{enrollment_id}/issue-again": Line(admins(204)),
    "GET /v1/perks/me": Line(own(200)),
    "DELETE /v1/perks/me": Line(people(204)),
    "POST /v1/perks/vouchers": Line(people(403) | {"device": 403}),
    "GET /v1/perks/keys/{org_id}": Line(everyone(200)),
    "GET /v1/perks/bonus-rules": Line(admins(200)),
    "POST /v1/perks/bonus-rules": Line(admins(201), body(name="r", trigger="program_joined", bonus_tokens=1)),
    "DELETE /v1/perks/bonus-rules/{rule_id}": Line(admins(204)),
    "POST /v1/perks/achievements": Line(
        admins(201), achievement(user_email=email), {422: [achievement(user_email=email)]}
    ),
    "GET /v1/perks/bonuses": Line(admins(200)),
    "GET /v1/perks/summary": Line(admins(200)),
    "GET /v1/integrations/slack": Line(admins(200)),
    "PUT /v1/integrations/slack": Line(admins(200), body(token="xoxb-0123456789")),
    "DELETE /v1/integrations/slack": Line(admins(204)),
    "GET /v1/me/notifications": Line(own(200)),
    "PUT /v1/me/notifications": Line(people(200), body(alert_mails=False, policy_mails=True)),
    "GET /v1/unsubscribe": Line(everyone(422)),
    "POST /v1/unsubscribe": Line(everyone(422)),
    "GET /v1/webhooks": Line(admins(200)),
    "POST /v1/webhooks": Line(
        admins(201), body(name="w", url="https://example.com/hook", events=["alert.created"])
    ),
    "GET /v1/webhooks/{webhook_id}": Line(admins(200)),
    "PATCH /v1/webhooks/{webhook_id}": Line(admins(200), body(name=any_name)),
    "DELETE /v1/webhooks/{webhook_id}": Line(admins(204)),
    "POST /v1/webhooks/{webhook_id}/secret": Line(admins(201)),
    "POST /v1/webhooks/{webhook_id}/test": Line(admins(201)),
    "GET /v1/webhooks/{webhook_id}/deliveries": Line(admins(200)),
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend": Line(admins(200)),
}

# Whoever signs is let in, and nobody else, with whatever credential: server/tests/risks.
PUBLISHED = {"GET /v1/perks/keys/{org_id}"}
"""A public key, which is for everybody."""
SIGNED = {"POST /v1/integrations/github/{integration_id}/webhook"}

# Unsafe routes that change nothing anyone decides about, each with the reason why it needs no audit entry.
NOT_ADMINISTRATIVE = {
    "POST /v1/events": "usage",
    "POST /v1/oauth/token": "a short-lived token; the client or device behind it is audited",
    "PUT /v1/devices/me/privacy-hours": "the employee's own choice; entries would say when they use them",
    "DELETE /v1/session": "a session ends by itself as well; that it began is audited",
    "POST /v1/incidents/{incident_id}/comments": "it is on the incident's timeline, which only grows",
    "POST /v1/policies/{policy_id}/test": "a look at what happened; it changes nothing",
    "POST /v1/policy-tests": "a look at what happened; it changes nothing",
    "POST /v1/integrations/github/{integration_id}/webhook": "GitHub's word; a risk event is audited",
    "DELETE /v1/perks/me": "who takes part leaves, which is audited; for others it is nothing",
    "POST /v1/perks/vouchers": "the employee's own; that they opted in is audited",
    "POST /v1/preflight": "a check; a blocked one is counted into the log by the minute",
    "DELETE /v1/holds/{hold_id}": "room given back, many times a minute",
    "POST /v1/webhooks/{webhook_id}/test": "a message without content; it is in the delivery log",
    "POST /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/resend": "the same message; in the delivery log",
}


def handlers(app: Litestar) -> Iterator[tuple[str, HTTPRouteHandler]]:
    for route in app.routes:
        for method, (handler, _) in getattr(route, "route_handler_map", {}).items():
            if method not in ("HEAD", "OPTIONS") and not route.path.startswith("/schema"):
                yield f"{method} {route.path_format}", handler


@pytest.fixture
async def world(client: httpx2.AsyncClient, organization: Any, device: Any, settings: Settings) -> World:
    return await World(client, organization, device, settings.secret_key).with_a_tier()


@pytest.fixture
async def elsewhere(
    client: httpx2.AsyncClient,
    other_organization: Any,
    enroll_device: Callable[..., Any],
    settings: Settings,
) -> World:
    """Another organisation, with a thing of every kind."""
    device = await enroll_device(other_organization)
    return await World(client, other_organization, device, settings.secret_key).with_a_tier()


@pytest.fixture
async def headers_of(
    world: World, sessions: async_sessionmaker[AsyncSession]
) -> Callable[[str], dict[str, str]]:
    made = {"org_id": world.organization.id, "created_by": world.organization.owner.id, "name": "none"}
    async with sessions.begin() as session:
        _, key = await access.create_api_key(session, **made, scopes=[], expires_at=None, now=utc_now())
    special = {
        "anonymous": {},
        "key without scopes": {"Authorization": f"Bearer {key}"},
        "device": world.device.headers,
    }
    return lambda caller: special[caller] if caller in special else world.organization.as_(caller)


_TABLES_WITH_ORG_ID = """
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'org_id'
    WHERE relnamespace = 'corporate'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    ORDER BY 1
"""


@pytest.fixture
def rows_of(sessions: async_sessionmaker[AsyncSession]) -> Callable[[UUID], Any]:
    """Everything that is kept about an organisation."""

    async def rows(org_id: UUID) -> dict[str, list[str]]:
        async with sessions() as session:
            tables = await session.scalars(text(_TABLES_WITH_ORG_ID))
            found = {}
            for table in tables.all():
                kept = text(f'SELECT t::text FROM "{table}" t WHERE org_id = :org ORDER BY 1')
                found[table] = list(await session.scalars(kept, {"org": org_id}))
            organization = text("SELECT t::text FROM organizations t WHERE id = :org")
            found["organizations"] = list(await session.scalars(organization, {"org": org_id}))
        assert len(found) > 15
        return found

    return rows


async def send(world: World, name: str, ids: dict[str, str], asked: dict[str, Any], **headers: str) -> int:
    """Ask, with these ids in the path."""
    return (await answer_to(world, name, ids, asked, **headers)).status_code


async def answer_to(
    world: World, name: str, ids: dict[str, str], asked: dict[str, Any], **headers: str
) -> httpx2.Response:
    method, path = name.split()
    asked = {**asked, "headers": {**asked.get("headers", {}), **headers}}
    if "content" not in asked and "json" not in asked and method in ("POST", "PUT", "PATCH"):
        asked["content"] = b""
    world.client.cookies.clear()
    return await world.client.request(method, path.format(**ids), **asked)


def test_every_route_is_in_the_table_and_every_line_is_a_route(app: Litestar) -> None:
    assert {name for name, _ in handlers(app)} == set(TABLE)


def test_every_route_says_who_may_call_it(app: Litestar) -> None:
    for name, handler in handlers(app):
        marks = [bool(scopes_asked(handler)), bool(handler.opt.get("own")), bool(handler.opt.get("public"))]
        assert sum(marks) == 1, name
        assert len(scopes_asked(handler)) <= 1, name


async def test_every_route_documents_its_errors(app: Litestar, client: httpx2.AsyncClient) -> None:
    document = (await client.get("/schema")).json()
    for name, _ in handlers(app):
        method, path = name.split()
        operation = document["paths"][path][method.lower()]
        assert operation["description"], name
        for problem in PROBLEMS:
            answer = operation["responses"][str(problem.status)]
            (shape,) = answer["content"].values()
            if (name, problem.status) != ("GET /v1/health", 503):
                assert shape["schema"] == {"$ref": "#/components/schemas/ErrorAnswer"}, name


@pytest.mark.parametrize("name", TABLE)
async def test_each_caller_gets_what_the_table_says(
    world: World, headers_of: Callable[[str], dict[str, str]], name: str
) -> None:
    line, given = TABLE[name], {}
    for caller in CALLERS:
        ids = {parameter: await world.thing(parameter) for parameter in re.findall(r"{(\w+)}", name)}
        given[caller] = await send(world, name, ids, line.ask(world), **headers_of(caller))
    assert given == line.statuses


@pytest.mark.parametrize("name", [name for name in TABLE if "{" in name and name not in SIGNED | PUBLISHED])
async def test_another_organisation_s_id_in_the_path_is_not_found(
    world: World, elsewhere: World, rows_of: Any, name: str
) -> None:
    ids = {parameter: await elsewhere.thing(parameter) for parameter in re.findall(r"{(\w+)}", name)}
    before = await rows_of(elsewhere.organization.id)
    owner = 403 if TABLE[name].statuses["owner"] == 403 else 404
    for headers, status in ((world.organization.as_("owner"), owner), (world.organization.api_key, 404)):
        assert await send(world, name, ids, TABLE[name].ask(world), **headers) == status
    assert await rows_of(elsewhere.organization.id) == before


@pytest.mark.parametrize(
    ("name", "status", "ask"),
    [(name, status, ask) for name in TABLE for status, asks in TABLE[name].foreign.items() for ask in asks],
)
async def test_another_organisation_s_id_in_a_query_or_body_is_refused(
    world: World, elsewhere: World, rows_of: Any, name: str, status: int, ask: Ask
) -> None:
    ids = {parameter: await world.thing(parameter) for parameter in re.findall(r"{(\w+)}", name)}
    before = [await rows_of(one.organization.id) for one in (world, elsewhere)]
    of_people = TABLE[name].statuses["owner"] != 403
    headers = world.organization.as_("owner") if of_people else world.organization.api_key
    assert await send(world, name, ids, ask(elsewhere), **headers) == status
    assert [await rows_of(one.organization.id) for one in (world, elsewhere)] == before


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/v1/users", query(department_id=root)),
        ("/v1/users", query(manager_id=user)),
        ("/v1/users", query(email=email)),
        ("/v1/users", query(q=email)),
        ("/v1/devices", query(user_id=user)),
    ],
)
async def test_filtering_by_another_organisation_s_id_finds_nothing(
    world: World, elsewhere: World, path: str, ask: Ask
) -> None:
    answer = await world.client.get(path, **ask(elsewhere), headers=world.organization.api_key)
    assert answer.status_code == 404 or answer.json()["items"] == []


async def test_filtering_budgets_and_what_comes_of_them_finds_nothing_of_others(
    world: World, elsewhere: World
) -> None:
    for thing in ("alert_id", "exemption_id"):
        await elsewhere.thing(thing)
    for path, only in (
        ("/v1/budgets", {"user_id": elsewhere.user_id}),
        ("/v1/budgets", {"department_id": root(elsewhere)}),
        ("/v1/budget-exemptions", {"user_id": elsewhere.user_id}),
        ("/v1/alerts", {"budget_id": await elsewhere.thing("budget_id")}),
    ):
        answer = await world.client.get(path, params=only, headers=world.organization.api_key)
        assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_what_is_refused_one_by_one_reaches_no_other_organisation(
    world: World, elsewhere: World, rows_of: Any
) -> None:
    """An event for another's user, an import with another's manager, a device for another's user."""
    token = await world.client.post("/v1/enrollment-tokens", json={}, headers=world.organization.api_key)
    before = await rows_of(elsewhere.organization.id)
    owner, key = world.organization.as_("owner"), world.organization.api_key
    sent = await world.client.post("/v1/events", **events(user_id=user)(elsewhere), headers=key)
    assert [refused["reason"] for refused in sent.json()["refused"]] == ["unknown_user"]
    wanted = {"params": {"dry_run": False}, **csv(email)(elsewhere)}
    imported = await world.client.post("/v1/users/import", **wanted, headers=owner)
    assert imported.status_code == 422, imported.text
    enrolling = body(
        token=token.json()["token"],
        csr=signing_request,
        hostname="h",
        platform="linux",
        agent_version="1",
        user_email=email,
    )
    enrolled = await world.client.post("/v1/devices/enroll", **enrolling(elsewhere))
    assert 400 <= enrolled.status_code < 500
    assert await rows_of(elsewhere.organization.id) == before


PASSWORD = "correct horse battery"
_ENTRIES = (
    "SELECT actor_user_id, credential_kind FROM audit_log WHERE org_id = :org AND request_id = :request"
)


async def _signing_in(world: World, sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    owner = world.organization.owner
    named = {"org_id": owner.org_id, "user_id": owner.id, "password": PASSWORD}
    async with sessions.begin() as session:
        await access.set_password(session, **named, now=utc_now())
    return {"json": {"email": owner.email, "password": PASSWORD}}


async def _changing_password(world: World, sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    """The owner's sessions ended with the setting of their first password: they sign in again."""
    signed_in = await world.client.post("/v1/session", **await _signing_in(world, sessions))
    world.organization.headers["owner"] = {
        "Cookie": signed_in.headers["set-cookie"].partition(";")[0],
        "X-CSRF-Token": signed_in.json()["csrf_token"],
    }
    return {"json": {"current_password": PASSWORD, "new_password": PASSWORD + "!"}}


async def _accepting(world: World, _sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    owner = world.organization.as_("owner")
    invited = await world.client.post(f"/v1/users/{world.user_id}/invitation", headers=owner)
    return {"json": {"token": invited.json()["token"], "password": PASSWORD}}


async def _enrolling(world: World, _sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    made = await world.client.post("/v1/enrollment-tokens", json={}, headers=world.organization.api_key)
    said = {"hostname": "h", "platform": "linux", "agent_version": "1", "user_email": world.email}
    return {"json": {"token": made.json()["token"], "csr": signing_request(world), **said}}


async def _unsubscribing(world: World, _sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    owner = world.organization.owner
    return {
        "params": {"token": unsubscribe_token(owner.org_id, owner.id, "alerts", secret_key=world.secret_key)}
    }


async def _importing(world: World, _sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    return {"params": {"dry_run": False}, **csv(email)(world)}


# How to ask so that something changes, where the table asks for less.
async def _connected(world: World, _sessions: async_sessionmaker[AsyncSession]) -> dict[str, Any]:
    await world.done("/v1/integrations/slack", method="PUT", json={"token": "xoxb-0123456789"})
    return {}


IN_EARNEST: dict[str, Callable[[World, async_sessionmaker[AsyncSession]], Awaitable[dict[str, Any]]]] = {
    "POST /v1/session": _signing_in,
    "PUT /v1/session/password": _changing_password,
    "POST /v1/invitations/accept": _accepting,
    "POST /v1/devices/enroll": _enrolling,
    "POST /v1/users/import": _importing,
    "POST /v1/unsubscribe": _unsubscribing,
    "DELETE /v1/integrations/slack": _connected,
}


def test_what_needs_no_entry_is_a_route() -> None:
    assert set(TABLE) >= {*NOT_ADMINISTRATIVE, *IN_EARNEST}


@pytest.mark.parametrize(
    "name", [name for name in TABLE if not name.startswith("GET ") and name not in NOT_ADMINISTRATIVE]
)
async def test_every_change_is_in_the_audit_log(
    app: Litestar, world: World, sessions: async_sessionmaker[AsyncSession], name: str
) -> None:
    """A new unsafe route fails until it leaves an entry, or says why it needs none."""
    (handler,) = [handler for route, handler in handlers(app) if route == name]
    asked = await IN_EARNEST[name](world, sessions) if name in IN_EARNEST else TABLE[name].ask(world)
    ids = {parameter: await world.thing(parameter) for parameter in re.findall(r"{(\w+)}", name)}
    headers, expected = world.organization.as_("owner"), (world.organization.owner.id, "session")
    if handler.opt.get("public"):
        headers, expected = {}, (None, "public")
    elif Scope.DEVICE in scopes_asked(handler):
        headers, expected = world.device.headers, (world.organization.member.id, "device")
    answer = await answer_to(world, name, ids, asked, **headers)
    assert answer.is_success, answer.text
    request = {"org": world.organization.id, "request": answer.headers["x-request-id"]}
    async with sessions() as session:
        entries = (await session.execute(text(_ENTRIES), request)).all()
    assert {tuple(entry) for entry in entries} == {expected}
