"""I4, I5: the dry run and the real run agree; all rows are written, or none."""

from datetime import datetime
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import event, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from toktra.access.rules import Role
from toktra.people import queries, service
from toktra.people.answers import ImportAnswer
from toktra.people.model import Department, Organization, User
from toktra.people.service.roster import ImportRefused

FILE = """email,name,department,role,manager_email
ada@x.org,Ada,Eng / Platform,manager,boss@x.org
bo@x.org,Bo,platform,,ADA@x.org
BOSS@x.org,Boss,,admin,
owner@x.org,Owner,,owner,
"""


class Importing:
    """Imports into one organisation; the last answers of both runs must agree."""

    def __init__(self, session: AsyncSession, org_id: Any, now: datetime) -> None:
        self.session, self.org_id, self.now = session, org_id, now

    async def run(self, content: str | bytes, *, dry_run: bool) -> ImportAnswer:
        content = content.encode() if isinstance(content, str) else content
        answer = await service.import_people(
            self.session, org_id=self.org_id, content=content, dry_run=dry_run, now=self.now
        )
        self.session.expire_all()
        return answer

    async def __call__(self, content: str | bytes) -> ImportAnswer:
        tried = await self.run(content, dry_run=True)
        done = await self.run(content, dry_run=False)
        assert structs.replace(tried, dry_run=False) == done
        return done

    async def sizes(self) -> tuple[int | None, int | None]:
        counts = [
            await self.session.scalar(select(func.count()).where(model.org_id == self.org_id))
            for model in (User, Department)
        ]
        return counts[0], counts[1]

    async def shown(self, email: str) -> tuple[Any, ...]:
        user = await queries.user_by_email(self.session, org_id=self.org_id, email=email)
        assert user is not None
        answer = await queries.user_answer(self.session, user=user)
        return answer.name, answer.department_path, answer.role, answer.manager_email, answer.status


@pytest.fixture
def imported(session: AsyncSession, acme: Organization, owner: User, now: datetime) -> Importing:
    return Importing(session, acme.id, now)


async def test_a_file_makes_people_and_departments(imported: Importing) -> None:
    answer = await imported(FILE)
    assert (answer.created, answer.updated, answer.unchanged, answer.error_count) == (3, 0, 1, 0)
    assert answer.departments_created == ["Acme / Eng", "Acme / Eng / Platform"]
    assert await imported.shown("ada@x.org") == (
        "Ada",
        "Acme / Eng / Platform",
        Role.MANAGER,
        "boss@x.org",
        "active",
    )
    assert await imported.shown("bo@x.org") == (
        "Bo",
        "Acme / Eng / Platform",
        Role.MEMBER,
        "ada@x.org",
        "active",
    )
    assert await imported.shown("boss@x.org") == ("Boss", "Acme", Role.ADMIN, None, "active")
    again = await imported(FILE)
    assert (again.created, again.updated, again.unchanged, again.changes) == (0, 0, 4, [])
    assert again.departments_created == []


async def test_changes_show_what_differs(imported: Importing, session: AsyncSession) -> None:
    first = await imported(FILE)
    assert (first.changes[0].row, first.changes[0].action, first.changes[0].before) == (2, "create", None)
    assert first.changes[1].after == {
        "name": "Bo",
        "department": "Acme / Eng / Platform",
        "role": "member",
        "manager_email": "ada@x.org",
    }
    user = await queries.user_by_email(session, org_id=imported.org_id, email="bo@x.org")
    assert user is not None
    user.status = "suspended"
    await session.flush()
    second = await imported("name;email;department;manager_email\nBob;bo@x.org;Sales;boss@x.org\n")
    (change,) = second.changes
    assert (change.row, change.email, change.action) == (2, "bo@x.org", "update")
    assert change.before == {
        "name": "Bo",
        "department": "Acme / Eng / Platform",
        "manager_email": "ada@x.org",
    }
    assert change.after == {"name": "Bob", "department": "Acme / Sales", "manager_email": "boss@x.org"}
    assert await imported.shown("bo@x.org") == ("Bob", "Acme / Sales", Role.MEMBER, "boss@x.org", "suspended")


async def test_a_dry_run_writes_nothing(imported: Importing) -> None:
    before = await imported.sizes()
    assert (await imported.run(FILE, dry_run=True)).created == 3
    assert await imported.sizes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"email,name\n",
        b"\xff\xfe",
        FILE + "owner@x.org,Again,,,\n",
        FILE + "x@x.org,X,New,boss,\n",
        FILE + "x@x.org,X,New,member,nobody@x.org\n",
        FILE + 'x@x.org,"X,,,\n',
    ],
)
async def test_with_any_error_nothing_is_written(imported: Importing, content: str | bytes) -> None:
    before = await imported.sizes()
    tried = await imported.run(content, dry_run=True)
    assert tried.errors
    with pytest.raises(ImportRefused) as refused:
        await imported.run(content, dry_run=False)
    assert await imported.sizes() == before
    details = refused.value.details
    assert details["error_count"] == tried.error_count
    assert details["errors"][0]["row"] == tried.errors[0].row
    assert (details["field"], details["created"]) == (tried.errors[0].field, tried.created)


async def test_the_answer_stays_small(imported: Importing) -> None:
    rows = "".join(f"u{number}@x.org,U,d{number}\n" for number in range(150))
    good = await imported("email,name,department\n" + rows)
    assert (good.created, len(good.changes), len(good.departments_created)) == (150, 100, 100)
    bad = await imported.run("email,name\n" + "x,\n" * 150, dry_run=True)
    assert (bad.error_count, len(bad.errors)) == (449, 100)


async def test_the_number_of_statements_does_not_grow(imported: Importing, session: AsyncSession) -> None:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(session.get_bind(), "before_cursor_execute", note)
    taken = []
    for people in (2, 3_000):
        statements.clear()
        rows = "".join(f"u{n}@x.org,U {people},Eng,,u{(n + 1)}@x.org\n" for n in range(people))
        rows += f"u{people}@x.org,Last,,,\n"
        await imported.run("email,name,department,role,manager_email\n" + rows, dry_run=False)
        taken.append(len(statements))
    event.remove(session.get_bind(), "before_cursor_execute", note)
    assert max(taken) <= 7


async def test_another_organization_is_not_touched(
    imported: Importing, session: AsyncSession, organization: Any
) -> None:
    await imported(f"email,name,manager_email\n{organization.member.email},Mine,owner@x.org\n")
    theirs = await queries.user(session, org_id=organization.id, user_id=organization.member.id)
    assert theirs is not None
    assert theirs.name == "member of Acme"
    answer = await imported.run(
        f"email,name,manager_email\nx@x.org,X,{organization.admin.email}\n", dry_run=True
    )
    assert [error.field for error in answer.errors] == ["manager_email"]
