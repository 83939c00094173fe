"""What is written down: who, what, before and after; never a secret, never by hand (L1, L3, L5, K4)."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access import service as access
from toktra.access.housekeeping import forget_what_ended
from toktra.kit.clock import utc_now
from toktra_wire import identity
from toktra_wire.ids import new_id

Client = httpx2.AsyncClient
PASSWORD = "correct horse battery"

# Tables whose changes are nobody's decision, each with the reason why they are not in the log.
NOT_AUDITED = {
    "access_tokens": "made and dropped by the hour; the client or device behind them is audited",
    "alembic_version": "the corporate role cannot write it; a migration is run by hand",
    "audit_heads": "the log itself",
    "audit_log": "the log itself",
    "budget_periods": "counts of usage",
    "github_deliveries": "GitHub's messages, to know one that is sent again; the risk events are audited",
    "idempotent_answers": "copies of answers, dropped after a day",
    "incident_entries": "what happened to incidents, a log of their own that only grows",
    "incident_numbers": "the last number given",
    "perks_figures": "figures of many, as the personal ledger publishes them",
    "policy_firings": "what policies did, a log of their own; blocks and incidents are audited",
    "policy_tests": "looks at the past, dropped after days",
    "policy_versions": "written once with the change of the policy, which is audited",
    "preflights": "checks and holds, many a second; those that block are counted in blocked_requests",
    "rate_counts": "counts of requests",
    "refused_events": "counts of usage",
    "sign_in_failures": "counts of failures, by hash",
    "usage_by_user": "usage",
    "usage_events": "usage",
    "usage_rollups": "usage",
    "usage_totals": "usage",
    "used_proofs": "device proofs, dropped after minutes",
    "user_activity": "usage",
    "webhook_deliveries": "messages and their tries, a log of their own",
}
_UNAUDITED = """
    SELECT relname FROM pg_class WHERE relnamespace = 'corporate'::regnamespace AND relkind IN ('r', 'p')
      AND NOT relispartition AND relname NOT LIKE 'procrastinate_%' AND NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND tgfoid = 'write_audit_entry'::regproc)
"""
_HIDDEN = """
    SELECT relname, attname, encode(tgargs, 'escape') FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_attribute ON attrelid = tgrelid
    WHERE tgfoid = 'write_audit_entry'::regproc AND relnamespace = 'corporate'::regnamespace
      AND (atttypid = 'bytea'::regtype OR attname ~ '(secret|password|argon2|token(?!s)|private|sealed)')
