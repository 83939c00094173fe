"""Many users in one statement each, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    String,
    Uuid,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from toktra.people.model import User
from toktra.people.rules import Person
from toktra.people.service.placing import settled


@dataclass(frozen=True, slots=True)
class Known:
    """Ids by e-mail, old and new, and what the planned departments have become."""

    ids: dict[str, UUID]
    departments: dict[int, UUID]


_COLUMNS: dict[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "email": String(),
    "name": String(),
    "department_id": Uuid(),
    "manager_id": Uuid(),
    "role": String(),
}
_GIVEN = (
    func.unnest(*(bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in _COLUMNS.items()))
    .table_valued(*(column(name, kind) for name, kind in _COLUMNS.items()), name="given")
    .render_derived()
)
_INSERT = (
    insert(User)
    .from_select(
        ["org_id", "status", "created_at", *_COLUMNS],
        select(
            bindparam("org", type_=Uuid()),
            literal("active"),
            bindparam("made_at", type_=DateTime(timezone=True)),
            *_GIVEN.c,
        ),
    )
    .execution_options(dml_strategy="raw")
)
_UPDATE = (
    update(User)
    .where(User.org_id == bindparam("org", type_=Uuid()), User.id == _GIVEN.c.id)
    .values({name: _GIVEN.c[name] for name in _COLUMNS if name not in ("id", "email")})
    .execution_options(dml_strategy="core_only")
)


async def insert_people(
    session: AsyncSession, *, org_id: UUID, people: Sequence[Person], known: Known, now: datetime
) -> None:
    """Make these users, active. Managers may be among them."""
    await session.execute(_INSERT, {**_columns(people, known), "org": org_id, "made_at": now})


async def update_people(
    session: AsyncSession, *, org_id: UUID, people: Sequence[Person], known: Known
) -> None:
    """Bring these users to what they are to be; the e-mail says who is meant."""
    await session.execute(_UPDATE, {**_columns(people, known), "org": org_id})


def _columns(people: Sequence[Person], known: Known) -> dict[str, list[Any]]:
    return {
        "ids": [known.ids[one.email] for one in people],
        "emails": [one.email for one in people],
        "names": [one.name for one in people],
        "department_ids": [settled(one.department, known.departments) for one in people],
        "manager_ids": [known.ids[one.manager_email] if one.manager_email else None for one in people],
        "roles": [one.role.value for one in people],
    }
