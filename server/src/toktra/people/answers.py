"""What the API says about people, departments and the organisation."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from toktra.access.rules import Role
from toktra.people.model import Organization, User

Status = Literal["active", "suspended"]


class OrganizationAnswer(Struct, frozen=True):
    """The organisation. `time_zone` is the one its days, weeks and budget periods are counted in."""

    id: UUID
    name: str
    time_zone: str
    currency: str
    region: str
    created_at: datetime

    @classmethod
    def of(cls, organization: Organization) -> "OrganizationAnswer":
        return cls(
            id=organization.id,
            name=organization.name,
            time_zone=organization.time_zone,
            currency=organization.currency,
            region=organization.region,
            created_at=organization.created_at,
        )


class UserAnswer(Struct, frozen=True):
    """Someone who works in the organisation."""

    id: UUID
    email: str
    name: str
    role: Role
    status: Status
    department_id: UUID
    department: str
    department_path: Annotated[str, Meta(description="From the root, such as `Acme / Engineering`")]
    manager_id: UUID | None
    manager_email: str | None
    created_at: datetime

    @classmethod
    def of(cls, user: User, names: tuple[str, ...], manager_email: str | None) -> "UserAnswer":
        """`names` lead from the root to the user's department."""
        return cls(
            id=user.id,
            email=user.email,
            name=user.name,
            role=Role(user.role),
            status="active" if user.status == "active" else "suspended",
            department_id=user.department_id,
            department=names[-1],
            department_path=" / ".join(names),
            manager_id=user.manager_id,
            manager_email=manager_email,
            created_at=user.created_at,
        )


class DepartmentAnswer(Struct, frozen=True):
    """One department, without those below it."""

    id: UUID
    name: str
    parent_id: UUID | None
    path: Annotated[str, Meta(description="From the root, such as `Acme / Engineering`")]


class DepartmentNode(Struct, frozen=True):
    """A department with everything below it."""

    id: UUID
    name: str
    parent_id: UUID | None
    path: str
    people: Annotated[int, Meta(description="Active users directly in it")]
    children: list["DepartmentNode"]


class DepartmentTree(Struct, frozen=True):
    """The departments within the caller's reach."""

    root: DepartmentNode


class ImportedChange(Struct, frozen=True):
    """What a row makes or changes: the fields that differ, before and after."""

    row: int
    email: str
    action: Literal["create", "update"]
    before: dict[str, str | None] | None
    after: dict[str, str | None]


class WrongCell(Struct, frozen=True):
    """What is wrong with a row. The header is row 1."""

    row: int
    field: str
    reason: str


class ImportAnswer(Struct, frozen=True):
    """What an import did, or would do when `dry_run`."""

    dry_run: bool
    created: int
    updated: int
    unchanged: int
    departments_created: Annotated[list[str], Meta(description="Paths of new departments, the first 100")]
    changes: Annotated[list[ImportedChange], Meta(description="The first 100")]
    errors: Annotated[list[WrongCell], Meta(description="The first 100")]
    error_count: int
