"""P1 to P6, D1, D2: what the personal ledger promises, at its API and in its database."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from toktra.kit.database import CORPORATE_ROLE, PERSONAL_ROLE, Databases, conninfo, raw_connection
from toktra.personal.storage import SCHEMA, keep_partitions, migrate


async def test_a_record_is_kept_counted_and_opened_by_its_owner_alone(ledger: Any, person: Any) -> None:
    assert await person.use(1_200, 300) == {"accepted": 2, "before": 0}
    month = await person.month()
    assert [month["budget"], month["used"], month["left"]] == [200_000, 1_500, 198_500]
    assert sorted(one.input_tokens for one in await person.opened()) == [300, 1_200]
    other = await ledger.opt_in(person.company)
    assert await other.opened() == []


async def test_sent_again_a_record_counts_once(person: Any) -> None:
    record = person.record(500)
    await person.call("POST", "records", {"records": [record]})
    assert await person.call("POST", "records", {"records": [record, record]}) == {"accepted": 0, "before": 2}
    assert (await person.month())["used"] == 500


async def test_requests_fit_exactly_whoever_asks_at_once(person: Any) -> None:
    """P4: room for ten of twenty, asked for at the same time."""
    asked = [{"key": str(uuid4()), "estimated_tokens": 20_000} for _ in range(20)]
    answers = await asyncio.gather(*(person.call("POST", "preflight", one) for one in asked))
    let_in = [one for one, answer in zip(asked, answers, strict=True) if answer["allowed"]]
    assert len(let_in) == 10
    assert {answer["left"] for answer in answers if not answer["allowed"]} == {0}
    again = await person.call("POST", "preflight", let_in[0])
    assert again["allowed"]
    await person.call("DELETE", f"holds/{let_in[0]['key']}", status=204)
    await person.use(20_000, hold=let_in[1]["key"])
    assert (await person.call("POST", "preflight", {"key": str(uuid4()), "estimated_tokens": 20_000}))[
        "allowed"
    ]
    refused = await person.call("POST", "preflight", {"key": str(uuid4()), "estimated_tokens": 1})
    assert "0 tokens left" in refused["message"]


async def test_without_this_months_voucher_nothing_fits_and_it_says_where_to_get_one(
    ledger: Any, person: Any
) -> None:
    ledger.now = datetime(2026, 12, 2, tzinfo=UTC)
    answer = await person.call("POST", "preflight", {"key": str(uuid4()), "estimated_tokens": 1})
    assert not answer["allowed"]
    assert "/perks" in answer["message"]
    refused = await person.call("POST", "records", {"records": [person.record(5)]}, status=422)
    assert "no allowance" in refused["message"]


async def test_the_next_month_begins_with_what_rolled_over(ledger: Any, person: Any) -> None:
    """min(200,000 - 150,000, 200,000 x 50%)."""
    await person.use(150_000)
    ledger.now = datetime(2026, 12, 2, tzinfo=UTC)
    december = await person.call("POST", "vouchers", {"voucher": person.company.voucher("2026-12")})
    assert [december["rollover"], december["left"]] == [50_000, 250_000]
    bonus = person.company.voucher("2026-12", kind="bonus", tokens=10_000, reason="A course was completed")
    assert (await person.call("POST", "vouchers", {"voucher": bonus}))["left"] == 260_000
    history = await person.call("GET", "history")
    assert [one["month"] for one in history["months"]] == ["2026-12", "2026-11"]
    assert history["bonuses"] == [{"month": "2026-12", "tokens": 10_000, "reason": "A course was completed"}]


async def test_vouchers_spent_late_early_forged_or_anothers_are_refused(ledger: Any, person: Any) -> None:
    company, other = person.company, ledger.company()
    forged = type(company)(id=company.id, key=Ed25519PrivateKey.generate())
    stranger = type(company)()
    spent = company.voucher(kind="bonus", tokens=5)
    await person.call("POST", "vouchers", {"voucher": spent})
    refused = {
        (409, "spent"): spent,
        (409, "allowance already"): company.voucher(),
        (422, "another organisation"): other.voucher(kind="bonus"),
        (422, "not signed"): forged.voucher(kind="bonus"),
        (422, "not known"): stranger.voucher(),
        (422, "is over"): company.voucher("2026-10"),
        (422, "not begun"): company.voucher("2026-12"),
        (422, "no voucher"): "tkv1.nonsense.nonsense",
    }
    for (status, says), voucher in refused.items():
        answer = await person.call("POST", "vouchers", {"voucher": voucher}, status=status)
        assert says in answer["message"], answer
    month = await person.month()
    assert [month["budget"], month["bonus"]] == [200_000, 5]


async def test_a_voucher_raced_for_is_spent_once(ledger: Any) -> None:
    company = ledger.company()
    people = [await ledger.opt_in(company) for _ in range(4)]
    bonus = company.voucher(kind="bonus", tokens=7)
    answers = await asyncio.gather(
        *(
            ledger.client.post(
                "/personal/v1/vouchers",
                json={"voucher": bonus},
                headers={"Authorization": f"Bearer {one.credential}"},
            )
            for one in people
        )
    )
    assert sorted(one.status_code for one in answers) == [200, 409, 409, 409]


@pytest.mark.parametrize("given", ["Bearer tk_key_corporate", "Bearer tk_per_nonsense", "Basic x", ""])
async def test_only_a_personal_credential_is_taken(ledger: Any, given: str) -> None:
    answer = await ledger.client.get("/personal/v1/account", headers={"Authorization": given})
    assert answer.status_code == 401
    assert "/perks" in answer.json()["message"]


async def test_opting_out_leaves_nothing(ledger: Any, person: Any, migrated: Databases) -> None:
    await person.use(10)
    await person.call("PUT", "account/backup", {"wrapped": base64.b64encode(b"wrapped").decode()}, status=204)
    await person.call("POST", "credentials", {"label": "agent"}, status=201)
    await person.call("DELETE", "account", status=204)
    await person.call("GET", "account", status=401)
    async with raw_connection(ledger.app.state.engine) as connection:
        for table in ("accounts", "credentials", "months", "bonuses", "holds", "records"):
            column = "id" if table == "accounts" else "account_id"
            found = await connection.execute(
                f"SELECT count(*) FROM {table} WHERE {column} = %s",
                [person.account_id],
            )
            assert await found.fetchone() == (0,), table


async def test_day_by_day_what_is_91_days_old_is_gone_from_tables_and_from_a_restored_backup(
    ledger: Any, person: Any, migrated: Databases
) -> None:
    """D2: the partition is dropped; what a backup brings back opens no more, since its day's key is gone."""
    await person.use(10)
    backup = _rows(migrated, person.account_id)
    for day in range(1, 92):
        now = ledger.now + timedelta(days=day)
        async with raw_connection(ledger.app.state.engine) as connection:
            await keep_partitions(connection, today=now.date())
        ledger.keys.destroy_old(today=now.date())
        assert len(await person.opened()) == (1 if day <= 90 else 0), day
    assert _rows(migrated, person.account_id) == []
    with psycopg.connect(conninfo(migrated.owner)) as owner:
        owner.execute(f"SET search_path = {SCHEMA}")
        owner.execute(
            "CREATE TABLE restored PARTITION OF records FOR VALUES FROM ('2026-11-10') TO ('2026-11-11')"
        )
        owner.execute(f"GRANT ALL ON restored TO {PERSONAL_ROLE}")
        owner.cursor().executemany("INSERT INTO records VALUES (%s, %s, %s, %s)", backup)
    assert len(_rows(migrated, person.account_id)) == 1
    assert await person.opened() == []
    with psycopg.connect(conninfo(migrated.owner)) as owner:
        owner.execute(f"DROP TABLE {SCHEMA}.restored")


