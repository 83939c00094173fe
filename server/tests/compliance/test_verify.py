"""`toktra audit verify`: one altered byte, one missing row, many writers at once (L2, L4, V1, V2)."""

import asyncio
import json
import subprocess
import sys
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from toktra.compliance.verify import Expected, written_down
from toktra.kit.database import Databases, conninfo
from toktra.kit.errors import Invalid
from toktra.people import service as people
from toktra_wire.ids import new_id

HASH = "ab" * 32


async def test_a_chain_nobody_touched_is_whole(log: Any) -> None:
    verdict, last = await log.verdict(), await log.last()
    assert verdict.broken is None
    assert (verdict.seq, verdict.hash) == (last.seq, last.hash.hex())
    assert last.seq == len(await log.entries())


@pytest.mark.parametrize(
    "change",
    [
        "after = overlay(after::text placing 'X' from position('@' in after::text) for 1)::jsonb",
        'after = after || \'{"role": "ownes"}\'',
        "after = NULL",
        "before = '{}'",
        "actor_user_id = gen_random_uuid()",
        "at = at + interval '1 microsecond'",
        "action = 'user.deleted'",
        "target_id = target_id || ' '",
        "credential_kind = 'session'",
        "request_id = ''",
        "hash = set_byte(hash, 31, get_byte(hash, 31) # 1)",
        "previous_hash = set_byte(previous_hash, 0, get_byte(previous_hash, 0) # 1)",
    ],
)
async def test_one_altered_byte_is_found(log: Any, organization: Any, change: str) -> None:
    made = (await log.entries(action="user.created", target_id=str(organization.owner.id)))[0]
    await log.tamper(f"UPDATE audit_log SET {change} WHERE org_id = %(org)s AND seq = %(seq)s", seq=made.seq)
    verdict = await log.verdict()
    assert (verdict.broken, verdict.seq) == (f"entry {made.seq} was altered", made.seq - 1)


async def test_an_entry_replaced_with_its_hash_is_found(log: Any) -> None:
    await log.tamper(
        """UPDATE audit_log SET action = 'x.x',
           hash = audit_hash(jsonb_populate_record(audit_log, '{"action": "x.x"}'))
           WHERE org_id = %(org)s AND seq = 3"""
    )
    assert "entry 4 does not follow the one before it" in ((await log.verdict()).broken or "")


async def test_a_missing_row_is_found(log: Any) -> None:
    await log.tamper("DELETE FROM audit_log WHERE org_id = %(org)s AND seq = 3")
    assert (await log.verdict()).broken == "entry 3 is missing"


async def test_a_missing_last_row_is_found_also_when_the_log_goes_on(
    log: Any, client: httpx2.AsyncClient, organization: Any
) -> None:
    last = (await log.last()).seq
    await log.tamper("DELETE FROM audit_log WHERE org_id = %(org)s AND seq = %(seq)s", seq=last)
    assert (await log.verdict()).broken == f"entry {last} is missing, at the end"
    await client.post("/v1/departments", json={"name": "More"}, headers=organization.api_key)
    assert (await log.verdict()).broken == f"entry {last} is missing"


async def test_an_organisation_without_any_trace_of_its_chain_is_found(
    log: Any, owner_of_tables: Any
) -> None:
    await owner_of_tables.execute("DELETE FROM audit_log WHERE org_id = %s", [log.org_id])
    await owner_of_tables.execute("DELETE FROM audit_heads WHERE org_id = %s", [log.org_id])
    assert (await log.verdict()).broken == "its head is missing"
    await owner_of_tables.execute("INSERT INTO audit_heads VALUES (%s, 0, '')", [log.org_id])


async def test_a_chain_cut_off_with_its_head_is_found_by_what_was_written_down(
    log: Any, owner_of_tables: Any
) -> None:
    last = await log.last()
    await log.tamper("DELETE FROM audit_log WHERE org_id = %(org)s AND seq = %(seq)s", seq=last.seq)
    await log.tamper(
        "UPDATE audit_heads h SET seq = l.seq, hash = l.hash FROM audit_log l"
        " WHERE h.org_id = %(org)s AND l.org_id = h.org_id AND l.seq = %(seq)s",
        seq=last.seq - 1,
    )
    assert (await log.verdict()).broken is None
    expected: Expected = {log.org_id: {last.seq: last.hash}}
    assert (await log.verdict(expected)).broken == f"entry {last.seq} is missing, at the end"


async def test_many_writers_at_once_make_one_chain(log: Any, organization: Any) -> None:
    before = (await log.last()).seq

    async def rename(index: int) -> None:
        async with log.sessions.begin() as session:
            change = text("UPDATE users SET name = name || :more WHERE org_id = :org AND id = :id")
            user = (organization.member, organization.admin, organization.manager)[index % 3]
            for more in ("x", "y", "z"):
                await session.execute(change, {"more": more, "org": log.org_id, "id": user.id})

    await asyncio.gather(*(rename(index) for index in range(30)))
    verdict = await log.verdict()
    assert (verdict.broken, verdict.seq) == (None, before + 90)
    entries = await log.entries()
    assert [entry.seq for entry in entries] == list(range(1, before + 91))
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


