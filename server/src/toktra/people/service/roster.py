"""Import of people and departments from a CSV file: all of it, or nothing.

I4: the dry run and the real run are one plan; the real run then writes exactly it.
I5: the number of statements does not grow with the number of rows.
"""

from asyncio import to_thread
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec import to_builtins
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from toktra.access.rules import Role
from toktra.kit.errors import Invalid
from toktra.people.answers import ImportAnswer, ImportedChange, WrongCell
from toktra.people.model import User
from toktra.people.rules import Change, Person, Plan, Roster, RowError, Tree, plan, read_sheet
from toktra.people.service.bulk import Known, insert_people, update_people
from toktra.people.service.locking import lock_organization
from toktra.people.service.placing import insert_departments, load_nodes
from toktra_wire.ids import new_id

SHOWN = 100


class ImportRefused(Invalid):
    """There are errors in the file, so nothing was written."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    roster: Roster
    ids: dict[str, UUID]


async def import_people(
    session: AsyncSession, *, org_id: UUID, content: bytes, dry_run: bool, now: datetime
) -> ImportAnswer:
    """What the file changes; changed already, unless `dry_run`."""
    if not dry_run:
        await lock_organization(session, org_id)
    loaded = await _load(session, org_id)
    sheet = await to_thread(read_sheet, content)  # seconds for the largest files: others are served meanwhile
    planned = await to_thread(plan, loaded.roster, sheet.rows)
    answer = _answer(planned, [*sheet.errors, *planned.errors], dry_run=dry_run)
    if answer.error_count and not dry_run:
        first = answer.errors[0]
        raise ImportRefused(
            f"Nothing was written: the file has {answer.error_count:,} errors. The first: row {first.row}, "
            f"{first.field}: {first.reason}",
            **{"field": first.field, "reason": first.reason, **to_builtins(answer)},
        )
    if not dry_run:
        await _write(session, org_id, planned, loaded.ids, now)
    return answer


async def _load(session: AsyncSession, org_id: UUID) -> _Loaded:
    manager = aliased(User)
    rows = await session.execute(
        select(User.id, User.email, User.name, User.department_id, User.role, manager.email.label("manager"))
        .outerjoin(manager, (manager.org_id == User.org_id) & (manager.id == User.manager_id))
        .where(User.org_id == org_id)
    )
    people: dict[str, Person] = {}
    ids: dict[str, UUID] = {}
    for row in rows:
        ids[row.email] = row.id
        people[row.email] = Person(row.email, row.name, row.department_id, Role(row.role), row.manager)
    return _Loaded(Roster(people, await load_nodes(session, org_id)), ids)


async def _write(
    session: AsyncSession, org_id: UUID, planned: Plan, ids: dict[str, UUID], now: datetime
) -> None:
    departments = await insert_departments(session, org_id=org_id, nodes=planned.departments, now=now)
    new = [change.after for change in planned.changes if change.before is None]
    changed = [change.after for change in planned.changes if change.before is not None]
    ids |= {person.email: new_id() for person in new}
    known = Known(ids, departments)
    await insert_people(session, org_id=org_id, people=new, known=known, now=now)
    await update_people(session, org_id=org_id, people=changed, known=known)


def _answer(planned: Plan, errors: Sequence[RowError], *, dry_run: bool) -> ImportAnswer:
    errors = sorted(errors, key=lambda error: (error.row, error.field))
    created = sum(1 for change in planned.changes if change.before is None)
    return ImportAnswer(
        dry_run=dry_run,
        created=created,
        updated=len(planned.changes) - created,
        unchanged=planned.unchanged,
        departments_created=[planned.tree.path(node.id) for node in planned.departments[:SHOWN]],
        changes=[_shown(planned.tree, change) for change in planned.changes[:SHOWN]],
        errors=[WrongCell(error.row, error.field, error.reason) for error in errors[:SHOWN]],
        error_count=len(errors),
    )


def _shown(tree: Tree, change: Change) -> ImportedChange:
    """The fields that differ; of a new user all."""
    after = _fields(tree, change.after)
    if change.before is None:
        return ImportedChange(change.row, change.after.email, "create", None, after)
    before = _fields(tree, change.before)
    differ = [field for field in after if after[field] != before[field]]
    return ImportedChange(
        change.row,
        change.after.email,
        "update",
        {field: before[field] for field in differ},
        {field: after[field] for field in differ},
    )


def _fields(tree: Tree, person: Person) -> dict[str, str | None]:
    return {
        "name": person.name,
        "department": tree.path(person.department),
        "role": person.role.value,
        "manager_email": person.manager_email,
    }
