"""Token Perks on the corporate side: who is invited, what is handed out, and what can be known."""

import base64
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from toktra.kit.clock import utc_now
from toktra.perks.rules import Rule, grants
from toktra.perks.service import figures
from toktra.perks.service.inviting import invitation
from toktra.perks.service.rewarding import scored
from toktra_wire.ids import new_id
from toktra_wire.voucher import check, read

Client = httpx2.AsyncClient
TIERS = {
    "ic-engineer": (200_000, 50),
    "senior-engineer": (500_000, 50),
    "staff-engineer": (1_000_000, 75),
    "manager": (300_000, None),
}
"""Those of the guide: tokens a month, and the cap of what rolls over."""


class Company:
    """An organisation with its tiers, asked as one of its people."""

    def __init__(self, client: Client, organization: Any) -> None:
        self.client, self.organization = client, organization
        self.tiers: dict[str, str] = {}

    async def call(
        self, method: str, path: str, body: Any = None, *, role: str = "owner", status: int = 200, **more: Any
    ) -> Any:
        answer = await self.client.request(
            method,
            f"/v1/perks/{path}",
            json=body,
            headers={**self.organization.as_(role), **more.pop("headers", {})},
            **more,
        )
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def enroll(self, role: str = "member", tier: str = "ic-engineer") -> Any:
        email = getattr(self.organization, role).email
        return await self.call(
            "POST", "enrollments", {"user_email": email, "tier_id": self.tiers[tier]}, status=201
        )

    async def vouchers(self, role: str = "member", *, status: int = 200) -> Any:
        answer = await self.call("POST", "vouchers", role=role, status=status)
        return answer["vouchers"] if status == 200 else answer

    async def achieve(self, external_id: str = "x1", **given: Any) -> Any:
        body = {
            "user_email": self.organization.member.email,
            "kind": "training_completed",
            "subject": "Prompting 101",
            "external_id": external_id,
            **given,
        }
        return (await self.call("POST", "achievements", body, status=201))["bonuses"]

    async def rule(self, **given: Any) -> Any:
        body = {"name": "A training", "trigger": "training_completed", "bonus_tokens": 10_000, **given}
        return await self.call("POST", "bonus-rules", body, status=201)


@pytest.fixture
async def company(client: Client, organization: Any) -> Company:
    made = Company(client, organization)
    for name, (tokens, percent) in TIERS.items():
        body = {"name": name, "monthly_tokens": tokens, "rollover_cap_percent": percent}
        made.tiers[name] = (await made.call("POST", "tiers", body, status=201))["id"]
    return made


async def test_the_four_tiers_of_the_guide(company: Company) -> None:
    await company.enroll()
    listed = await company.call("GET", "tiers")
    assert {t["name"]: (t["monthly_tokens"], t["rollover_cap_percent"]) for t in listed} == TIERS
    assert {t["name"]: t["people"] for t in listed}["ic-engineer"] == 1


async def test_an_admin_invites_and_the_employee_opts_in(company: Company) -> None:
    """Invited first: until then, and after they were withdrawn, there is nothing for them."""
    refused = await company.vouchers(status=403)
    assert "Ask an admin" in refused["message"]
    made = await company.enroll()
    assert made["state"] == "invited"
    assert (await company.call("GET", "me", role="member"))["state"] == "invited"
    [voucher] = await company.vouchers()
    [listed] = (await company.call("GET", "enrollments"))["items"]
    assert listed["state"] == "enrolled"
    assert listed["enrolled_at"]
    key = await company.call("GET", f"keys/{company.organization.id}")
    read_back = check(voucher, base64.b64decode(key["public_key"]), now=utc_now())
    assert (read_back.tier, read_back.tokens, read_back.rollover_percent) == ("ic-engineer", 200_000, 50)
    await company.call("DELETE", f"enrollments/{made['id']}", status=204)
    assert (await company.call("GET", "me", role="member"))["state"] == "withdrawn"
    await company.vouchers(status=403)


async def test_no_cap_lets_all_that_is_unused_roll_over(company: Company) -> None:
    await company.enroll(tier="manager")
    [voucher] = await company.vouchers()
    assert read(voucher).rollover_percent == 100


async def test_a_months_voucher_is_handed_out_once(company: Company) -> None:
    """And once more where an admin says that it was lost."""
    made = await company.enroll()
    assert len(await company.vouchers()) == 1
    assert await company.vouchers() == []
    await company.call("POST", f"enrollments/{made['id']}/issue-again", status=204)
    assert len(await company.vouchers()) == 1


