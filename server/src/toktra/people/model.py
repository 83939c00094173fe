"""Tables of people: organisations, the department tree, users. Every key begins with the organisation."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from toktra.kit.database import Model


class Organization(Model):
    """One customer; nothing is shared between two."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    currency: Mapped[str]
    region: Mapped[str]
    created_at: Mapped[datetime]


class Department(Model):
    """A node of the organisation's one tree; the node without a parent stands for the organisation."""

    __tablename__ = "departments"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None]
    name: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "parent_id"], ["departments.org_id", "departments.id"]),
        Index("departments_one_root", "org_id", unique=True, postgresql_where=text("parent_id IS NULL")),
        Index("departments_sibling_name", "org_id", "parent_id", func.lower(text("name")), unique=True),
    )


class User(Model):
    """Someone who works in the organisation. `email` is kept in lower case."""

    __tablename__ = "users"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    department_id: Mapped[UUID]
    manager_id: Mapped[UUID | None]
    role: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "department_id"], ["departments.org_id", "departments.id"]),
        ForeignKeyConstraint(["org_id", "manager_id"], ["users.org_id", "users.id"]),
        Index("users_email_key", "org_id", "email", unique=True),
        Index("users_by_email", "email"),
        Index("users_by_department", "org_id", "department_id"),
        Index("users_by_manager", "org_id", "manager_id"),
    )
