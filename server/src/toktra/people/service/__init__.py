"""Use cases of people. Each one that writes first locks the organisation's row, so that they take turns."""

from toktra.people.service.departments import (
    change_department,
    create_department,
    delete_department,
)
from toktra.people.service.organizations import change_organization, create_organization
from toktra.people.service.placing import find_or_create_department
from toktra.people.service.roster import import_people
from toktra.people.service.users import UserChanges, add_user, change_user, create_user

__all__ = [
    "UserChanges",
    "add_user",
    "change_department",
    "change_organization",
    "change_user",
    "create_department",
    "create_organization",
    "create_user",
    "delete_department",
    "find_or_create_department",
    "import_people",
]