"""


async def test_every_table_is_audited_or_says_why_not(session: AsyncSession) -> None:
    assert set(await session.scalars(text(_UNAUDITED))) == set(NOT_AUDITED)


async def test_every_column_that_may_hold_a_secret_is_hidden(session: AsyncSession) -> None:
    """L5, also for columns that are added later."""
    found = [
        (table, column, args.split("\\000")) for table, column, args in await session.execute(text(_HIDDEN))
    ]
    assert ("passwords", "argon2") in {(table, column) for table, column, _ in found}
    shown = {(table, column) for table, column, args in found if column not in args[2].strip("{}").split(",")}
    assert shown == set()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_log SELECT * FROM audit_log",
        "UPDATE audit_log SET action = 'x'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "UPDATE audit_heads SET seq = 0",
        "INSERT INTO audit_heads VALUES (gen_random_uuid(), 0, '')",
        "DELETE FROM audit_heads",
        "TRUNCATE audit_heads",
        "DROP TABLE audit_log",
        "TRUNCATE passwords",
        "ALTER TABLE users DISABLE TRIGGER audit_changes",
        "SET session_replication_role = replica",
        "SELECT audit_table('users', 'user')",
    ],
)
async def test_the_corporate_role_cannot_touch_it(
    session: AsyncSession, organization: Any, statement: str
) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        await session.execute(text(statement))


async def test_the_corporate_role_cannot_have_entries_written_for_a_table_of_its_own(
    session: AsyncSession,
) -> None:
    await session.execute(text("CREATE TEMPORARY TABLE forged (org_id uuid, id uuid)"))
    trigger = (
        "CREATE TRIGGER forge AFTER INSERT ON forged FOR EACH ROW EXECUTE FUNCTION write_audit_entry('x')"
    )
    with pytest.raises(ProgrammingError, match="permission denied"):
        await session.execute(text(trigger))


async def test_an_entry_says_who_what_and_from_where(client: Client, organization: Any, log: Any) -> None:
    sent = await client.patch(
        f"/v1/users/{organization.member.id}", json={"role": "manager"}, headers=organization.as_("admin")
    )
    entry = await log.last()
    assert (entry.action, entry.target_kind, entry.target_id) == (
        "user.changed",
        "user",
        str(organization.member.id),
    )
    assert (entry.before, entry.after) == ({"role": "member"}, {"role": "manager"})
    assert (entry.actor_user_id, entry.credential_kind) == (organization.admin.id, "session")
    assert entry.request_id == sent.headers["x-request-id"]
    session_made = (await log.entries(action="session.created"))[1]
    assert session_made.target_id == str(entry.credential_id)
    assert abs((utc_now() - entry.at).total_seconds()) < 60


async def test_an_api_key_is_named_as_the_credential(client: Client, organization: Any, log: Any) -> None:
    await client.post("/v1/departments", json={"name": "New"}, headers=organization.api_key)
    (key,) = await log.entries(target_kind="api_key")
    entry = await log.last()
    assert (entry.action, entry.credential_kind) == ("department.created", "api_key")
    assert (entry.actor_user_id, str(entry.credential_id)) == (organization.owner.id, key.target_id)
    assert entry.before is None
    assert entry.after["name"] == "New"


async def test_a_command_has_no_user(log: Any, organization: Any) -> None:
    (made,) = await log.entries(action="organization.created")
    assert (made.seq, made.credential_kind, made.previous_hash) == (1, "command", b"")
    assert (made.actor_user_id, made.credential_id, made.request_id) == (None, None, None)


@pytest.mark.parametrize(
    "said",
    ["", "not json", "7", "[]", '"x"', '{"user_id": "nobody", "credential_id": 7, "credential_kind": null}'],
)
async def test_a_caller_that_cannot_be_read_keeps_nothing_from_being_written(
    log: Any, organization: Any, said: str
) -> None:
    async with log.sessions.begin() as session:
        await session.execute(text("SELECT set_config('toktra.caller', :said, true)"), {"said": said})
        await session.execute(
            text("UPDATE users SET name = 'M' WHERE id = :id"), {"id": organization.member.id}
        )
    entry = await log.last()
    assert (entry.action, entry.credential_kind, entry.actor_user_id) == ("user.changed", "command", None)


async def test_the_caller_is_forgotten_with_the_transaction(
    client: Client, organization: Any, log: Any, sessions: Any
) -> None:
    for _ in range(5):
        await client.post("/v1/departments", json={"name": new_id().hex}, headers=organization.as_("owner"))
    async with sessions() as session:
        assert (await session.scalar(text("SELECT current_setting('toktra.caller', true)"))) in (None, "")


async def test_actions_have_names_of_their_own(
    client: Client, organization: Any, log: Any, device: Any
) -> None:
    owner, member = organization.as_("owner"), f"/v1/users/{organization.member.id}"
    for status in ("suspended", "active"):
        await client.patch(member, json={"status": status}, headers=owner)
    await client.patch(member, json={"status": "active"}, headers=owner)  # changes nothing
    key = await client.post("/v1/api-keys", json={"name": "k", "scopes": ["usage:read"]}, headers=owner)
    for _ in range(2):
        await client.delete(f"/v1/api-keys/{key.json()['id']}", headers=owner)
    await client.delete(f"/v1/devices/{device.id}", headers=owner)
    actions = [entry.action for entry in await log.entries(credential_kind="session")]
    assert actions == [
        "user.suspended",
        "user.reactivated",
        "api_key.created",
        "api_key.revoked",
        "device.revoked",
        "device_certificate.revoked",
    ]


async def test_a_deleted_thing_is_shown_as_it_was(client: Client, organization: Any, log: Any) -> None:
    owner = organization.as_("owner")
    made = (await client.post("/v1/departments", json={"name": "Short"}, headers=owner)).json()["id"]
    await client.delete(f"/v1/departments/{made}", headers=owner)
    entry = await log.last()
    assert (entry.action, entry.target_id, entry.after) == ("department.deleted", made, None)
    assert entry.before["name"] == "Short"


async def test_a_refused_request_and_one_that_fails_leave_no_entry(
    app: Litestar,
    client: Client,
    organization: Any,
    log: Any,
) -> None:
    """L1: the second one fails after its entry was written."""
    before = (await log.last()).seq
    owner = organization.as_("owner")
    refused = await client.post("/v1/departments", json={"name": "A / B"}, headers=owner)
    assert refused.status_code == 422
    async with log.sessions() as session:
        await session.execute(
            text("UPDATE users SET name = 'M' WHERE id = :id"), {"id": organization.member.id}
        )
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await session.rollback()
    assert (await log.last()).seq == before
    assert (await log.verdict()).broken is None


async def test_entries_written_before_the_commit_make_the_same_chain(log: Any, organization: Any) -> None:
    before = (await log.last()).seq
    async with log.sessions.begin() as session:
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        for name in ("A", "B", "C"):
            rename = text("UPDATE users SET name = :name WHERE id = :id")
            await session.execute(rename, {"name": name, "id": organization.member.id})
    assert [entry.after for entry in (await log.entries())[before:]] == [
        {"name": "A"},
        {"name": "B"},
        {"name": "C"},
    ]
    assert (await log.verdict()).broken is None


class TestSecrets:
    async def test_none_is_ever_in_the_log(
        self, client: Client, organization: Any, device: Any, log: Any, session: AsyncSession
    ) -> None:
        """Every secret that is kept of the organisation, and those that were shown once."""
        owner = organization.as_("owner")
        async with log.sessions.begin() as writing:
            named = {"org_id": log.org_id, "user_id": organization.member.id, "now": utc_now()}
            for password in (PASSWORD, PASSWORD + "!"):
                await access.set_password(writing, password=password, **named)
        program = {"name": "p", "scopes": ["usage:read"]}
        shown = [PASSWORD, owner["X-CSRF-Token"], owner["Cookie"].partition("=")[2]]
        for path, name in (("/v1/api-keys", "key"), ("/v1/oauth/clients", "client_secret")):
            shown.append((await client.post(path, json=program, headers=owner)).json()[name])
        invited = await client.post(f"/v1/users/{organization.member.id}/invitation", headers=owner)
        shown.append(invited.json()["token"])
        kept = await self._kept(session, log.org_id)
        assert len(kept) > 12
        written = "\n".join(str((e.target_id, e.before, e.after)) for e in await log.entries())
        assert [secret for secret in (*shown, *kept, "$argon2") if secret in written] == []
        (made, changed) = await log.entries(target_kind="password")
        assert (made.action, made.after["argon2"]) == ("password.created", "(hidden)")
        assert (changed.action, changed.before["argon2"]) == ("password.changed", "(hidden)")
        assert made.target_id == str(organization.member.id)

    async def _kept(self, session: AsyncSession, org_id: Any) -> list[str]:
        columns = {
            "passwords": ["argon2"],
            "api_keys": ["secret_hash"],
            "oauth_clients": ["secret_hash"],
            "enrollment_tokens": ["secret_hash"],
            "invitations": ["token_hash"],
            "sessions": ["token_hash", "csrf_token"],
            "device_authorities": ["sealed_key"],
        }
        kept: list[str] = []
        for table, names in columns.items():
            for name in names:
                rows = text(f"SELECT ltrim({name}::text, '\\x') FROM {table} WHERE org_id = :org")
                values = list(await session.scalars(rows, {"org": org_id}))
                assert values, table
                kept += values
        return kept


class TestWhatIsNotAChange:
    async def test_usage_and_a_device_s_own_calls_write_no_entry(
        self, client: Client, organization: Any, device: Any, log: Any, event: Any, clock: Any
    ) -> None:
        before = (await log.last()).seq
        for _ in range(3):
            clock.advance(minutes=10)
            sent = {"events": [event(occurred_at=clock.now.isoformat())]}
            for headers in (device.headers, organization.api_key):
                assert (await client.post("/v1/events", json=sent, headers=headers)).status_code == 200
            assert (await client.get("/v1/devices/me/config", headers=device.headers)).status_code == 200
            clock.advance(minutes=-9)
        async with log.sessions() as session:
            seen = await session.scalar(
                text("SELECT last_seen_at FROM devices WHERE id = :id"), {"id": device.id}
            )
            used = text("SELECT max(last_used_at) FROM api_keys WHERE org_id = :org")
            assert seen > (await log.last()).at
            assert await session.scalar(used, {"org": log.org_id}) > (await log.last()).at
        assert (await log.last()).seq == before

    async def test_a_device_s_token_is_no_entry(self, client: Client, organization: Any, log: Any) -> None:
        asked = await client.post("/v1/enrollment-tokens", json={}, headers=organization.api_key)
        key = identity.new_key()
        said = {
            "token": asked.json()["token"],
            "csr": identity.signing_request(key, "laptop"),
            "hostname": "laptop",
            "platform": "linux",
            "agent_version": "1.0",
            "user_email": organization.member.email,
        }
        enrolled = (await client.post("/v1/devices/enroll", json=said)).json()
        before = (await log.last()).seq
        assert {entry.credential_kind for entry in await log.entries(target_kind="device")} == {"public"}
        named = {"device_id": enrolled["device_id"], "issuer": enrolled["issuer"], "now": utc_now()}
        grant = {"grant_type": identity.JWT_BEARER, "assertion": identity.proof(key, **named)}
        assert (await client.post("/v1/oauth/token", data=grant)).status_code == 200
        assert (await log.last()).seq == before

    async def test_a_session_s_end_is_no_entry(self, log: Any, organization: Any, client: Client) -> None:
        before = (await log.last()).seq
        assert (await client.delete("/v1/session", headers=organization.as_("member"))).status_code == 204
        assert (await log.last()).seq == before

    async def test_housekeeping_writes_down_only_links_that_ended(
        self, log: Any, organization: Any, client: Client, clock: Any
    ) -> None:
        user = organization.member.id
        await client.post(f"/v1/users/{user}/invitation", headers=organization.as_("owner"))
        before = (await log.last()).seq
        clock.advance(days=8)
        async with log.sessions() as session:
            await forget_what_ended(session, now=clock.now)
            await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
            left = text("SELECT action, credential_kind FROM audit_log WHERE org_id = :org AND seq > :seq")
            rows = (await session.execute(left, {"org": log.org_id, "seq": before})).all()
            await session.rollback()
        assert [tuple(row) for row in rows] == [("invitation.deleted", "command")]


@pytest.fixture
def public_client(app: Litestar, client_to: Callable[..., AbstractAsyncContextManager[Client]]) -> Any:
    return client_to(app, new_id().hex)


async def test_an_accepted_invitation_and_a_sign_in_are_written_down(
    client: Client, public_client: Any, organization: Any, log: Any
) -> None:
    member = organization.member
    invited = await client.post(f"/v1/users/{member.id}/invitation", headers=organization.as_("owner"))
    before = (await log.last()).seq
    async with public_client as browser:
        body = {"token": invited.json()["token"], "password": PASSWORD}
        accepted = await browser.post("/v1/invitations/accept", json=body)
        signed = await browser.post("/v1/session", json={"email": member.email, "password": PASSWORD})
    written = [(e.action, e.credential_kind, e.request_id) for e in (await log.entries())[before:]]
    first, second = accepted.headers["x-request-id"], signed.headers["x-request-id"]
    assert written == [
        ("invitation.deleted", "public", first),
        ("password.created", "public", first),
        ("session.created", "public", first),
        ("session.created", "public", second),
    ]
    assert (await log.last()).after["user_id"] == str(member.id)
