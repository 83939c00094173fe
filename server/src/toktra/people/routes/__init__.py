"""HTTP of people: the organisation, its users, its departments, and the import of both."""

from toktra.people.routes.departments import (
    change_department,
    create_department,
    delete_department,
    get_departments,
)
from toktra.people.routes.organization import change_organization, get_organization
from toktra.people.routes.roster import import_users
from toktra.people.routes.users import change_user, create_user, get_user, list_users

ROUTES = [
    get_organization,
    change_organization,
    list_users,
    create_user,
    get_user,
    change_user,
    import_users,
    get_departments,
    create_department,
    change_department,
    delete_department,
]