async def test_of_a_voucher_nothing_is_kept(company: Company, session: AsyncSession) -> None:
    """Not the voucher, nor its nonce, nor a remembered answer: the whole schema is searched."""
    await company.enroll()
    refused = await company.call(
        "POST", "vouchers", role="member", status=400, headers={"Idempotency-Key": "again"}
    )
    assert "Leave it out" in refused["message"]
    [voucher] = await company.vouchers()
    nonce = read(voucher).nonce
    tables = await session.scalars(
        text("SELECT relname FROM pg_class WHERE relnamespace = 'corporate'::regnamespace AND relkind = 'r'")
    )
    for table in tables.all():
        found = await session.scalar(
            text(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE :nonce'),
            {"nonce": f"%{nonce}%"},
        )
        assert found == 0, table


async def test_only_somebody_signed_in_gets_vouchers(company: Company, device: Any) -> None:
    for headers in (company.organization.api_key, device.headers):
        answer = await company.client.post("/v1/perks/vouchers", headers=headers)
        assert answer.status_code == 403


async def test_moving_to_another_tier_counts_from_the_next_voucher_on(company: Company) -> None:
    made = await company.enroll()
    await company.vouchers()
    moved = await company.call(
        "PATCH", f"enrollments/{made['id']}", {"tier_id": company.tiers["staff-engineer"]}
    )
    assert moved["tier"] == "staff-engineer"
    assert await company.vouchers() == []
    refused = await company.call("DELETE", f"tiers/{company.tiers['staff-engineer']}", status=409)
    assert "Move them" in refused["message"]
    await company.call("DELETE", f"tiers/{company.tiers['ic-engineer']}", status=204)


async def test_the_invitation_says_what_is_seen_and_what_is_not(
    company: Company, session: AsyncSession
) -> None:
    made = await company.enroll()
    given = {"org_id": company.organization.id, "enrollment_id": UUID(made["id"])}
    letter = await invitation(session, **given, public_url="https://t.example")
    assert letter is not None
    assert letter.see == "https://t.example/perks"
    assert letter.user.email == company.organization.member.email
    assert any("200,000 tokens" in value for _, value in letter.facts)
    await company.vouchers()
    session.expire_all()
    assert await invitation(session, **given, public_url="https://t.example") is None


async def test_a_file_invites_all_or_nobody(company: Company) -> None:
    organization = company.organization
    headers = {"Content-Type": "text/csv"}

    async def send(content: str, *, dry_run: bool = False, status: int = 200) -> Any:
        said = "true" if dry_run else "false"
        return await company.call(
            "POST",
            f"enrollments/import?dry_run={said}",
            status=status,
            content=content.encode(),
            headers=headers,
        )

    good = f"email,tier\n{organization.member.email},IC-Engineer\n{organization.manager.email},manager\n"
    bad = good + "nobody@example.com,manager\n"
    found = await send(bad)
    assert [(e["row"], "no active user" in e["reason"]) for e in found["errors"]] == [(4, True)]
    assert (await company.call("GET", "enrollments"))["total_count"] == 0
    assert (await send(good, dry_run=True))["invited"] == 2
    assert (await company.call("GET", "enrollments"))["total_count"] == 0
    assert (await send(good))["invited"] == 2
    assert (await send(good))["unchanged"] == 2
    for wrong in ("", "mail,tier\n", "email,tier\na,b,c\n", 'email,tier\n"a'):
        answer = await send(wrong, status=422)
        assert answer["details"]["field"] == "file"


async def test_a_bonus_is_granted_for_what_a_rule_names_and_once(company: Company) -> None:
    await company.enroll()
    await company.vouchers()
    await company.rule(subject="Prompting 101")
    assert await company.achieve(subject="Another course") == []
    [bonus] = await company.achieve("x2")
    assert bonus["tokens"] == 10_000
    assert await company.achieve("x2") == [bonus]
    assert await company.achieve("x3") == []
    [voucher] = await company.vouchers()
    assert (read(voucher).kind, read(voucher).tokens, read(voucher).reason) == ("bonus", 10_000, "A training")
    assert await company.vouchers() == []
    assert (await company.call("GET", "bonuses"))["items"] == [bonus]


async def test_a_high_efficiency_score_earns_a_bonus(
    company: Company, sessions: async_sessionmaker[AsyncSession]
) -> None:
    """Where insights come in; from outside nobody reports a score."""
    await company.enroll()
    await company.rule(trigger="efficiency_score", min_score=80)
    given = {"org_id": company.organization.id, "user_id": company.organization.member.id, "now": utc_now()}
    async with sessions.begin() as session:
        assert await scored(session, **given, month="2026-10", score=79) == []
        [earned] = await scored(session, **given, month="2026-11", score=80)
        assert earned.tokens == 10_000
    refused = await company.call(
        "POST",
        "achievements",
        {
            "user_email": company.organization.member.email,
            "kind": "efficiency_score",
            "subject": "s",
            "external_id": "e",
        },
        status=422,
    )
    assert refused["details"]["field"] == "kind"
    wrong = {"name": "n", "trigger": "training_completed", "min_score": 3, "bonus_tokens": 1}
    await company.call("POST", "bonus-rules", wrong, status=422)


def test_limits_of_a_rule() -> None:
    rule = Rule(
        id=new_id(),
        name="r",
        trigger="training_completed",
        subject=None,
        min_score=None,
        bonus_tokens=1,
        limit_per_month=2,
        limit_total=3,
    )

    def granted(*months: str) -> bool:
        return grants(
            rule, kind="training_completed", subject="s", score=None, months=months, month="2026-11"
        )

    assert granted()
    assert granted("2026-11")
    assert not granted("2026-11", "2026-11")
    assert granted("2026-10", "2026-10")
    assert not granted("2026-09", "2026-10", "2026-10")


async def test_the_summary_is_of_many_and_of_nothing_else(
    company: Company, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await company.enroll()
    told = (
        b'[{"month":"2026-11","published_on":"2026-11-20","total":{"accounts":12,"budget":2400000,"used":600000},'
        b'"tiers":{"ic-engineer":{"accounts":6,"budget":1200000,"used":300000},"manager":null}}]'
    )
    async with sessions.begin() as session:
        assert await figures.take(session, org_id=company.organization.id, answer=told) == 1
    found = await company.call("GET", "summary")
    assert (found["invited"], found["enrolled"], found["fewest"]) == (1, 0, 5)
    [month] = found["months"]
    assert (month["accounts"], month["used_tokens"], month["utilization"]) == (12, 600_000, 0.25)
    withheld = next(t for t in month["tiers"] if t["tier"] == "manager")
    assert withheld["used_tokens"] is None


@pytest.mark.parametrize("role", ["member", "manager"])
async def test_managers_and_members_see_nothing_of_it(company: Company, role: str) -> None:
    for path in ("tiers", "enrollments", "bonus-rules", "bonuses", "summary"):
        await company.call("GET", path, role=role, status=403)