def _rows(database: Databases, account_id: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(conninfo(database.owner)) as owner:
        found = owner.execute(
            f"SELECT account_id, id, day, sealed FROM {SCHEMA}.records WHERE account_id = %s",
            [account_id],
        )
        return found.fetchall()


async def test_a_dump_of_the_database_gives_no_record(person: Any, migrated: Databases) -> None:
    await person.use(77, host="marker-of-a-host.example")
    (row,) = _rows(migrated, person.account_id)
    assert b"marker-of-a-host" not in row[3]
    assert b"marker-of-a-host" not in base64.b64decode(person.record(1)["sealed"])


def test_neither_role_has_any_right_in_the_others_schema(migrated: Databases) -> None:
    """P1."""
    rights = (
        "SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relkind IN ('r', 'p', 'S', 'v') "
        "AND (has_schema_privilege(%s, nspname, 'USAGE') OR (relkind <> 'S' "
        "AND has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')))"
    )
    with psycopg.connect(conninfo(migrated.owner)) as owner:
        for role, schema in ((CORPORATE_ROLE, SCHEMA), (PERSONAL_ROLE, "corporate")):
            assert owner.execute(rights, [schema, role, role]).fetchall() == []


def test_migrating_again_changes_nothing(migrated: Databases) -> None:
    migrate(migrated.owner)