async def test_a_change_under_way_keeps_no_other_waiting(log: Any, organization: Any) -> None:
    """L4."""
    other = text("UPDATE users SET name = 'Other' WHERE org_id = :org AND id = :id")
    async with log.sessions.begin() as slow:
        await slow.execute(other, {"org": log.org_id, "id": organization.member.id})
        async with asyncio.timeout(5), log.sessions.begin() as quick:
            await quick.execute(other, {"org": log.org_id, "id": organization.admin.id})
    assert [entry.target_id for entry in (await log.entries())[-2:]] == [
        str(organization.admin.id),
        str(organization.member.id),
    ]
    assert (await log.verdict()).broken is None


async def test_two_transactions_that_begin_a_chain_at_once_share_it(
    sessions: Any, engine: Any, log: Any
) -> None:
    org_id = new_id()

    async def begin(name: str) -> None:
        async with sessions.begin() as session:
            insert = text(
                "INSERT INTO organizations VALUES (:id, :name, 'UTC', 'USD', 'eu', now())"
                " ON CONFLICT DO NOTHING"
            )
            await session.execute(insert, {"id": org_id, "name": name})
            await session.execute(
                text("UPDATE organizations SET name = :name || 'x' WHERE id = :id"),
                {"id": org_id, "name": name},
            )

    await asyncio.gather(*(begin(str(index)) for index in range(6)))
    log.org_id = org_id
    assert (await log.verdict()).broken is None
    assert {entry.action for entry in await log.entries()} == {"organization.created", "organization.changed"}


async def test_a_change_of_many_rows_is_as_many_entries(log: Any, now: Any) -> None:
    before = (await log.last()).seq
    rows = "".join(f"p{index}-{new_id().hex[-12:]}@example.com,N\n" for index in range(2000))
    async with log.sessions.begin() as session:
        await people.import_people(
            session, org_id=log.org_id, content=f"email,name\n{rows}".encode(), dry_run=False, now=now
        )
    verdict = await log.verdict()
    assert (verdict.broken, verdict.seq) == (None, before + 2000)


def audit_verify(database: Databases, *words: str) -> "subprocess.CompletedProcess[str]":
    """As an installation with a database of its own runs it; `postgres` here may take any role."""
    address = conninfo(database.owner)
    return subprocess.run(
        [sys.executable, "-m", "toktra.cli", "audit", "verify", *words],
        env={"TOKTRA_DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_command_prints_a_head_that_it_takes_back(log: Any, database: Databases) -> None:
    first = await asyncio.to_thread(audit_verify, database)
    assert (first.returncode, first.stderr) == (0, "")
    (head,) = [line.rpartition(" ")[2] for line in first.stdout.splitlines() if str(log.org_id) in line]
    assert written_down([head]) == {log.org_id: {(await log.last()).seq: (await log.last()).hash}}
    assert (await asyncio.to_thread(audit_verify, database, "--expect", head)).returncode == 0


async def test_the_command_names_the_break_and_ends_with_1(log: Any, database: Databases) -> None:
    await log.tamper("DELETE FROM audit_log WHERE org_id = %(org)s AND seq = 2")
    told = await asyncio.to_thread(audit_verify, database)
    assert (told.returncode, told.stderr) == (1, "")
    assert f"broken  {log.org_id}: entry 2 is missing" in told.stdout.splitlines()
    as_json = await asyncio.to_thread(audit_verify, database, "--json")
    said = json.loads(as_json.stdout)
    assert (as_json.returncode, said["whole"]) == (1, False)
    (own,) = [one for one in said["organizations"] if one["org_id"] == str(log.org_id)]
    assert (own["seq"], own["broken"]) == (1, "entry 2 is missing")


async def test_an_organisation_that_is_not_there_lacks_what_was_written_down(database: Databases) -> None:
    told = await asyncio.to_thread(audit_verify, database, "--expect", f"{UUID(int=7)}:5:{HASH}")
    assert told.returncode == 1
    assert f"broken  {UUID(int=7)}: entries 1 to 5 are missing, at the end" in told.stdout


@pytest.mark.parametrize(
    "wrong",
    ["", "x", f"{UUID(int=1)}:0:{HASH}", f"{UUID(int=1)}:1:ab", f"{UUID(int=1)}:x:{HASH}", f"y:1:{HASH}"],
)
def test_what_is_no_head_is_refused(wrong: str) -> None:
    with pytest.raises(Invalid, match="is not a head"):
        written_down([wrong])
