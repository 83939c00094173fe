"""Reads about people. Every one names its organisation, except the one that sign-in begins with."""

from toktra.people.model import User
from toktra.people.queries.labels import Labels, labels
from toktra.people.queries.listing import UserFilter, user_answer, user_ids_within, user_within_reach, users
from toktra.people.queries.lookups import (
    admin_emails,
    department,
    department_and_above,
    department_and_below,
    has_budget,
    has_usage,
    organization,
    parents,
    root_department,
    time_zone,
    user,
    user_and_above,
    user_by_email,
    users_by_email_anywhere,
    users_by_id,
)
from toktra.people.queries.tree import department_answer, department_paths, managers_above, tree

__all__ = [
    "Labels",
    "User",
    "UserFilter",
    "admin_emails",
    "department",
    "department_and_above",
    "department_and_below",
    "department_answer",
    "department_paths",
    "has_budget",
    "has_usage",
    "labels",
    "managers_above",
    "organization",
    "parents",
    "root_department",
    "time_zone",
    "tree",
    "user",
    "user_and_above",
    "user_answer",
    "user_by_email",
    "user_ids_within",
    "user_within_reach",
    "users",
    "users_by_email_anywhere",
    "users_by_id",
]
